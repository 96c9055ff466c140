"""Offline throughput: rates of items and of work, with an interval over the repeats."""

from __future__ import annotations

import pytest
from scipy import stats as scipy_stats

from harness.errors import NotComparableError
from harness.timing.clock import NS_PER_S
from harness.timing.counters import WorkCounters
from harness.timing.offline import OfflineRepeat, run_offline, throughput
from scripted import ScriptedService, VirtualClock, fixed, requests_of

LENGTHS = [4, 6, 10]


def test_rates_of_items_tokens_and_padding():
    clock = VirtualClock()
    repeats = run_offline(
        ScriptedService(clock, fixed(NS_PER_S // 2)),
        requests_of(LENGTHS),
        clock,
        duration_ns=3 * NS_PER_S,
        repeats=2,
    )
    assert repeats == (OfflineRepeat(18, 3 * NS_PER_S, WorkCounters(6, 120, 180)),) * 2
    rates = throughput(repeats)
    assert {name: rate.value for name, rate in rates.items()} == {
        "items": 6.0,
        "forward_passes": 2.0,
        "tokens": 40.0,
        "padded_tokens": 60.0,
    }
    assert rates["items"].unit == "1/s"
    assert rates["items"].interval is None  # two repeats alike: no interval of no width


def test_a_call_is_not_cut_short():
    clock = VirtualClock()
    service = ScriptedService(clock, fixed(7 * NS_PER_S))
    (repeat,) = run_offline(service, requests_of(LENGTHS), clock, duration_ns=NS_PER_S, repeats=1)
    assert (repeat.items, repeat.elapsed_ns) == (3, 7 * NS_PER_S)
    rate = throughput([repeat])["items"]
    assert (rate.interval, rate.reason) == (None, "an interval needs two repeats")


def test_batches_go_round_all_requests_and_every_repeat_starts_at_the_first():
    clock, seen = VirtualClock(), []

    class Kept(ScriptedService):
        def batch(self, requests):
            seen.append([request.id for request in requests])
            return super().batch(requests)

    service, requests = Kept(clock, fixed(NS_PER_S)), requests_of([1, 2, 3])
    repeats = run_offline(service, requests, clock, duration_ns=3 * NS_PER_S, repeats=2, at_once=2)
    first, second, third = (request.id for request in requests)
    assert seen == [[first, second], [third], [first, second]] * 2
    assert [repeat.items for repeat in repeats] == [5, 5]


def test_the_interval_is_students():
    repeats = [OfflineRepeat(10 + i, NS_PER_S, WorkCounters()) for i in (0, 3, 1, 2, 9)]
    interval = throughput(repeats)["items"].interval
    values = [10, 13, 11, 12, 19]
    expected = scipy_stats.t.interval(0.95, 4, loc=13, scale=scipy_stats.sem(values))
    assert (interval.low, interval.high) == pytest.approx(expected)


def test_nothing_to_do():
    clock = VirtualClock()
    service = ScriptedService(clock, fixed(1))
    with pytest.raises(NotComparableError, match="zero requests"):
        run_offline(service, [], clock, duration_ns=1, repeats=1)
    with pytest.raises(ValueError, match="positive"):
        run_offline(service, requests_of([1]), clock, duration_ns=0, repeats=1)
    with pytest.raises(ValueError, match="positive"):
        run_offline(service, requests_of([1]), clock, duration_ns=1, repeats=1, at_once=0)
    with pytest.raises(NotComparableError, match="no throughput"):
        throughput([])
