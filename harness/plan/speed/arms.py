"""Two arms in turns: each pipeline of both configs against its counterpart, by the method's A/B rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.config import LoadedConfig
from harness.plan.opening import as_served
from harness.plan.serving import ServingSetup, service_factories
from harness.plan.speed.budget import estimate_arms_seconds
from harness.plan.speed.facts import environment_part, record_of, warnings_of, worker_facts
from harness.plan.speed.measuring import (
    Timed,
    control_of,
    counted,
    refreshed,
    watched,
)
from harness.plan.speed.session import Job, ticking, wanted
from harness.plan.speed.subjects import Subject, baseline_name, material_of, timeable
from harness.plan.workbench import bench_to_look
from harness.progress import Progress
from harness.stages import models_of
from harness.stats import SlowdownRule, judge_slowdown
from harness.tasks import steps_for
from harness.timing import figures
from harness.timing.arms import BASELINE, CANDIDATE, CONTROL, Arms, ArmsSettings, measure_arms
from harness.timing.blocks import Measured, Recorder, ServiceSet
from harness.timing.clock import Clock, ClockError, MonotonicClock, measure_overhead
from harness.timing.environment import read_environment
from harness.timing.figures import copy_name
from harness.timing.offline import OfflineRepeat, fitting_batch, run_offline
from harness.timing.profiles import Profile
from harness.timing.record import LATENCY, Record, closed_loop_record, joined, offline_record
from harness.timing.service import Request, Service, ServiceFactory

Parts = dict[str, dict[str, Any]]

_NO_LOAD = "two arms: no open loop was driven; time one config alone for its load curve"


@dataclass(frozen=True)
class Rivals:
    """The other arm.

    Attributes:
        config, python: of the baseline.
        names: pipelines that are in both.
    """

    config: LoadedConfig
    python: Path | None
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ArmsPlan:
    """What is measured.

    Attributes:
        candidates, baselines: each pipeline's service, by name.
        subjects: those pipelines.
        queries: what both are asked.
        profile: its turns and warm-up.
        seed: of the orders.
        clock: what reads the time.
    """

    candidates: Mapping[str, ServiceFactory]
    baselines: Mapping[str, ServiceFactory]
    subjects: tuple[Subject, ...]
    queries: tuple[Request, ...]
    profile: Profile
    seed: int
    clock: Clock


def measure_rivals(job: Job, rivals: Rivals, progress: Progress) -> tuple[Timed | None, Parts]:
    """Time every pipeline that both arms can serve; the timings, and each one's part of ``against``.

    Raises:
        NotComparableError: zero queries.
    """
    config, profile = job.config, wanted(job.config)
    theirs = {subject.name for subject in timeable(rivals.config)}
    subjects = tuple(one for one in timeable(config) if one.name in rivals.names and one.name in theirs)
    if profile is None:
        return None, {}
    if not subjects:
        return Timed({}, {}, {}, ("timing: no pipeline of both arms can be timed",)), {}
    names, clock = [subject.name for subject in subjects], MonotonicClock()
    about = estimate_arms_seconds(profile, len(names), SlowdownRule())
    mine, rival = config, rivals.config
    if rivals.python is None:
        # Another environment may make its models otherwise, so there either arm finds its own.
        bench = bench_to_look(rival, job.bench.permissions, progress)
        bench.find_models(models_of(steps_for(rival)))
        mine, rival = as_served(config, job.bench.requests), as_served(rival, bench.requests)
    with ticking(progress, f"timing two arms, {profile.name}", about, clock) as tick:
        plan = ArmsPlan(
            watched(service_factories(mine, names, ServingSetup(offline=job.offline)), tick),
            watched(service_factories(rival, names, ServingSetup(rivals.python, job.offline)), tick),
            subjects,
            material_of(config, job.data, job.outcome).queries,
            profile,
            config.settings.seed,
            clock,
        )
        try:
            return measure_all(plan)
        except ClockError as error:
            return Timed({"profile": profile.name, "notes": [str(error)]}, {}, {}, (f"timing: {error}",)), {}


def measure_all(plan: ArmsPlan) -> tuple[Timed, Parts]:
    """Measure each pair of arms; a pipeline's workers live only while it is its turn."""
    overhead, before = measure_overhead(plan.clock), read_environment()
    partner = control_of(plan.subjects)
    records: dict[str, Record] = {}
    measured: dict[str, Measured] = {}
    verdicts: dict[str, Arms] = {}
    for subject in plan.subjects:
        name = subject.name
        extra = _Extra(plan)
        settings = ArmsSettings(
            warm_up=plan.profile.arm_warm_up,
            block=plan.profile.arm_block,
            control=name == partner,
            seed=plan.seed,
            at_once=len((CANDIDATE, BASELINE, CONTROL)),
            after=extra.after,
        )
        arms = measure_arms(plan.candidates[name], plan.baselines[name], plan.queries, plan.clock, settings)
        verdicts[name] = arms
        for arm, label in ((CANDIDATE, name), (BASELINE, baseline_name(name))):
            measured[label] = arms.measured[arm]
            # Started beside others, so that its start says nothing of a start alone.
            own = {key: one for key, one in record_of(arms.measured[arm]).items() if key not in _NOT_ALONE}
            records[label] = joined([own, *extra.parts.get(arm, [])])
        if CONTROL in arms.measured:
            latency = closed_loop_record(arms.measured[CONTROL].samples)[LATENCY]
            records[copy_name(baseline_name(name))] = {LATENCY: latency}
    control = figures.control(figures.control_logs(records, baseline_name(partner)))
    parts: Parts = {
        label: {
            "invalid": measured[label].failure,
            **figures.derived(records[label]),
            "worker": worker_facts(measured[label].infos),
        }
        for label in measured
    }
    session = {
        "profile": plan.profile.name,
        "indicative": plan.profile.indicative,
        "sets": max(len(one.warm_ups) for one in measured.values()),
        "blocks": max(len(figures.arm_logs(records[n], records[baseline_name(n)])) for n in verdicts),
        "environment": environment_part(before),
        "overhead_ns": overhead.per_query_ns,
        "control": {"pipeline": baseline_name(partner), **control},
        "notes": [_NO_LOAD],
    }
    judged = {name: judged_arm(arms, records, name, control) for name, arms in verdicts.items()}
    return Timed(session, parts, records, tuple(warnings_of(session, parts))), judged


_NOT_ALONE = ("start", "model.load", "index.load", "index.build", "first_query")


def judged_arm(
    arms: Arms, records: Mapping[str, Record], name: str, control: Mapping[str, Any]
) -> dict[str, Any]:
    """One pipeline's part of ``against``: ratios from the samples, and the verdict of the rule."""
    mine, theirs = records[name], records[baseline_name(name)]
    logs, sets = figures.arm_logs(mine, theirs), figures.arm_sets(mine, theirs)
    ratio = figures.ratio_figure(logs, sets)
    failures = [f"{arm}: {one.failure}" for arm, one in arms.measured.items() if one.failure]
    rule = SlowdownRule()
    if failures:
        verdict, reason = "invalid", "; ".join(failures)
    elif control["noisy"]:
        verdict, reason = "invalid", f"the machine is too noisy: {control['reason']}"
    else:
        found = judge_slowdown(logs, rule, sets)
        verdict = "inconclusive" if found == "extend" else found
        limits = ratio["interval"] or {"low": float("nan"), "high": float("nan")}
        reason = (
            f"the candidate takes {ratio['value']:.3f} ({limits['low']:.3f} to {limits['high']:.3f}, {ratio['n']} "
            f"blocks) of the baseline's time; a slow-down of {rule.margin:.0%} fails"
        )
    return {
        "latency": {"ratio": ratio, "log_ratios": logs.tolist(), "verdict": verdict, "reason": reason},
        "memory": {"ratio": figures.series_ratio(mine, theirs, "memory.peak_rss")},
        "throughput": {"ratio": figures.throughput_ratio(mine, theirs)},
    }


class _Extra:
    """What is measured of each set of arms besides the blocks. Not a value."""

    def __init__(self, plan: ArmsPlan) -> None:
        self._plan = plan
        self._at_once: int | None = None  # requests in a batch, the same for both
        self.parts: dict[str, list[Record]] = {}

    def after(self, services: ServiceSet, set_index: int, recorder: Recorder) -> None:
        """Count the work once; measure the throughput in every set."""
        for name in (CANDIDATE, BASELINE):
            if set_index == 0 and name in services.live:
                self._keep(name, counted(services, name, self._plan.queries))
            if name in services.live:
                done = services.attempt(name, self._throughput)
                self._keep(name, None if done is None else offline_record("queries", done, set_index))
        refreshed(services)

    def _throughput(self, service: Service) -> tuple[OfflineRepeat, ...]:
        queries, clock, duration_ns = self._plan.queries, self._plan.clock, self._plan.profile.arm_offline_ns
        if self._at_once is None:
            self._at_once = fitting_batch(service, queries, clock, duration_ns)
        service.batch(queries[: self._at_once])  # the first is of no worth
        return run_offline(service, queries, clock, duration_ns=duration_ns, repeats=1, at_once=self._at_once)

    def _keep(self, name: str, record: Record | None) -> None:
        if record:
            self.parts.setdefault(name, []).append(record)
