"""The hub's model card: ``model-index`` in the front matter of README.md, and files of ``.eval_results``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.export.figures import Told, plain
from harness.export.target import Asked, Target, fresh, library, telling
from harness.text import flowing

_TASKS = {"retrieval": "text-ranking", "sts": "sentence-similarity"}
_SPACE = "https://pypi.org/project/encoder-harness/"


def _write(pipelines: Sequence[Told], asked: Asked) -> list[str]:
    (one,) = pipelines
    if asked.push and asked.repo is None:
        raise UsageError("--push to the hub needs --repo OWNER/NAME, the model's repository")
    for option, value in (("repo", asked.repo), ("dataset", asked.dataset)):
        if value is not None and not re.fullmatch(r"[\w.-]+/[\w.-]+", value):
            raise UsageError(f"--{option} {value!r} is not OWNER/NAME, as the hub calls it")
    hub = library("huggingface_hub", "demo")
    out = fresh(asked.out)
    data = hub.ModelCardData(
        model_name=asked.name or asked.repo or one.name,
        eval_results=results(hub, one, asked),
        tags=["encoder-harness"],
    )
    lines = [
        flowing(f"{asked.name or asked.repo or one.name} on {one.suite}, measured by encoder-harness."),
        "",
    ]
    lines += [f"- {figure.measure}: {figure.value:.4f} ({figure.words})" for figure in one.figures]
    card = out / "README.md"
    card.write_text(f"---\n{data.to_yaml()}\n---\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    said = [f"Model card: {card}"]
    files = [card]
    name = asked.dataset or one.dataset.get("hub")
    if name is None:
        said.append(
            "No .eval_results: the suite's data is not of the hub; --dataset OWNER/NAME says which of the hub's it is"
        )
    else:
        files.append(_entries(hub, one, str(name), out))
        said.append(f"Evaluation results: {files[-1]}")
    if asked.push:
        _push(hub, data, files[1:], out, str(asked.repo))
        said.append(f"Pushed to https://huggingface.co/{asked.repo}")
    return said


def results(hub: Any, one: Told, asked: Asked) -> list[Any]:
    """A pipeline's figures as ``huggingface_hub.EvalResult``, count and interval among ``metric_args``."""
    kind, name = _data_set(one, asked)
    return [
        hub.EvalResult(
            task_type=_TASKS.get(one.bundle.task, one.bundle.task),
            dataset_type=kind,
            dataset_name=name,
            dataset_revision=one.dataset.get("revision"),
            metric_type=plain(figure.measure),
            metric_name=figure.measure,
            metric_value=figure.value,
            metric_args={
                "n": figure.n,
                "interval_95": None if figure.low is None else [figure.low, figure.high],
            },
            source_name=f"encoder-harness {one.packages.get('encoder-harness', '')}".strip(),
            source_url=_SPACE,
        )
        for figure in one.figures
    ]


def _data_set(one: Told, asked: Asked) -> tuple[str, str]:
    """What the data is called, for machines and for people."""
    said = one.dataset
    known = asked.dataset or said.get("hub") or said.get("ir_datasets") or said.get("beir")
    return str(known or one.suite), one.suite


def _entries(hub: Any, one: Told, dataset: str, out: Path) -> Path:
    """Write the newer form: one file a data set, an entry a measure."""
    import yaml

    entries = [
        hub.EvalResultEntry(
            dataset_id=dataset,
            task_id=plain(figure.measure),
            value=figure.value,
            dataset_revision=one.dataset.get("revision"),
            date=one.date or None,
            source_url=_SPACE,
            source_name="encoder-harness",
            notes=f"pipeline {one.name}; {figure.words}",
        )
        for figure in one.figures
    ]
    path = out / ".eval_results" / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', one.suite)}.yaml"
    path.parent.mkdir()
    path.write_text(
        yaml.safe_dump(hub.eval_result_entries_to_yaml(entries), sort_keys=False), encoding="utf-8"
    )
    return path


def _push(hub: Any, data: Any, files: Sequence[Path], out: Path, repo: str) -> None:
    """Merge the metadata into the repository's card, and put the files beside it."""
    with telling("the hub", repo):
        metadata = {key: value for key, value in data.to_dict().items() if key in ("model-index", "tags")}
        hub.metadata_update(repo, metadata, overwrite=True)
        for path in files:
            hub.upload_file(
                path_or_fileobj=str(path), path_in_repo=path.relative_to(out).as_posix(), repo_id=repo
            )


TARGET = Target(
    "hub",
    "a model card's model-index, and .eval_results",
    _write,
    frozenset({"repo", "dataset", "name"}),
    pushes=True,
    one=True,
)
