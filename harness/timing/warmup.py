"""Warm-up: the first cold call is a figure of its own, every length bucket is called, and a probe must
settle.

Steady means that on one fixed probe the medians of the last three windows of ten calls lie within 3 % of each
other, without a trend. A trend is one that both shows in the medians (all rising or all falling) and is
significant over the thirty calls at 1 % (Mann 1945, Kendall 1975): three medians in order are, by themselves,
one chance in three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from harness.errors import NotComparableError
from harness.timing.clock import NS_PER_S, Clock
from harness.timing.samples import FloatArray, checked_sample
from harness.timing.service import Request, Service

_TREND_Z = 2.576  # two-sided 1 % of the normal distribution


@dataclass(frozen=True)
class WarmUpRule:
    """How long to warm up, and what counts as steady.

    Attributes:
        min_calls, min_ns: warm the buckets at least so often and so long.
        window, windows: calls in a window of the probe, and how many windows are compared.
        tolerance: how far apart the windows' medians may lie, as a share of the smallest.
        give_up_ns: the whole warm-up ends after so long, steady or not.
    """

    min_calls: int = 10
    min_ns: int = 2 * NS_PER_S
    window: int = 10
    windows: int = 3
    tolerance: float = 0.03
    give_up_ns: int = 30 * NS_PER_S


@dataclass(frozen=True)
class WarmUp:
    """How the warm-up went.

    Attributes:
        cold_ns: the very first call, by the service's clock.
        calls: calls in all.
        elapsed_ns: how long it took.
        steady: whether the probe settled before the time was up.
        probe_ns: median round trip of the probe over its last window (of what there is, where time was up).
    """

    cold_ns: int
    calls: int
    elapsed_ns: int
    steady: bool
    probe_ns: float


def length_buckets(requests: Sequence[Request]) -> tuple[Request, ...]:
    """One request for each bucket of lengths, which double: 0, 1, 2-3, 4-7, 8-15, ... ; the longest in each,
    by length.

    Raises:
        NotComparableError: no requests.
    """
    if not requests:
        raise NotComparableError("there is nothing to time: zero queries")
    longest: dict[int, Request] = {}
    for request in requests:
        bucket = max(0, request.length).bit_length()
        if bucket not in longest or request.length > longest[bucket].length:
            longest[bucket] = request
    return tuple(longest[bucket] for bucket in sorted(longest))


def probe_of(requests: Sequence[Request]) -> Request:
    """The request of median length, on which steadiness is judged; NotComparableError where there are
    none."""
    if not requests:
        raise NotComparableError("there is nothing to time: zero queries")
    return sorted(requests, key=lambda request: request.length)[(len(requests) - 1) // 2]


def is_steady(latencies_ns: Sequence[float], rule: WarmUpRule) -> bool:
    """Whether the last windows of the probe's latencies agree, without a trend."""
    needed = rule.window * rule.windows
    if len(latencies_ns) < needed:
        return False
    recent = np.asarray(latencies_ns[-needed:], dtype=np.float64)
    medians = np.median(recent.reshape(rule.windows, rule.window), axis=1)
    if medians.max() > medians.min() * (1.0 + rule.tolerance):
        return False
    steps = np.diff(medians)
    in_order = bool((steps > 0).all() or (steps < 0).all())
    return not (in_order and abs(_mann_kendall(recent)) > _TREND_Z)


def warm_up(service: Service, requests: Sequence[Request], clock: Clock, rule: WarmUpRule) -> WarmUp:
    """Warm one service up.

    Raises:
        NotComparableError: no requests.
        ClockError: the clock went backwards.
        ServiceError: the service failed, or reported the impossible.
    """
    buckets, probe = length_buckets(requests), probe_of(requests)
    begun_ns = clock.now_ns()
    calls = 0

    def call(request: Request) -> tuple[int, int]:
        nonlocal calls
        calls += 1
        started_ns = clock.now_ns()
        reply = service.query(request)
        sample = checked_sample(request, started_ns, started_ns, clock.now_ns(), reply)
        return reply.elapsed_ns, sample.ended_ns - sample.started_ns

    def passed_ns() -> int:
        return clock.now_ns() - begun_ns

    cold_ns, _ = call(probe)
    for done, request in enumerate(cycle(buckets)):
        warm = done >= max(len(buckets), rule.min_calls) and passed_ns() >= rule.min_ns
        if warm or passed_ns() >= rule.give_up_ns:
            break
        call(request)
    # At least one call, so that there is a latency to plan blocks with, even where the time is up already.
    latencies = [float(call(probe)[1])]
    while not (steady := is_steady(latencies, rule)) and passed_ns() < rule.give_up_ns:
        latencies.append(float(call(probe)[1]))
    return WarmUp(cold_ns, calls, passed_ns(), steady, float(np.median(latencies[-rule.window :])))


def _mann_kendall(values: FloatArray) -> float:
    """The Mann-Kendall statistic over its standard deviation: normal(0, 1) where the order is random."""
    n = len(values)
    later, earlier = np.triu_indices(n, 1)[::-1]
    score = float(np.sign(values[later] - values[earlier]).sum())
    return score / float(np.sqrt(n * (n - 1) * (2 * n + 5) / 18.0))
