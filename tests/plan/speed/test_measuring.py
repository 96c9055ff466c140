"""A whole session on a virtual clock: what is kept, what follows from it, and what goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from harness.errors import NotComparableError
from harness.plan.speed.measuring import Plan, SpeedOptions, measure, offline_repeats
from harness.plan.speed.subjects import Material, Subject
from harness.results import tables, writing
from harness.timing import figures
from harness.timing.clock import NS_PER_S, ClockError
from harness.timing.load_curve import LatencyBound
from harness.timing.profiles import PROFILES, Profile, Quota
from harness.timing.record import from_table, load_samples, table_columns
from harness.timing.service import Request, ServiceInfo
from harness.timing.warmup import WarmUpRule
from scripted import ScriptedService, VirtualClock, fixed, noisy, requests_of

MS = 1_000_000
QUERIES = requests_of(range(1, 31))
DOCUMENTS = tuple(Request(f"d{i}", ("text " * 5,), 5, "document") for i in range(200))
PROFILE = Profile(
    "ci",
    Quota(2 * NS_PER_S, 100),
    2,
    Quota(8 * NS_PER_S, 400),
    NS_PER_S,
    4,
    warm_up=WarmUpRule(min_ns=0, give_up_ns=NS_PER_S),
)


class Worker(ScriptedService):
    """A scripted service that says what a worker says of itself."""

    def info(self) -> ServiceInfo:
        details = {"start_ns": 5 * NS_PER_S, "load_index_ns": NS_PER_S, "index_bytes": 1000, "threads": 2}
        return ServiceInfo(self.name, 0, details)


def plan(clock, durations, **dies):
    subjects = tuple(Subject(name, ("document",) if i == 0 else ()) for i, name in enumerate(durations))
    factories = {
        name: lambda name=name: Worker(
            clock, noisy(durations[name] * MS, 0.02, 3), name=name, dies_on=dies.get(name)
        )
        for name in durations
    }
    return Plan(factories, subjects, Material(QUERIES, DOCUMENTS, {}))


def timed(durations=None, bound=None, profile=PROFILE, **dies):
    clock = VirtualClock()
    return measure(
        plan(clock, durations or {"a": 10, "b": 20}, **dies), SpeedOptions(profile, bound, clock=clock)
    )


def test_every_part_of_the_bundle_is_there():
    made = timed()
    assert list(made.pipelines) == ["a", "b"]
    part = made.pipelines["a"]
    assert part["invalid"] is None
    assert part["latency"]["p50"]["value"] == pytest.approx(10.0, rel=0.02)
    assert part["latency"]["p50"]["interval"]["method"] == "binomial"
    assert made.pipelines["b"]["latency"]["p99"]["value"] is None
    assert "needs 368 samples" in made.pipelines["b"]["latency"]["p99"]["reason"]
    assert part["latency"]["reached"]["count"] >= 100
    assert part["stages"]["sum_ratio"] == pytest.approx(1.0)
    assert part["stages"]["encode"]["value"] == pytest.approx(9.0, rel=0.02)
    assert part["cold"]["start"] == {"value": 5000.0, "n": 2, "interval": part["cold"]["start"]["interval"]}
    assert part["index"]["load_s"]["value"] == 1.0
    assert part["index"]["build_s"] is None
    assert part["throughput"]["queries_per_s"]["n"] == 4
    assert part["memory"]["index_bytes"] == 1000
    assert [round(point["fraction"], 2) for point in part["load"]] == [0.5, 0.7, 0.9]
    assert part["load"][0]["p50"]["value"] > 9.0
    assert part["counters"]["forward_passes"] == 10
    assert part["worker"] == {"threads": 2}
    assert "documents_per_s" not in made.pipelines["b"]["throughput"]
    assert made.session["control"]["pipeline"] == "a"
    assert made.session["control"]["ratio"]["n"] == 8
    assert made.session["sets"] == 2
    json.dumps([made.session, made.pipelines], allow_nan=False)


def test_counters_are_identical_from_run_to_run():
    counters = [timed({"a": d}).pipelines["a"]["counters"] for d in (10, 13)]
    assert counters[0] == counters[1]


def test_every_figure_follows_from_the_table_of_samples(tmp_path):
    bound = LatencyBound(100 * MS)
    made = timed(bound=bound)
    writing.write_table(tmp_path, tables.SAMPLES, table_columns(made.records))
    import pyarrow.parquet as pq

    table = pq.read_table(tmp_path / "samples.parquet")
    read = from_table({name: table[name].to_numpy(zero_copy_only=False) for name in table.schema.names})
    assert set(read) == {"a", "b", "control:a"}
    for name, part in made.pipelines.items():
        again = figures.derived(read[name], bound)
        assert again == {key: part[key] for key in again}
    control = figures.control(figures.control_logs(read, "a"))
    assert control == {key: made.session["control"][key] for key in control}


def test_a_rate_within_its_bound_by_the_figure_alone_is_not_called_kept():
    """So few queries a load show the limit of no percentile, and the bracket says where it breaks."""
    rate = timed({"a": 10}, LatencyBound(40 * MS)).pipelines["a"]["max_rate"]
    assert not rate["valid"]
    assert rate["rate_per_s"] is None
    assert 50.0 < rate["broken_per_s"] <= 101.0
    assert "not shown to be kept" in rate["reason"]
    assert "the figure is within it" in rate["reason"]


def test_an_impossible_bound_says_so():
    made = timed({"a": 10}, LatencyBound(5 * MS))
    assert made.pipelines["a"]["max_rate"]["rate_per_s"] is None
    assert "is impossible" in made.pipelines["a"]["max_rate"]["reason"]
    assert any("no highest rate of a" in text for text in made.warnings)


def test_a_bound_without_an_open_loop_says_which_profiles_have_one():
    made = timed({"a": 10}, LatencyBound(40 * MS), replace(PROFILE, open=None))
    assert "no open loop" in made.pipelines["a"]["max_rate"]["reason"]
    assert made.pipelines["a"]["load"] == []


def test_a_worker_that_dies_is_invalid_and_the_others_finish():
    made = timed(b=150)
    assert "died on call 150" in made.pipelines["b"]["invalid"]
    assert any("timing of b is invalid" in text for text in made.warnings)
    assert made.pipelines["a"]["invalid"] is None
    assert made.pipelines["a"]["throughput"]["queries_per_s"]["n"] == 4


def test_a_worker_that_never_starts_leaves_the_others():
    made = timed(b=0)
    assert made.pipelines["b"]["invalid"]
    assert made.pipelines["b"]["latency"] is None
    assert made.pipelines["a"]["latency"]["p50"]["value"]


def test_a_noisy_machine_is_told():
    clock = VirtualClock()
    noise = np.random.default_rng(1)
    levels: list[float] = []

    def level(call: int, now_ns: int) -> int:
        if call % 20 == 0:
            levels.append(float(np.exp(noise.normal(0, 0.6))))
        return int(10 * MS * levels[-1])

    factories = {"a": lambda: Worker(clock, level, name="a")}
    made = measure(
        Plan(factories, (Subject("a", ()),), Material(QUERIES, (), {})), SpeedOptions(PROFILE, clock=clock)
    )
    assert made.session["control"]["noisy"]
    assert any("too noisy" in text for text in made.warnings)


def test_zero_queries():
    clock = VirtualClock()
    empty = replace(plan(clock, {"a": 10}), material=Material((), (), {}))
    with pytest.raises(NotComparableError, match="nothing to time"):
        measure(empty, SpeedOptions(PROFILE, clock=clock))


def test_a_clock_that_goes_backwards():
    clock = VirtualClock(10 * NS_PER_S)

    class Jumping(Worker):
        def query(self, request):
            reply = super().query(request)
            if self.calls == 40:
                clock.advance_ns(-5 * NS_PER_S)
            return reply

    factories = {"a": lambda: Jumping(clock, fixed(MS), name="a")}
    with pytest.raises(ClockError, match="backwards"):
        measure(
            Plan(factories, (Subject("a", ()),), Material(QUERIES, (), {})),
            SpeedOptions(PROFILE, clock=clock),
        )


def test_groups_are_measured_one_after_the_other():
    clock = VirtualClock()
    alive: list[str] = []

    class Counted(Worker):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            alive.append(self.name)

        def close(self):
            if not self.closed:
                alive.remove(self.name)
            super().close()

        def query(self, request):
            assert not {"a", "b"} <= set(alive)
            return super().query(request)

    factories = {name: lambda name=name: Counted(clock, fixed(5 * MS), name=name) for name in ("a", "b")}
    grouped = Plan(
        factories, (Subject("a", ()), Subject("b", ())), Material(QUERIES, (), {}), (("a",), ("b",))
    )
    made = measure(grouped, SpeedOptions(PROFILE, clock=clock))
    assert all(part["invalid"] is None for part in made.pipelines.values())
    assert alive == []
    # What was not measured side by side must not look so: no block is of both.
    assert not len(figures.arm_logs(made.records["a"], made.records["b"]))
    assert made.session["control"]["ratio"]["n"] == 8


def test_the_controls_copy_lives_until_the_control_is_over_and_is_nobodys_pipeline():
    clock, made = VirtualClock(), []

    def starts() -> Worker:
        made.append(Worker(clock, fixed(5 * MS), name="a"))
        return made[-1]

    one = Plan({"a": starts}, (Subject("a", ("document",)),), Material(QUERIES, DOCUMENTS, {}))
    timed = measure(one, SpeedOptions(PROFILE, clock=clock))
    assert len(made) == 2 * PROFILE.sets
    assert all(service.closed for service in made)
    assert list(timed.pipelines) == ["a"]
    for copy in made[1::2]:
        # No document: it was gone before the throughput was measured.
        assert copy.seen
        assert not any(name.startswith("d") for name in copy.seen)


def test_a_batch_call_is_sized_to_the_service():
    clock = VirtualClock()
    service = Worker(clock, lambda call, now: 50 * MS)
    repeats = offline_repeats(service, DOCUMENTS, clock, NS_PER_S, 3)
    assert len(repeats) == 3
    assert all(repeat.elapsed_ns >= NS_PER_S for repeat in repeats)
    slow = Worker(clock, lambda call, now: 400 * MS)
    assert offline_repeats(slow, DOCUMENTS, clock, NS_PER_S, 1)[0].items == 3


def test_a_tick_follows_every_call():
    clock, ticks = VirtualClock(), []
    small = replace(PROFILES["smoke"], closed=Quota(NS_PER_S // 10, 10))
    measure(
        plan(clock, {"a": 10}), SpeedOptions(small, clock=clock, tick=lambda: ticks.append(clock.now_ns()))
    )
    assert len(ticks) > 20


def test_drops_are_kept_and_infinite():
    made = timed({"a": 10})
    rate, samples = load_samples(made.records["a"], 0)
    assert rate == pytest.approx(50.0, rel=0.05)
    assert samples.dropped.sum() == 0
    assert samples.scheduled_ns[0] == 0
