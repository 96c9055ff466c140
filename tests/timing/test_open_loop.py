"""Open loop: Lindley's recursion to the nanosecond, M/D/1's mean wait, and the stall a closed loop hides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import NotComparableError, UsageError
from harness.timing import figures
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import run_block
from harness.timing.open_loop import (
    Limits,
    draw_arrivals,
    generator_lag_ns,
    generator_lags,
    overloaded,
    run_open_loop,
)
from harness.timing.record import closed_loop_record
from harness.timing.waits import open_loop_summary
from scripted import ScriptedService, VirtualClock, fixed, requests_of, stalling

MS = 1_000_000
REQUESTS = requests_of([5, 10, 15])


def lindley(arrivals: np.ndarray, service: np.ndarray) -> np.ndarray:
    """wait[i + 1] = max(0, wait[i] + service[i] - gap[i]), in a plain loop."""
    waits = [0]
    for gap, busy in zip(np.diff(arrivals).tolist(), service.tolist(), strict=False):
        waits.append(max(0, waits[-1] + busy - gap))
    return np.array(waits[: len(arrivals)])


def waits_of_constant_service(arrivals: np.ndarray, service_ns: int) -> np.ndarray:
    """Lindley's recursion unrolled: the last query's start is the latest of all a[k] + (i - k) s, k <= i."""
    served_before = service_ns * np.arange(len(arrivals))
    return np.maximum.accumulate(arrivals - served_before) + served_before - arrivals


def run(script, arrivals, limits=None, start_ns=123):
    clock = VirtualClock(start_ns)
    service = ScriptedService(clock, script)
    return run_open_loop(service, REQUESTS, arrivals, clock, limits=limits or Limits())


@pytest.mark.parametrize("load", [0.5, 0.7, 0.9, 1.3])
def test_fixed_service_equals_lindley_exactly(load):
    arrivals = draw_arrivals(load * 100, 5_000, seed=3)
    samples = run(fixed(10 * MS), arrivals, Limits(queue=10_000))
    expected = lindley(arrivals, np.full(5_000, 10 * MS))
    np.testing.assert_array_equal(samples.started_ns - samples.scheduled_ns, expected)
    np.testing.assert_array_equal(samples.sojourn_ns, expected + 10 * MS)
    np.testing.assert_array_equal(expected, waits_of_constant_service(arrivals, 10 * MS))
    assert (generator_lag_ns(samples) == 0).all()


@given(
    gaps=st.lists(st.integers(0, 50), min_size=1, max_size=40), busy=st.lists(st.integers(0, 60), min_size=40)
)
@settings(max_examples=80, deadline=None)
def test_any_service_equals_lindley_exactly(gaps, busy):
    arrivals = np.cumsum(gaps)
    samples = run(lambda call, now_ns: busy[call], arrivals)
    np.testing.assert_array_equal(
        samples.started_ns - samples.scheduled_ns, lindley(arrivals, np.array(busy))
    )


@pytest.mark.parametrize("load", [0.5, 0.7, 0.9])
def test_mean_wait_of_a_million_arrivals_is_that_of_m_d_1(load):
    arrivals = draw_arrivals(load * 100, 1_000_000, seed=0)
    mean = waits_of_constant_service(arrivals, 10 * MS).mean()
    assert mean == pytest.approx(load / (2 * (1 - load)) * 10 * MS, rel=0.03)


@pytest.mark.long
@pytest.mark.parametrize("load", [0.5, 0.7, 0.9])
def test_mean_wait_of_a_million_arrivals_through_the_generator_itself(load):
    samples = run(fixed(10 * MS), draw_arrivals(load * 100, 1_000_000, seed=0), Limits(queue=10**6))
    mean = (samples.started_ns - samples.scheduled_ns).mean()
    assert mean == pytest.approx(load / (2 * (1 - load)) * 10 * MS, rel=0.03)


def test_a_stall_moves_the_open_p99_and_not_the_closed_p50():
    arrivals = draw_arrivals(50, 1_000, seed=1)
    calm, stalled = fixed(10 * MS), stalling(10 * MS, on_call=500, stall_ns=NS_PER_S)
    closed, opened = [], []
    for script in (calm, stalled):
        clock = VirtualClock()
        service = ScriptedService(clock, script)
        closed.append(
            figures.latency(closed_loop_record(run_block(service, requests_of([5] * 1_000), clock)))
        )
        opened.append(open_loop_summary(run(script, arrivals)).percentiles)
    assert closed[0]["p50"] == closed[1]["p50"]
    assert closed[0]["p99"]["value"] == closed[1]["p99"]["value"] == 10.0
    assert opened[0][0.99].value < 100 * MS
    assert opened[1][0.99].value > 700 * MS


def test_arrivals_are_exponential_seeded_and_only_scaled_by_the_rate():
    arrivals = draw_arrivals(200, 50_000, seed=8)
    gaps = np.diff(arrivals, prepend=0)
    assert arrivals[-1] == pytest.approx(50_000 / 200 * NS_PER_S, abs=1)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.02)
    assert (gaps > gaps.mean()).mean() == pytest.approx(np.exp(-1), abs=0.01)
    np.testing.assert_array_equal(arrivals, draw_arrivals(200, 50_000, seed=8))
    np.testing.assert_allclose(arrivals, draw_arrivals(400, 50_000, seed=8) * 2, atol=2)
    assert draw_arrivals(200, 0, seed=8).tolist() == []


def test_a_full_queue_drops_and_a_drop_is_infinite():
    # One in service until 100, room for two: of arrivals 0 to 5 the queries 3, 4, 5 find the queue full.
    samples = run(fixed(100), np.array([0, 1, 2, 3, 4, 5, 101]), Limits(queue=2), start_ns=0)
    assert samples.dropped.tolist() == [False, False, False, True, True, True, False]
    assert samples.sojourn_ns.tolist() == [100, 199, 298, np.inf, np.inf, np.inf, 299]


@given(gaps=st.lists(st.integers(0, 30), min_size=1, max_size=60), queue=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_drops_equal_a_queue_simulated_event_by_event(gaps, queue):
    arrivals = np.cumsum(gaps)
    samples = run(fixed(20), arrivals, Limits(queue=queue), start_ns=0)
    free_at, starts, expected = 0, [], []
    for arrival in arrivals.tolist():
        full = sum(start > arrival for start in starts) >= queue
        expected.append(full)
        if not full:
            starts.append(max(arrival, free_at))
            free_at = starts[-1] + 20
    assert samples.dropped.tolist() == expected


def test_an_overloaded_run_ends_in_time_and_says_so():
    arrivals = draw_arrivals(1_000, 10_000, seed=0)
    samples = run(fixed(100 * MS), arrivals, Limits(give_up_ns=12 * NS_PER_S))
    assert samples.ended_ns.max() <= 13 * NS_PER_S
    assert samples.dropped.sum() > 9_000
    assert "queries arrive 100.00 times as fast as they are served" in overloaded(samples)
    assert open_loop_summary(samples).percentiles[0.5].value == float("inf")
    assert open_loop_summary(samples).percentiles[0.5].interval is None


@pytest.mark.parametrize(("load", "over"), [(0.9, False), (0.99, False), (1.01, True)])
def test_overload_begins_at_the_capacity(load, over):
    assert (overloaded(run(fixed(10 * MS), draw_arrivals(load * 100, 300, seed=2))) is not None) == over


class LateClock(VirtualClock):
    """Wakes 3 ms late, as a busy generator does."""

    def sleep_until_ns(self, deadline_ns: int) -> None:
        if deadline_ns > self.now_ns():
            super().sleep_until_ns(deadline_ns + 3 * MS)


@pytest.mark.parametrize(("service_ms", "invalid"), [(2, True), (100, False)])
def test_a_generator_that_lags_makes_the_run_invalid(service_ms, invalid):
    arrivals = draw_arrivals(300 / service_ms, 500, seed=0)
    clock, machine = LateClock(), VirtualClock()

    class Served(ScriptedService):
        def _serve(self, requests):
            machine.advance_ns(clock.now_ns() - machine.now_ns())
            reply = super()._serve(requests)
            clock.advance_ns(machine.now_ns() - clock.now_ns())
            return reply

    samples = run_open_loop(Served(machine, fixed(service_ms * MS)), REQUESTS, arrivals, clock)
    assert generator_lag_ns(samples).max() == 3 * MS
    reason = generator_lags(samples)
    assert (reason is not None) == invalid
    if invalid:
        assert "the generator itself sends 3.000 ms late" in reason


@pytest.mark.parametrize("rate", [0, -3, float("nan"), float("inf"), 1e9])
def test_impossible_loads(rate):
    with pytest.raises(UsageError, match="cannot be generated"):
        draw_arrivals(rate, 10, seed=0)


def test_nothing_to_send():
    with pytest.raises(NotComparableError, match="zero queries"):
        run_open_loop(ScriptedService(VirtualClock(), fixed(1)), [], np.array([1]), VirtualClock())
    with pytest.raises(ValueError, match="positive"):
        Limits(queue=0)
