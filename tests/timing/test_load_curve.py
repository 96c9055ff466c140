"""The load curve and the highest rate at a bound, against M/D/1 and on impossible bounds."""

from __future__ import annotations

from functools import partial

import pytest

from harness.errors import NotComparableError, UsageError
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import run_block
from harness.timing.load_curve import LatencyBound, LoadSettings, load_curve, max_rate, measure_load
from harness.timing.profiles import Quota
from harness.timing.samples import Place, from_rows
from scripted import ScriptedService, VirtualClock, fixed, requests_of

MS = 1_000_000
REQUESTS = requests_of([4, 8])
SETTINGS = LoadSettings(Quota(60 * NS_PER_S, 1_000))
MANY = LoadSettings(Quota(200 * NS_PER_S, 20_000))


def service_and_closed_loop(latency_ns: int = 10 * MS):
    clock = VirtualClock()
    service = ScriptedService(clock, fixed(latency_ns))
    return clock, service, run_block(service, requests_of([4] * 400), clock)


def test_the_tail_bends_upwards():
    clock, service, _ = service_and_closed_loop()
    points = load_curve(service, REQUESTS, clock, 100.0, SETTINGS)
    assert [point.rate_per_s for point in points] == pytest.approx([50, 70, 90])
    assert [point.invalid for point in points] == [None] * 3
    p99 = [point.summary.percentiles[0.99].value for point in points]
    assert p99[0] < p99[1] < p99[2]
    assert points[0].summary.mean == pytest.approx(10 * MS * (1 + 0.5 / (2 * 0.5)), rel=0.08)


def test_the_closer_to_the_capacity_the_more_queries_within_the_time():
    clock, service, _ = service_and_closed_loop()
    quota = Quota(60 * NS_PER_S, 3_000)
    counts = [len(p.samples) for p in load_curve(service, REQUESTS, clock, 100.0, LoadSettings(quota))]
    assert counts == [3_000, 8_334, 18_900]  # 1, 0.25 / 0.09 and 25 times, the last at 90/s in 3.5 times 60 s
    assert clock.now_ns() < 3 * quota.ceiling_ns + 60 * NS_PER_S
    assert quota.at_load(0.3).count == 3_000
    assert quota.at_load(0.95).count == quota.at_load(1.0).count == quota.at_load(1.5).count == 75_000


def test_nothing_that_waits_at_the_end_is_dropped():
    """A point that fills its longest time ends with those served that arrived last."""
    clock, service, _ = service_and_closed_loop()
    settings = LoadSettings(Quota(20 * NS_PER_S, 100_000), capacity=100.0)
    point = measure_load(service, REQUESTS, clock, 95.0, settings)
    assert len(point.samples) == 6_650
    assert point.samples.dropped.sum() == 0


def test_a_load_above_the_capacity_is_invalid_and_has_no_figures():
    clock, service, _ = service_and_closed_loop()
    point = measure_load(service, REQUESTS, clock, 150.0, SETTINGS)
    assert point.overload
    assert point.summary is None
    assert point.invalid.startswith("overload")


def test_max_rate_brackets_the_answer():
    clock, service, closed = service_and_closed_loop()
    measure = partial(measure_load, service, REQUESTS, clock, settings=MANY)
    found = max_rate(
        LatencyBound(40 * MS), closed, measure, curve=load_curve(service, REQUESTS, clock, 100.0, MANY)
    )
    assert found.invalid is None
    assert found.rate_per_s < found.broken_per_s
    assert len(found.points) <= 3 + 7
    by_rate = {point.rate_per_s: point.summary.percentiles[0.99] for point in found.points}
    assert by_rate[found.rate_per_s].interval.high <= 40 * MS < by_rate[found.broken_per_s].value


def test_a_rate_is_kept_by_its_upper_limit_and_not_by_luck():
    """60 seconds and 1,000 queries: the figure is within the bound at 50/s, and too few queries show it."""
    clock, service, closed = service_and_closed_loop()
    measure = partial(measure_load, service, REQUESTS, clock, settings=SETTINGS)
    found = max_rate(
        LatencyBound(40 * MS), closed, measure, curve=load_curve(service, REQUESTS, clock, 100.0, SETTINGS)
    )
    assert found.rate_per_s is None
    assert found.broken_per_s < 100
    assert "the figure is within it, but waits are correlated" in found.invalid


def test_a_generous_bound_is_limited_by_the_capacity():
    clock, service, closed = service_and_closed_loop()
    measure = partial(measure_load, service, REQUESTS, clock, settings=MANY)
    found = max_rate(LatencyBound(3_600 * NS_PER_S), closed, measure)
    assert 50 <= found.rate_per_s < found.broken_per_s == 100.0


def test_a_bound_below_the_unloaded_latency_is_impossible_and_costs_nothing():
    _, _, closed = service_and_closed_loop()
    found = max_rate(LatencyBound(5 * MS), closed, lambda rate: pytest.fail("measured"))
    assert (found.rate_per_s, found.points) == (None, ())
    assert found.invalid == "the bound p99 <= 5 ms is impossible: without any load it is 10 ms"


def test_a_bound_just_above_the_unloaded_latency_is_broken_everywhere():
    clock, service, closed = service_and_closed_loop()
    measure = partial(measure_load, service, REQUESTS, clock, settings=SETTINGS)
    found = max_rate(LatencyBound(10 * MS + 1), closed, measure)
    assert found.rate_per_s is None
    assert found.invalid.startswith("the bound p99 <= 10 ms is not shown to be kept at any rate tried")
    assert "it is broken down to 3.12/s; it cannot be judged at 1.56/s: needs 368 samples" in found.invalid


def test_too_few_queries_for_the_percentile_is_said():
    clock, service, closed = service_and_closed_loop()
    few = LoadSettings(Quota(2 * NS_PER_S, 100))
    found = max_rate(
        LatencyBound(40 * MS), closed, partial(measure_load, service, REQUESTS, clock, settings=few)
    )
    assert found.rate_per_s is None
    assert "it cannot be judged at 50/s: needs 368 samples, has 100" in found.invalid


@pytest.mark.parametrize("arguments", [(0,), (-5,), (10, 0.98)])
def test_impossible_bounds(arguments):
    with pytest.raises(UsageError, match="bound"):
        LatencyBound(*arguments)


@pytest.mark.parametrize("capacity", [0.0, float("nan"), float("inf")])
def test_impossible_capacities(capacity):
    clock, service, _ = service_and_closed_loop()
    with pytest.raises(UsageError, match="capacity"):
        load_curve(service, REQUESTS, clock, capacity, SETTINGS)


def test_no_closed_loop():
    with pytest.raises(NotComparableError, match="nothing was served"):
        max_rate(LatencyBound(MS), from_rows([], Place()), lambda rate: pytest.fail("measured"))
