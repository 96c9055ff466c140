"""What a suite can ask for. A registry, so that nobody else ever asks which task it is."""

from __future__ import annotations

from typing import Any

from harness import plugins
from harness.config import LoadedConfig, LoadedSuite
from harness.errors import listed, nearest
from harness.plugins import Extended
from harness.stages import FORMS, Step, steps_of
from harness.tasks.base import Task
from harness.tasks.classification import ClassificationTask
from harness.tasks.clustering import ClusteringTask
from harness.tasks.pair_classification import PairClassificationTask
from harness.tasks.retrieval import RetrievalTask
from harness.tasks.sts import StsTask

_ALL: tuple[Task, ...] = (
    RetrievalTask(),
    StsTask(),
    ClassificationTask(),
    PairClassificationTask(),
    ClusteringTask(),
)


def _plugged(name: str, task: Any) -> Task:
    """A task, or a class that makes one without arguments."""
    made = task() if isinstance(task, type) else task
    lacking = [part for part in ("name", "data", "check", "load", "assemble") if not hasattr(made, part)]
    if lacking:
        raise ValueError(f"it has no {listed(lacking)}")
    if made.name != name:
        raise ValueError(f"the task is called {made.name!r}")
    return made  # type: ignore[no-any-return]


#: Every task by name, those of plug-ins too.
TASKS: Extended[Task] = Extended({task.name: task for task in _ALL}, plugins.TASKS, _plugged)


def steps_for(config: LoadedConfig) -> tuple[Step, ...]:
    """Return the smallest set of steps for a config's pipelines. Raises ConfigError for a pipeline on other data."""
    task = task_of(config.suite)
    for name, pipeline in config.pipelines.items():
        if pipeline.data != task.data:
            form = next(form for form in FORMS if form.data == task.data)
            raise config.fail(
                f"suite {config.suite.name} has the task {task.name}, where a pipeline is {form.written[0][0]}; "
                f"{name!r} works on {pipeline.data}",
                "pipelines",
                pipeline.given,
            )
    return steps_of(config.pipelines.values())


def task_of(suite: LoadedSuite) -> Task:
    """Return a suite's task. Raises ConfigError for one that is unknown."""
    name = suite.settings.task
    if name not in TASKS:
        raise suite.fail(f"unknown task {name!r}{nearest(name, TASKS)}; valid are {listed(TASKS)}", "task")
    return TASKS[name]
