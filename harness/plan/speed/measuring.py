"""Driving a profile: closed loop, counters, the A/A control, load, throughput, memory; then the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.plan.speed.budget import CONTROL_ROUNDS
from harness.plan.speed.facts import environment_part, record_of, warnings_of, worker_facts
from harness.plan.speed.subjects import Material, Subject
from harness.timing import figures
from harness.timing.blocks import (
    Besides,
    Measured,
    Recorder,
    ServiceSet,
    measure_closed_loop,
    round_requests,
    turn_order,
)
from harness.timing.clock import Clock, MonotonicClock, measure_overhead
from harness.timing.closed_loop import block_size
from harness.timing.environment import read_environment
from harness.timing.figures import CONTROL, copy_name
from harness.timing.load_curve import (
    LatencyBound,
    LoadPoint,
    LoadSettings,
    load_curve,
    max_rate,
    measure_load,
)
from harness.timing.offline import OfflineRepeat, fitting_batch, run_offline
from harness.timing.profiles import Profile
from harness.timing.record import (
    Record,
    closed_loop_record,
    joined,
    load_record,
    offline_record,
    shifted,
    work_record,
)
from harness.timing.samples import Place, concatenate
from harness.timing.service import Request, Service, ServiceFactory, ServiceInfo
from harness.timing.summary import capacity_per_s

#: Queries whose work is counted: the first of the suite, so that a change of one is a change of the work.
FIXED_QUERIES = 10
#: Rates tried in search of the highest, beyond the load points.
TRIES = 5
_CONTROL_KEY = 7  # parts the control's draws from those of the closed loop


@dataclass(frozen=True)
class SpeedOptions:
    """How speed is measured.

    Attributes:
        profile: how long and how often.
        bound: what the highest rate is searched for; None: no search.
        seed: of every order and arrival.
        clock: what reads the time.
        tick: called after every call that a service answers, for whoever shows progress.
    """

    profile: Profile
    bound: LatencyBound | None = None
    seed: int = 0
    clock: Clock = field(default_factory=MonotonicClock)
    tick: Callable[[], None] = lambda: None


@dataclass(frozen=True, eq=False)
class Plan:
    """What is measured.

    Attributes:
        factories: each pipeline's service.
        subjects: the same pipelines.
        material: what they are asked.
        groups: who is alive together; all of them where empty.
        shared: by pipeline and kind of request, the pipeline through which that throughput is measured.
        notes: sentences for the bundle.
    """

    factories: Mapping[str, ServiceFactory]
    subjects: tuple[Subject, ...]
    material: Material
    groups: tuple[tuple[str, ...], ...] = ()
    shared: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Timed:
    """What was measured.

    Attributes:
        session: the bundle's ``timing`` part.
        pipelines: each pipeline's ``timing`` part.
        records: the raw series by pipeline, the control's copy among them.
        warnings: sentences to print under any table.
    """

    session: dict[str, Any]
    pipelines: dict[str, dict[str, Any]]
    records: dict[str, Record]
    warnings: tuple[str, ...] = ()


class Watched:
    """A service that ticks after each of its calls; what it measures is the service's own."""

    def __init__(self, service: Service, tick: Callable[[], None]) -> None:
        """Watch a service."""
        self._service, self._tick = service, tick

    def query(self, request: Request) -> Any:
        """Serve one request."""
        reply = self._service.query(request)
        self._tick()
        return reply

    def batch(self, requests: Sequence[Request]) -> Any:
        """Serve many requests."""
        reply = self._service.batch(requests)
        self._tick()
        return reply

    def info(self) -> ServiceInfo:
        """Who it is."""
        return self._service.info()

    def close(self) -> None:
        """Stop."""
        self._service.close()


def watched(factories: Mapping[str, ServiceFactory], tick: Callable[[], None]) -> dict[str, ServiceFactory]:
    """The same services, ticking."""

    def of(factory: ServiceFactory) -> ServiceFactory:
        return lambda: Watched(factory(), tick)

    return {name: of(factory) for name, factory in factories.items()}


def measure(plan: Plan, options: SpeedOptions) -> Timed:
    """Time every pipeline as the profile asks.

    Raises:
        NotComparableError: nothing to time, or zero queries.
        ClockError: the clock went backwards.
    """
    overhead = measure_overhead(options.clock)
    before = read_environment()
    side_by_side = min(options.profile.starts_at_once, before.threads)
    session = _Session(plan, options)
    measured: dict[str, Measured] = {}
    first_set: dict[str, int] = {}
    for number, group in enumerate(plan.groups or (tuple(plan.factories),)):
        first_set |= {
            known: number * options.profile.sets for name in group for known in (name, copy_name(name))
        }
        factories = {name: plan.factories[name] for name in group}
        copies = {copy_name(name): plan.factories[name] for name in group if name == session.partner}
        measured |= measure_closed_loop(
            watched(factories, options.tick),
            plan.material.queries,
            replace(options.profile, starts_at_once=side_by_side),
            options.clock,
            seed=options.seed,
            besides=Besides(session.after, watched(copies, options.tick)),
        )
    records: dict[str, Record] = {
        name: joined([record_of(one), *session.parts.get(name, [])]) for name, one in measured.items()
    }
    records |= {name: joined(parts) for name, parts in session.parts.items() if name not in measured}
    records = {name: shifted(record, first_set[name]) for name, record in records.items()}
    parts = {
        name: {
            "invalid": measured[name].failure,
            **figures.derived(records[name], options.bound),
            "worker": worker_facts(measured[name].infos),
        }
        for name in plan.factories
    }
    _share(parts, plan.shared)
    control = session.control(records)
    told = {
        "profile": options.profile.name,
        "indicative": options.profile.indicative,
        "sets": options.profile.sets,
        "blocks": max((_n_blocks(record) for record in records.values()), default=0),
        "environment": environment_part(before),
        "overhead_ns": overhead.per_query_ns,
        "control": control,
        "notes": list(plan.notes),
    }
    return Timed(told, parts, records, tuple(warnings_of(told, parts)))


class _Session:
    """What is measured of the living services of each set besides the closed loop. Not a value."""

    def __init__(self, plan: Plan, options: SpeedOptions) -> None:
        self._plan, self._options = plan, options
        self.parts: dict[str, list[Record]] = {}
        self.partner = control_of(plan.subjects)

    def after(self, services: ServiceSet, set_index: int, recorder: Recorder) -> None:
        """Measure the rest of one set."""
        profile = self._options.profile
        copy = copy_name(self.partner)
        if copy in services.live:
            self._control(services, set_index)
        if copy in services.live:
            services.dismiss(copy)
        if set_index == 0:
            for name in list(services.live):
                self._count_work(services, name)
        if set_index == profile.sets - 1:
            for name in list(services.live):
                self._load(services, name, recorder)
        for name in list(services.live):
            self._offline(services, name, set_index)
        refreshed(services)

    def control(self, records: Mapping[str, Record]) -> dict[str, Any]:
        """The A/A control's part of the bundle."""
        found = figures.control(figures.control_logs(records, self.partner))
        return {"pipeline": self.partner, **found}

    def _keep(self, name: str, record: Record | None) -> None:
        if record:
            self.parts.setdefault(name, []).append(record)

    def _count_work(self, services: ServiceSet, name: str) -> None:
        self._keep(name, counted(services, name, self._plan.material.queries))

    def _control(self, services: ServiceSet, set_index: int) -> None:
        profile, queries = self._options.profile, self._plan.material.queries
        name, copy = self.partner, copy_name(self.partner)
        size = block_size(services.warm_ups[copy].probe_ns, profile.control_block)
        for turn in range(-(-CONTROL_ROUNDS // profile.sets)):
            key = (self._options.seed, set_index, _CONTROL_KEY, turn)
            asked = round_requests(queries, key, size)
            for arm in turn_order([name, copy], key, mirrored=True):
                if arm in services.live:
                    samples = services.run(arm, asked, Place(set_index, turn))
                    self._keep(arm, {CONTROL: closed_loop_record(samples)["latency"]})

    def _load(self, services: ServiceSet, name: str, recorder: Recorder) -> None:
        profile, queries, clock = self._options.profile, self._plan.material.queries, self._options.clock
        closed = concatenate(recorder.samples[name])
        capacity = capacity_per_s(closed)
        if profile.open is None or capacity is None:
            return
        settings = LoadSettings(
            profile.open, seed=self._options.seed, set_index=profile.sets - 1, capacity=capacity
        )
        points: list[LoadPoint] = []

        def one(service: Service, rate: float) -> LoadPoint:
            points.append(measure_load(service, queries, clock, rate, settings))
            return points[-1]

        def all_of(service: Service) -> bool:
            curve = load_curve(service, queries, clock, capacity, settings)
            points.extend(curve)
            if self._options.bound is not None:
                max_rate(
                    self._options.bound, closed, lambda rate: one(service, rate), curve=curve, tries=TRIES
                )
            return True

        services.attempt(name, all_of)
        for number, point in enumerate(points):
            self._keep(name, load_record(number, point.rate_per_s, point.samples))

    def _offline(self, services: ServiceSet, name: str, set_index: int) -> None:
        profile, material = self._options.profile, self._plan.material
        repeats = len(range(set_index, profile.offline_repeats, profile.sets))
        subject = next(one for one in self._plan.subjects if one.name == name)
        asked = {"queries": material.queries}
        if "document" in subject.kinds:
            asked["documents"] = material.documents
        if "pair" in subject.kinds:
            asked["pairs"] = material.pairs.get(name, ())
        for kind, requests in asked.items():
            if repeats and requests and name in services.live:
                run = partial(
                    offline_repeats,
                    requests=requests,
                    clock=self._options.clock,
                    duration_ns=profile.offline_ns,
                    repeats=repeats,
                )
                done = services.attempt(name, run)
                self._keep(name, None if done is None else offline_record(kind, done, set_index))


def counted(services: ServiceSet, name: str, queries: Sequence[Request]) -> Record | None:
    """The work of the fixed queries, one after the other; None where the service failed."""
    samples = services.run(name, queries[:FIXED_QUERIES], Place())
    return work_record(samples) if name in services.live else None


def refreshed(services: ServiceSet) -> None:
    """Ask the living services who they are again: peaks are only known at the end."""
    for name in list(services.live):
        info = services.attempt(name, lambda service: service.info())
        if info is not None:
            services.infos[name] = info


def control_of(subjects: Sequence[Subject]) -> str:
    """The pipeline that is measured against its own copy: the first with a model and without a reranker."""
    ranked = sorted(subjects, key=lambda one: (one.reranks, not one.neural))
    return ranked[0].name if ranked else ""


def offline_repeats(
    service: Service, requests: Sequence[Request], clock: Clock, duration_ns: int, repeats: int
) -> tuple[OfflineRepeat, ...]:
    """Repeats of offline throughput, in batches that fit."""
    size = fitting_batch(service, requests, clock, duration_ns)
    return run_offline(service, requests, clock, duration_ns=duration_ns, repeats=repeats, at_once=size)


def _n_blocks(record: Record) -> int:
    found = record.get("latency")
    return 0 if found is None else len(found.per_block())


def _share(parts: dict[str, dict[str, Any]], shared: Mapping[str, Mapping[str, str]]) -> None:
    """Give pipelines the throughput of a model that was measured through another pipeline, named."""
    for name, kinds in shared.items():
        for kind, source in kinds.items():
            key = f"{kind}s_per_s"
            theirs = (parts.get(source) or {}).get("throughput") or {}
            mine = (parts.get(name) or {}).get("throughput")
            if mine is not None and key in theirs:
                mine[key] = {**theirs[key], "measured_in": source}
