"""MTEB's result of a task, as its ``TaskResult`` writes it: one file a pipeline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from harness.errors import UsageError
from harness.export.figures import Told, plain
from harness.export.target import Asked, Target, fresh, library, telling

_TASKS = ("retrieval", "sts")
_ENGLISH = (None, "english", "en")
_UNDETERMINED = "und-Zyyy"


def _write(pipelines: Sequence[Told], asked: Asked) -> list[str]:
    if pipelines[0].bundle.task not in _TASKS:
        raise UsageError(
            f"--to mteb is for the tasks retrieval and sts, and this bundle's is {pipelines[0].bundle.task}"
        )
    mteb = library("mteb", "mteb")
    out = fresh(asked.out)
    said = []
    for one, name in zip(pipelines, _folders(pipelines, asked), strict=True):
        result = mteb.TaskResult(**content(one, asked))
        path = out / name / f"{_safe(result.task_name)}.json"
        path.parent.mkdir()
        with telling("mteb", str(path)):
            result.to_disk(path)
        said.append(f"MTEB result: {path}")
    return said


def _folders(pipelines: Sequence[Told], asked: Asked) -> list[str]:
    """A folder's name for each pipeline, no two alike where file names have no case."""
    several, used = len(pipelines) > 1, set[str]()
    found = []
    for one in pipelines:
        base = asked.name or one.name
        wanted = name = _safe(f"{base}-{one.name}" if asked.name and several else base)
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{wanted}-{number}"
        used.add(name.casefold())
        found.append(name)
    return found


def _safe(name: str) -> str:
    return re.sub(r"[^\w@+-]+", "-", name, flags=re.ASCII)[:100] or "result"


def content(one: Told, asked: Asked) -> dict[str, Any]:
    """What a ``TaskResult`` is made of; ``intervals`` hold each figure's count and limits."""
    suite = one.bundle.content["suite"]
    language = str(suite["language"]).lower() if suite.get("language") else None
    scores: dict[str, Any] = {plain(figure.measure): figure.value for figure in one.figures}
    scores |= {
        "main_score": one.primary.value,
        "hf_subset": "default",
        "languages": ["eng-Latn" if language in _ENGLISH else _UNDETERMINED],
        "intervals": {
            plain(figure.measure): {"n": figure.n, "low": figure.low, "high": figure.high}
            for figure in one.figures
        },
    }
    return {
        "task_name": asked.task or one.suite,
        "dataset_revision": str(
            one.dataset.get("revision") or f"encoder-harness:{str(suite.get('digest', ''))[:12]}"
        ),
        "mteb_version": None,
        "scores": {str(one.dataset.get("split", "test")): [scores]},
        "evaluation_time": None,
        **({"date": one.date} if one.date else {}),
    }


TARGET = Target("mteb", "MTEB's result JSON", _write, frozenset({"task", "name"}))
