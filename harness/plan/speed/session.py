"""The timing part of a run: from a config and what its quality was computed with, to the bundle's timings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness.config import LoadedConfig
from harness.models.loading import ModelRequest
from harness.plan.memory import own_bytes
from harness.plan.opening import as_served
from harness.plan.serving import ServingSetup, not_timeable, service_factories
from harness.plan.speed.budget import RUNTIME_BYTES, estimate_seconds, group_note, grouped
from harness.plan.speed.measuring import Plan, SpeedOptions, Timed, control_of, measure
from harness.plan.speed.subjects import Subject, material_of, shared_from, timeable
from harness.plan.workbench import Workbench
from harness.progress import SECONDS, Progress, Row
from harness.tasks.base import Outcome
from harness.timing import figures
from harness.timing.clock import NS_PER_S, Clock, ClockError, MonotonicClock
from harness.timing.load_curve import LatencyBound
from harness.timing.profiles import Profile, profile_named
from harness.units import size_text

_ROW = "timing"


@dataclass(frozen=True, eq=False)
class Job:
    """A run whose quality is known.

    Attributes:
        config: of the run.
        data: of its suite.
        outcome: with the runs found.
        bench: with its models' files and its memory limit.
    """

    config: LoadedConfig
    data: Any
    outcome: Outcome
    bench: Workbench

    @property
    def offline(self) -> bool:
        """Whether the network is forbidden."""
        return self.bench.permissions.offline


def wanted(config: LoadedConfig) -> Profile | None:
    """The profile that a config asks for; None where it is off."""
    return profile_named(config.settings.timing)


def bound_of(config: LoadedConfig) -> LatencyBound | None:
    """The bound that a config gives for the highest rate."""
    given = config.settings.p99_bound
    return None if given is None else LatencyBound(round(given * 1e6))


def row(config: LoadedConfig) -> Row:
    """What a live view shows of timing."""
    return Row(_ROW, tuple(subject.name for subject in timeable(config)))


def seconds(config: LoadedConfig) -> float:
    """About how long timing takes."""
    profile, subjects = wanted(config), timeable(config)
    if profile is None or not subjects:
        return 0.0
    kinds = sum(len(subject.kinds) for subject in subjects)
    return estimate_seconds(profile, len(subjects), offline_kinds=kinds, bound=bound_of(config) is not None)


def worker_bytes(config: LoadedConfig, requests: Mapping[str, ModelRequest]) -> dict[str, int]:
    """About what each pipeline's worker takes: its libraries, and its models' files."""
    sizes = {}
    for subject in timeable(config):
        used = [requests[name] for name in config.pipelines[subject.name].models if name in requests]
        sizes[subject.name] = RUNTIME_BYTES + sum(_model_bytes(request) for request in used)
    return sizes


def time_pipelines(job: Job, progress: Progress) -> Timed | None:
    """Time a run's pipelines in processes of their own; None where its profile is off.

    A clock that goes backwards voids the timings and leaves the quality.

    Raises:
        NotComparableError: zero queries.
    """
    config = job.config
    profile, subjects = wanted(config), timeable(config)
    if profile is None:
        return None
    if not subjects:
        return Timed(
            {}, {}, {}, (f"timing: {profile.name} was asked for, and no pipeline here can be timed",)
        )
    clock, limit = MonotonicClock(), job.bench.budget.limit
    sizes = worker_bytes(config, job.bench.requests)
    sizes[control_of(subjects)] *= 2  # it is measured against its own copy
    groups = grouped(sizes, max(0, limit - own_bytes()))
    note = group_note(groups, size_text(limit))
    setup = ServingSetup(offline=job.offline)
    served = as_served(config, job.bench.requests)
    factories = service_factories(served, [subject.name for subject in subjects], setup)
    material = material_of(config, job.data, job.outcome)
    notes = (*untimed(config), *([note] if note else []))
    plan = Plan(factories, subjects, material, groups, shared_from(config), notes)
    with ticking(progress, f"{_ROW} {profile.name}", seconds(config), clock) as tick:
        options = SpeedOptions(profile, bound_of(config), config.settings.seed, clock, tick)
        try:
            timed = measure(plan, options)
        except ClockError as error:
            timed = void(profile, subjects, str(error))
    for name, part in timed.pipelines.items():
        if part["invalid"]:
            progress.note(f"timing of {name}: {part['invalid']}")
    return timed


def untimed(config: LoadedConfig) -> list[str]:
    """Why some pipelines have no speed, in sentences."""
    reasons = [not_timeable(config, name) for name in config.pipelines]
    return [reason for reason in reasons if reason is not None]


def void(profile: Profile, subjects: Sequence[Subject], why: str) -> Timed:
    """Timings that say only why there are none."""
    parts = {one.name: {"invalid": why, **figures.derived({}), "worker": {}} for one in subjects}
    return Timed(
        {"profile": profile.name, "sets": 0, "blocks": 0, "notes": [why]}, parts, {}, (f"timing: {why}",)
    )


#: Work that takes longer than foreseen says so as often as this.
_LATE_S = 20


@contextmanager
def ticking(progress: Progress, what: str, about_s: float, clock: Clock) -> Iterator[Callable[[], None]]:
    """Show a piece of work of about so many seconds; yields what moves it on, cheap to call often."""
    total = max(1, round(about_s))
    done, late = 0, 0
    started_ns = clock.now_ns()
    with progress.task(what, total, SECONDS) as advance:

        def tick() -> None:
            nonlocal done, late
            passed = (clock.now_ns() - started_ns) // NS_PER_S
            # What takes longer than foreseen stays just below its end, and says so.
            more = min(passed, total - 1) - done
            if more > 0:
                done += more
                advance(more)
            if passed - max(late, total) >= _LATE_S:
                late = passed
                progress.note(f"{what}: {passed:,} s so far; about {total:,} s were foreseen")

        yield tick
        advance(total - done)


def _model_bytes(request: ModelRequest) -> int:
    return sum(file.stat().st_size for folder in request.folders for file in folder.weights)
