"""Results of others as a bundle: MTEB's TaskResult as JSON, and the CSV of sentence-transformers' evaluators.

They hold aggregates and no scores of single items. So does the bundle: it has values, without counts and intervals, and
what needs queries (compare, gate, select, average) says so. Nothing is computed here.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import manifest
from harness.errors import DataError, UsageError, listed, nearest
from harness.results import bundle, target, writing
from harness.results.bundle import Bundle
from harness.results.digests import content_digest, file_digest
from harness.results.versions import SCHEMA
from harness.values import check_name

_RETRIEVAL = ("ndcg", "map", "mrr", "recall", "precision", "hit_rate")
#: Theirs -> ours, of measures of whole sets; the first that is there counts.
_OF_SETS = {
    "sts": {"cosine_spearman": "spearman", "cosine_pearson": "pearson"},
    "clustering": {"v_measure": "v_measure"},
    "pair-classification": {
        "cosine_ap": "average_precision", "cosine_accuracy": "best_accuracy", "cosine_f1": "best_f1",
    },
    "classification": {"accuracy": "accuracy", "f1": "macro_f1"},
}  # fmt: skip
#: Of MTEB's type of task or, without it, what it must have of each: the more particular first.
_TELLS = (
    ("retrieval", "ndcg_at_10"), ("sts", "cosine_spearman"), ("pair-classification", "cosine_ap"),
    ("clustering", "v_measure"), ("classification", "accuracy"),
)  # fmt: skip
_ST_COLUMN = re.compile(
    r"(?:(?P<how>[A-Za-z_]+)-)?(?P<name>Accuracy|Precision|Recall|MRR|NDCG|MAP)@(?P<k>[0-9]+)"
)
_ST_NAMES = {
    "Accuracy": "hit_rate", "Precision": "precision", "Recall": "recall", "MRR": "mrr", "NDCG": "ndcg", "MAP": "map",
}  # fmt: skip
_ST_PAIRS = re.compile(r"(?P<how>cosine|dot|euclidean|manhattan)_(?P<name>spearman|pearson)")
_NOTE = "imported: aggregates only, without counts and intervals; what needs queries cannot be said of them"


@dataclass(frozen=True)
class Aggregates:
    """What one file holds: figures by our names for them, and of what.

    Attributes:
        path: the file.
        name: of the pipeline it becomes.
        task: ours.
        data: what it was measured on, as a suite's ``dataset`` says it; ``name`` of the suite.
        figures: measure -> value.
        primary: the measure that theirs decides by.
        told: sentences on what it is.
    """

    path: Path
    name: str
    task: str
    suite: str
    data: Mapping[str, Any]
    figures: Mapping[str, float]
    primary: str
    told: tuple[str, ...] = ()


def import_results(
    files: Sequence[Path],
    out: Path | None = None,
    *,
    names: Sequence[str] = (),
    split: str = "",
    subset: str = "",
) -> Bundle:
    """Make a bundle of results of one task, a pipeline a file, and return it.

    ``names``: of the pipelines, in the order of the files. Raises DataError for what is no such result, or results of
    different tasks or data; UsageError for names, a split or a subset that cannot be.
    """
    if names and len(names) != len(files):
        raise UsageError(
            f"{len(names)} names are given for {len(files)} files; give each its own --name, in their order"
        )
    read = [_read(path, split, subset) for path in files]
    read = [replace(one, name=name) for one, name in zip(read, names, strict=True)] if names else read
    for one in read:
        try:
            check_name(one.name)
        except ValueError as error:
            raise UsageError(
                f"{one.path}: its pipeline would be {one.name!r}, and {error}; name it with --name"
            ) from None
    _check_alike(read)
    started = datetime.now(UTC)
    content = _content(read, started)

    def check(folder: Path) -> None:
        writing.check_target(folder, content["config_digest"])

    with target.reserved(out, f"import-{read[0].suite}", started, check) as folder:
        with writing.writing(folder) as partial:
            writing.write_result(partial, content)
        return bundle.read(folder)


def _check_alike(read: Sequence[Aggregates]) -> None:
    first = read[0]
    for other in read[1:]:
        if (other.task, other.suite) != (first.task, first.suite):
            raise DataError(
                f"{first.path} is of the task {first.suite}, and {other.path} of {other.suite}; a bundle holds one: "
                "import them apart"
            )
        if other.data != first.data:
            apart = [key for key in first.data if first.data[key] != other.data.get(key)]
            raise DataError(
                f"{first.path} and {other.path} are of other data: "
                + ", ".join(f"{key} {first.data[key]} and {other.data.get(key)}" for key in apart)
                + "; their figures do not compare"
            )
    twice = [one.name for one in read if [other.name for other in read].count(one.name) > 1]
    if twice:
        raise UsageError(f"two pipelines would be called {twice[0]!r}; name each with --name")


def _content(read: Sequence[Aggregates], started: datetime) -> dict[str, Any]:
    first = read[0]
    common = [name for name in first.figures if all(name in one.figures for one in read)]
    primary = first.primary if first.primary in common else common[0]
    sources = {one.name: file_digest(one.path) for one in read}
    pipelines = {
        one.name: {
            "kind": "imported",
            "stages": {"source": one.path.name},
            "measures": {name: {"value": one.figures[name], "n": None, "interval": None} for name in common},
            "timing": None,
        }
        for one in read
    }
    told = [*dict.fromkeys(sentence for one in read for sentence in one.told)]
    return {
        "schema": SCHEMA,
        "task": first.task,
        "suite": {"name": first.suite, "version": 1, "dataset": dict(first.data), "reference": {}},
        "config": {"name": f"import-{first.suite}", "seed": 0, "models": {}},
        "config_digest": content_digest({"imported": sources}),
        "primary": primary,
        "measures": common,
        "compare": [],
        "counts": {},
        "notes": [*told, _NOTE],
        "warnings": [],
        "pipelines": pipelines,
        "models": {},
        "result_key": content_digest({"imported": sources}),
        "manifest": {
            "started": started.isoformat(timespec="seconds"),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "packages": manifest.packages(),
            "imported_sha256": sources,
        },
    }


def _read(path: Path, split: str, subset: str) -> Aggregates:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from None
    if path.suffix.lower() == ".csv":
        if split or subset:
            raise UsageError(f"{path}: --split and --subset are for MTEB's results, and this is a CSV")
        return _of_csv(path, text)
    return _of_mteb(path, text, split, subset)


def _of_mteb(path: Path, text: str, split: str, subset: str) -> Aggregates:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: is no JSON ({error}); give MTEB's TaskResult, or a .csv of sentence-transformers"
        ) from None
    if (
        not isinstance(content, dict)
        or "task_name" not in content
        or not isinstance(content.get("scores"), dict)
    ):
        older = isinstance(content, dict) and "mteb_dataset_name" in content
        why = (
            "is a result of MTEB before 1.11, in another form; read it with mteb.TaskResult.from_disk, and write "
            "it anew"
            if older
            else "is no TaskResult of MTEB: it lacks task_name or scores"
        )
        raise DataError(f"{path}: {why}")
    task = str(content["task_name"])
    split = _one(path, "split", split, list(content["scores"]))
    rows = content["scores"][split]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{path}: scores.{split} is no list of objects; the form of another version of MTEB")
    by_subset = {str(row.get("hf_subset")): row for row in rows}
    subset = _one(path, "subset", subset, list(by_subset))
    scores = by_subset[subset]
    ours = next((kind for kind, key in _TELLS if key in scores), None)
    if ours is None:
        raise DataError(
            f"{path}: the scores of {task} are of no task that is known here (it has {listed(list(scores)[:8])}, ...)"
        )
    figures = _figures(path, scores, ours)
    revision, version = content.get("dataset_revision"), content.get("mteb_version")
    return Aggregates(
        path=path,
        name=_model_name(path),
        task=ours,
        suite=task,
        data={"mteb": task, "revision": revision, "split": split, "subset": subset},
        figures=figures,
        primary=next(iter(figures)),
        told=(
            f"MTEB's results of {task} (revision {revision}, split {split}, subset {subset}), by mteb {version}",
        ),
    )


def _figures(path: Path, scores: Mapping[str, Any], task: str) -> dict[str, float]:
    found: dict[str, float] = {}
    if task == "retrieval":
        for key, value in scores.items():
            name, at, depth = key.rpartition("_at_")
            if at and name in _RETRIEVAL and depth.isdigit():
                found[f"{name}@{int(depth)}"] = _number(path, key, value)
        found = {"ndcg@10": found.pop("ndcg@10"), **found}
    else:
        for theirs, ours in _OF_SETS[task].items():
            if theirs in scores:
                found[ours] = _number(path, theirs, scores[theirs])
    return found


def _of_csv(path: Path, text: str) -> Aggregates:
    """Read the CSV of an EmbeddingSimilarityEvaluator or an InformationRetrievalEvaluator: its last row."""
    rows = list(csv.reader(text.splitlines()))
    if len(rows) < 2 or rows[0][:2] != ["epoch", "steps"]:
        raise DataError(
            f"{path}: is no CSV of sentence-transformers' evaluators: its first line should begin with epoch,steps, "
            "and a line of figures follow"
        )
    header, last = rows[0], rows[-1]
    if len(last) != len(header):
        raise DataError(f"{path}:{len(rows)}: {len(last)} columns, where the header has {len(header)}")
    figures: dict[str, float] = {}
    hows: dict[str, None] = {}
    for title, value in zip(header[2:], last[2:], strict=True):
        match = _ST_COLUMN.fullmatch(title) or _ST_PAIRS.fullmatch(title)
        if match is None:
            continue
        how = match["how"] or ""
        hows[how] = None
        if how != next(iter(hows)):
            continue  # of several similarities, the first
        name = f"{_ST_NAMES[match['name']]}@{int(match['k'])}" if "k" in match.groupdict() else match["name"]
        figures[name] = _number(path, title, value)
    if not figures:
        raise DataError(
            f"{path}: none of its columns {listed(header[2:][:8])} is a measure of sentence-transformers' "
            "evaluators of pairs or of retrieval"
        )
    pairs = "spearman" in figures
    others = f"; figures by {listed(list(hows)[1:])} are left out" if len(hows) > 1 else ""
    epoch, steps = last[0], last[1]
    return Aggregates(
        path=path,
        name=path.stem.removesuffix("_results"),
        task="sts" if pairs else "retrieval",
        suite=path.stem.removesuffix("_results"),
        data={"evaluator": path.stem},
        figures=figures,
        primary="spearman"
        if pairs
        else next((n for n in figures if n.startswith("ndcg")), next(iter(figures))),
        told=(
            f"sentence-transformers' evaluator {path.stem}, by {next(iter(hows)) or 'its similarity'}, the last of "
            f"{len(rows) - 1} rows (epoch {epoch}, steps {steps}){others}; which data it was given it does not say",
        ),
    )


def _one(path: Path, what: str, given: str, known: list[str]) -> str:
    if not known:
        raise DataError(f"{path}: holds no {what}")
    if given and given not in known:
        raise UsageError(f"{path}: has no {what} {given!r}{nearest(given, known)}; it has {listed(known)}")
    if not given and len(known) > 1:
        raise UsageError(f"{path}: has several {what}s, {listed(known)}; name one with --{what}")
    return given or known[0]


def _model_name(path: Path) -> str:
    """The model's name, from MTEB's model_meta.json beside the result where there is one, else the file's."""
    try:
        name = json.loads((path.parent / "model_meta.json").read_text(encoding="utf-8"))["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return path.stem
    return str(name).rsplit("/", 1)[-1]


def _number(path: Path, key: str, value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise DataError(f"{path}: {key} is {value!r:.60}, and no finite number")
    return number


__all__ = ["Aggregates", "import_results"]
