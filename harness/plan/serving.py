"""From a config to services that timing can drive: each pipeline in a fresh process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import harness
from harness.config import LoadedConfig
from harness.errors import NotComparableError
from harness.plan.opening import Opening
from harness.timing.environment import read_environment
from harness.timing.process import Launch, ProcessService, Timeouts, thread_environment
from harness.timing.service import ServiceFactory

MODULE = "harness.worker"


class NotTimeable(NotComparableError):  # noqa: N818
    """A pipeline that searches nothing itself, and so has no speed of its own."""


@dataclass(frozen=True)
class ServingSetup:
    """How workers are started.

    Attributes:
        python: the interpreter, of this or of another environment; None is this one.
        offline: whether the network is forbidden.
        threads: of every library; None is min(affinity, cgroup quota, physical cores).
        timeouts: when a worker counts as hung.
    """

    python: Path | None = None
    offline: bool = False
    threads: int | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)


def not_timeable(config: LoadedConfig, pipeline: str) -> str | None:
    """Return why a pipeline has no speed; None where it has one. Raises UsageError for an unknown name."""
    why = config.with_only([pipeline]).pipelines[pipeline].stage.untimed
    return f"{pipeline}: {why}" if why else None


def service_factories(
    config: LoadedConfig, pipelines: Sequence[str], setup: ServingSetup
) -> dict[str, ServiceFactory]:
    """Return for each pipeline, by its unrolled name, what starts a fresh worker that serves it alone.

    Raises:
        UsageError: a name that the config does not have.
        NotTimeable: a pipeline that is a run file, or fuses one; ask :func:`not_timeable` before.
    """
    problems = [problem for name in pipelines if (problem := not_timeable(config, name))]
    if problems:
        raise NotTimeable("; ".join(problems))
    threads = setup.threads or read_environment().threads
    variables = environment(setup.python, threads)
    python = sys.executable if setup.python is None else str(setup.python)
    factories: dict[str, ServiceFactory] = {}
    for name in pipelines:
        what = Opening(config, name, threads, setup.offline).as_json()
        command = (python, "-m", MODULE)
        launch = Launch(name, command, what, harness.__version__, variables, setup.timeouts)
        factories[name] = partial(ProcessService, launch)
    return factories


def environment(python: Path | None, threads: int, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a worker's environment variables: those ``given`` (of this process), and the thread limits.

    A worker of this interpreter imports from where this process does. One of another interpreter imports
    from its own environment alone: nothing of this one, nor of the current folder, must stand before it.
    """
    kept = dict(os.environ if given is None else given)
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"):
        if name != "PYTHONHOME" or python is not None:
            kept.pop(name, None)
    if python is None:
        kept["PYTHONPATH"] = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {**kept, **thread_environment(threads), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
