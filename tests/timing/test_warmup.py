"""Warm-up: all buckets, a steady probe, and an end in any case."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import NotComparableError
from harness.timing.clock import NS_PER_S
from harness.timing.warmup import WarmUpRule, is_steady, length_buckets, probe_of, warm_up
from scripted import ScriptedService, VirtualClock, fixed, noisy, requests_of, settling

RULE = WarmUpRule()
MS = 1_000_000


@given(lengths=st.lists(st.integers(0, 600), min_size=1, max_size=50))
def test_every_length_is_within_a_factor_of_two_of_a_warmed_one(lengths):
    buckets = [request.length for request in length_buckets(requests_of(lengths))]
    assert buckets == sorted(buckets)
    assert all(any(length <= bucket <= max(1, 2 * length) for bucket in buckets) for length in lengths)
    assert all(first.bit_length() < second.bit_length() for first, second in pairwise(buckets))


def test_a_constant_service_is_steady_after_two_seconds_and_thirty_probes():
    clock = VirtualClock()
    service = ScriptedService(clock, fixed(10 * MS))
    result = warm_up(service, requests_of([3, 9, 40]), clock, RULE)
    assert result.steady
    assert result.calls == 200 + 30
    assert result.elapsed_ns == result.calls * 10 * MS
    assert (result.cold_ns, result.probe_ns) == (10 * MS, 10 * MS)
    assert {"q0", "q1", "q2"} == set(service.seen)
    assert set(service.seen[-30:]) == {"q1"}


def test_a_slow_service_is_called_at_least_so_often():
    clock = VirtualClock()
    service = ScriptedService(clock, fixed(NS_PER_S // 2))
    warm_up(service, requests_of([1 << i for i in range(12)]), clock, RULE)
    assert set(service.seen[1:13]) == {f"q{i}" for i in range(12)}


def test_the_cold_call_is_its_own_figure():
    clock = VirtualClock()
    service = ScriptedService(clock, lambda call, now_ns: 900 * MS if call == 0 else 10 * MS)
    result = warm_up(service, requests_of([3]), clock, RULE)
    assert (result.cold_ns, result.probe_ns) == (900 * MS, 10 * MS)


def test_a_service_that_settles_is_waited_for():
    clock = VirtualClock()
    result = warm_up(ScriptedService(clock, settling(10 * MS, calls=800)), requests_of([3]), clock, RULE)
    assert result.steady
    assert result.calls >= 600
    assert result.probe_ns < 11.5 * MS


def test_one_that_never_settles_is_given_up_after_thirty_seconds():
    clock = VirtualClock()
    service = ScriptedService(clock, lambda call, now_ns: 10 * MS + MS * (call // 10 % 3))
    result = warm_up(service, requests_of([3]), clock, RULE)
    assert not result.steady
    assert 30 * NS_PER_S <= result.elapsed_ns <= 30.1 * NS_PER_S


def test_a_very_slow_service_ends_too_and_still_has_a_latency():
    clock = VirtualClock()
    result = warm_up(ScriptedService(clock, fixed(40 * NS_PER_S)), requests_of([3]), clock, RULE)
    assert (result.steady, result.calls, result.probe_ns) == (False, 2, 40 * NS_PER_S)


def test_a_trend_within_the_tolerance_is_no_steady_state():
    assert is_steady([10.0] * 30, RULE)
    assert not is_steady([10.0] * 29, RULE)
    assert not is_steady(list(np.linspace(10.0, 10.25, 30)), RULE)
    assert not is_steady([10.0] * 20 + [10.4] * 10, RULE)


def test_noise_alone_is_rarely_a_trend():
    generator = np.random.default_rng(0)
    steady = [is_steady(list(generator.normal(100, 1.0, 30)), RULE) for _ in range(500)]
    assert np.mean(steady) > 0.97


def test_a_noisy_service_is_steady():
    clock = VirtualClock()
    result = warm_up(ScriptedService(clock, noisy(5 * MS, 0.02, seed=1)), requests_of([3]), clock, RULE)
    assert result.steady


def test_nothing_to_warm_up():
    for function in (length_buckets, probe_of):
        with pytest.raises(NotComparableError, match="zero queries"):
            function([])
