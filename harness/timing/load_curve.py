"""Where the tail bends: latency against the arrival rate, and the highest rate that keeps a bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.errors import NotComparableError, UsageError
from harness.stats import percentile
from harness.timing.clock import Clock
from harness.timing.open_loop import Limits, draw_arrivals, generator_lags, overloaded, run_open_loop
from harness.timing.profiles import Quota
from harness.timing.samples import Place, Samples
from harness.timing.service import Request, Service
from harness.timing.summary import PERCENTILES, LatencySummary, capacity_per_s
from harness.timing.waits import open_loop_summary

LOADS: tuple[float, ...] = (0.5, 0.7, 0.9)

_CLOSE_ENOUGH = 1.05


@dataclass(frozen=True)
class LoadSettings:
    """What all load points of one service share.

    Attributes:
        quota: of each load point.
        queue: queries that may wait.
        seed: of the arrivals.
        set_index: which set of fresh services this is.
        capacity: queries a second of the closed loop, by which a rate is a load; None: all points have one quota.
    """

    quota: Quota
    queue: int = 1_000
    seed: int = 0
    set_index: int = 0
    capacity: float | None = None

    def quota_at(self, rate_per_s: float) -> Quota:
        """The quota of the point at this rate: more queries the closer it is to the capacity."""
        load = self.load_of(rate_per_s)
        return self.quota if load is None else self.quota.at_load(load)

    def load_of(self, rate_per_s: float) -> float | None:
        """The share of the capacity that a rate is; None where that is not known."""
        return None if self.capacity is None else rate_per_s / self.capacity


@dataclass(frozen=True)
class LoadPoint:
    """Latency at one arrival rate.

    Attributes:
        rate_per_s: the rate asked for.
        samples: raw.
        summary: from the scheduled arrivals; None where the point is invalid, so that nobody reports it.
        invalid: why the point says nothing; None where it is valid.
        overload: whether it is invalid because the rate is above what the service can do.
    """

    rate_per_s: float
    samples: Samples
    summary: LatencySummary | None
    invalid: str | None
    overload: bool


@dataclass(frozen=True)
class LatencyBound:
    """A promise: this percentile of the latency lies within so many nanoseconds."""

    latency_ns: int
    p: float = 0.99

    def __post_init__(self) -> None:
        """Refuse a bound that nothing can keep or that is not measured.

        Raises:
            UsageError: a latency that is not positive, or a percentile that is not among those measured.
        """
        if self.latency_ns <= 0:
            raise UsageError(f"a latency bound must be positive, got {self.latency_ns} ns")
        if self.p not in PERCENTILES:
            raise UsageError(f"a bound must be on one of the percentiles {PERCENTILES}, got {self.p!r}")


@dataclass(frozen=True)
class MaxRate:
    """The highest rate found that keeps the bound.

    Attributes:
        bound: what was asked for.
        rate_per_s: highest rate shown to keep it, by the upper limit of the percentile; None where none was.
        broken_per_s: lowest rate that broke it (at most the capacity): the answer lies between the two.
        points: the rates tried, in order.
        invalid: why there is no rate; None where there is one.
    """

    bound: LatencyBound
    rate_per_s: float | None
    broken_per_s: float
    points: tuple[LoadPoint, ...]
    invalid: str | None


def measure_load(
    service: Service, requests: Sequence[Request], clock: Clock, rate_per_s: float, settings: LoadSettings
) -> LoadPoint:
    """Latency at one rate.

    Raises:
        UsageError: a rate that cannot be drawn.
        NotComparableError: no requests.
        ClockError, ServiceError: as :func:`harness.timing.open_loop.run_open_loop`.
    """
    quota = settings.quota_at(rate_per_s)
    arrivals_ns = draw_arrivals(rate_per_s, quota.arrivals(rate_per_s), settings.seed)
    limits = Limits(settings.queue, quota.ceiling_ns)
    samples = run_open_loop(
        service, requests, arrivals_ns, clock, limits=limits, place=Place(settings.set_index)
    )
    overload = overloaded(samples)
    reason = overload or generator_lags(samples)
    summary = None if reason else open_loop_summary(samples, load=settings.load_of(rate_per_s))
    return LoadPoint(rate_per_s, samples, summary, reason, overload is not None)


def load_curve(
    service: Service, requests: Sequence[Request], clock: Clock, capacity: float, settings: LoadSettings
) -> tuple[LoadPoint, ...]:
    """Latency at 0.5, 0.7 and 0.9 of the measured capacity (queries/s of the closed loop).

    Raises:
        UsageError: a capacity that is not positive and finite.
        Others: as :func:`measure_load`.
    """
    scaled = replace(settings, capacity=_positive(capacity))
    return tuple(measure_load(service, requests, clock, load * capacity, scaled) for load in LOADS)


def max_rate(
    bound: LatencyBound,
    closed: Samples,
    measure: Callable[[float], LoadPoint],
    *,
    curve: Sequence[LoadPoint] = (),
    tries: int = 7,
    capacity: float | None = None,
) -> MaxRate:
    """Search where the bound breaks, by halving between figures within it and figures beyond it.

    Of the rates tried, the highest whose *upper limit* is within the bound is the one that is said to keep it: the best
    of several noisy points is within it by luck in half of all runs.

    It ends after ``tries`` measured points, when the two ends lie within 5 %, or at a point that cannot be
    judged (too few queries for the percentile, a generator that lags). All points share the gaps of
    their arrivals, so that a higher rate is never luckier.

    Args:
        bound: the promise.
        closed: the closed loop's samples: its capacity no open loop exceeds, and what it exceeds without any
            load no load can keep.
        measure: measures one rate, such as a partial of :func:`measure_load`.
        curve: points already measured, which narrow the search for nothing.
        tries: most further points.
        capacity: requests/s, where several are served at once; None: of the closed loop, one after the other.

    Raises:
        NotComparableError: no samples of the closed loop.
        Others: as ``measure`` does.
    """
    capacity = capacity_per_s(closed) if capacity is None else capacity
    if capacity is None:
        raise NotComparableError("no highest rate without a closed loop: nothing was served there")
    points = list(curve)
    unloaded = percentile(closed.round_trip_ns[~closed.dropped], bound.p)
    if unloaded is not None and unloaded > bound.latency_ns:
        return MaxRate(bound, None, capacity, tuple(points), _impossible(bound, unloaded))
    within, broken = _ends(points, bound, capacity)
    for _ in range(tries):
        if within > 0.0 and broken <= _CLOSE_ENOUGH * within:
            break
        points.append(measure((within + broken) / 2.0))
        if _verdict(points[-1], bound) == "unknown":
            break
        within, broken = _ends(points, bound, capacity)
    shown = [p.rate_per_s for p in points if _verdict(p, bound) == "kept" and p.rate_per_s < broken]
    reason = None if shown else _never_kept(points, bound, capacity)
    return MaxRate(bound, max(shown, default=None), broken, tuple(points), reason)


def _ends(points: Sequence[LoadPoint], bound: LatencyBound, capacity: float) -> tuple[float, float]:
    """The highest rate whose figure is within the bound below the lowest that broke it, and that one."""
    told = [(point.rate_per_s, _verdict(point, bound)) for point in points]
    broken = min([capacity, *(rate for rate, verdict in told if verdict == "broken")])
    within = (rate for rate, verdict in told if verdict in ("kept", "open") and rate < broken)
    return max([0.0, *within]), broken


def _verdict(point: LoadPoint, bound: LatencyBound) -> Literal["kept", "broken", "open", "unknown"]:
    """Whether the point keeps the bound: its upper limit does, its figure does not, or only the figure does."""
    if point.overload:
        return "broken"
    found = point.summary.percentiles[bound.p] if point.summary else None
    if found is None or found.value is None:
        return "unknown"
    if found.value > bound.latency_ns:
        return "broken"
    return "kept" if found.interval is not None and found.interval.high <= bound.latency_ns else "open"


def _named(bound: LatencyBound) -> str:
    return f"the bound p{100 * bound.p:g} <= {bound.latency_ns / 1e6:g} ms"


def _impossible(bound: LatencyBound, unloaded_ns: float) -> str:
    return f"{_named(bound)} is impossible: without any load it is {unloaded_ns / 1e6:.3g} ms"


def _never_kept(points: Sequence[LoadPoint], bound: LatencyBound, capacity: float) -> str:
    said = [
        f"{_named(bound)} is not shown to be kept at any rate tried below the capacity of {capacity:.4g}/s"
    ]
    told = [(point, _verdict(point, bound)) for point in points]
    broken = [point.rate_per_s for point, verdict in told if verdict == "broken"]
    if broken:
        said.append(f"it is broken down to {min(broken):.3g}/s")
    unsure = [point for point, verdict in told if verdict == "open"]
    if unsure:
        last = min(unsure, key=lambda point: point.rate_per_s)
        statistic = last.summary.percentiles[bound.p] if last.summary else None
        why = (statistic and statistic.reason) or "its upper limit lies beyond the bound"
        said.append(f"at {last.rate_per_s:.3g}/s the figure is within it, but {why}")
    for point, verdict in told:
        if verdict == "unknown":
            statistic = point.summary.percentiles[bound.p] if point.summary else None
            why = str(point.invalid if statistic is None else statistic.reason)
            said.append(f"it cannot be judged at {point.rate_per_s:.3g}/s: {why}")
    return "; ".join(said)


def _positive(capacity: float) -> float:
    if not 0.0 < capacity < math.inf:
        raise UsageError(f"a capacity must be positive and finite, got {capacity!r} queries/s")
    return capacity
