"""What a run would do, before it does anything: ``harness plan``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from harness.config import LoadedConfig
from harness.errors import DataError, HarnessError
from harness.models.folders import Permissions
from harness.plan import passages, speed
from harness.plan.foreseeing import Foreseeing
from harness.plan.planned import Plan
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.stages import Planned, models_of
from harness.store import open_store
from harness.store.folder import folder_for
from harness.tasks import steps_for, task_of
from harness.units import size_text


def plan(config: LoadedConfig, progress: Progress, *, calibrate: bool = True) -> Plan:
    """Return what a run of a config would do. Nothing is downloaded; models are loaded only to time them.

    Raises a HarnessError for a config that could not run.
    """
    task = task_of(config.suite)
    task.check(config.suite)
    steps = steps_for(config)
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    needed = config.suite.settings.dataset.get("max_tokens")
    bench = Workbench(
        config,
        Permissions(offline=True, why="a plan fetches nothing"),
        progress,
        needed,
        store,
        may_train=False,
    )
    downloads: list[str] = []
    for name in models_of(steps):  # one at a time: what is missing is no error here
        try:
            bench.find_models([name])
        except HarnessError as error:
            downloads += [error.message, *error.details]
    data: Any = None
    from harness.plan.offline import go_offline

    go_offline("a plan")
    try:
        data = task.load(config)
    except DataError as error:
        downloads.append(f"data: {error}")
    if data is not None and calibrate:
        passages.check(config, bench, data)
    view = Foreseeing(bench, data, steps, calibrate)
    made = [*_together(view.planned()), *_timing(config)]
    limit = bench.budget.limit
    peak = view.peak()
    notes = []
    if store is None:
        notes.append("there is no store: everything is computed, and nothing is kept")
    if peak > limit:
        notes.append(f"about {size_text(peak)} are needed, over the memory limit of {size_text(limit)}")
    if any(step.at_most for step in made):
        notes.append("'up to': how many pairs there are is known once the first stages have searched")
    where = None if root is None else str(root)
    return Plan(config.name, tuple(made), tuple(dict.fromkeys(downloads)), where, peak, limit, tuple(notes))


def _together(made: Iterator[Planned]) -> list[Planned]:
    """Work that several steps share (one model's sentences, under several similarities) is done once."""
    found: dict[str, Planned] = {}
    for planned in made:
        there = found.get(planned.step)
        users = () if there is None else there.shared_by
        found[planned.step] = replace(
            there or planned, shared_by=tuple(dict.fromkeys((*users, *planned.shared_by)))
        )
    return list(found.values())


def _timing(config: LoadedConfig) -> list[Planned]:
    """What the timing profile comes to; nothing where it is off."""
    users = speed.row(config).shared_by
    if speed.wanted(config) is None or not users:
        return []
    what = f"timing, profile {config.settings.timing}"
    return [Planned(what, users, len(users), "pipelines", seconds=speed.seconds(config))]


__all__ = ["Plan", "Planned", "plan"]
