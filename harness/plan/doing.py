"""A task's steps done, whichever task it is: each kind of step has one place that does it.

Results come one step at a time, so that what is done can be shown, and survives an interruption.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from harness.config import LoadedConfig
from harness.config.pipelines import unrolled_names
from harness.plan import searching, sentences
from harness.plan.sharing import users_of
from harness.plan.workbench import Workbench
from harness.tasks.base import Encode, ScoreSentences, Step


def do(bench: Workbench, steps: Sequence[Step], data: Any) -> Iterator[tuple[Step, Any]]:
    """Do steps on a task's data, and yield each with its result. All steps of a task are over the same kind of data."""
    if any(isinstance(step, ScoreSentences) for step in steps):
        return sentences.score(bench, steps, data.pairs)
    if any(isinstance(step, Encode) for step in steps):
        return sentences.encode(bench, steps, data.all_texts)
    return searching.search(bench, steps, data)


def finished(config: LoadedConfig, steps: Sequence[Step], done: Sequence[Step]) -> LoadedConfig:
    """Return a config with those of its pipelines alone that need no further step."""
    waiting = {name for step in steps if step not in done for name in users_of(config, step)}
    kept = {
        name: pipeline
        for name, pipeline in config.settings.pipelines.items()
        if not waiting & set(unrolled_names(name, pipeline))
    }
    return narrowed(config, kept)


def narrowed(config: LoadedConfig, names: Sequence[str] | dict[str, Any]) -> LoadedConfig:
    """Return a config with some of its pipelines alone, as they are named in it, and what these are fused from."""
    every = config.settings.pipelines
    wanted = set(names) | {part for name in names for part in every[name].fuse or ()}
    kept = {"pipelines": {name: every[name] for name in every if name in wanted}, "compare": None}
    return replace(config, settings=config.settings.model_copy(update=kept))
