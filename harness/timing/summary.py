"""Statistics from raw samples, each with its count and its interval, or the reason why it has none.

In a closed loop samples are close to independent (the lag-1 autocorrelation says how close), and percentiles
have their exact binomial intervals. Open-loop waits are not: see :mod:`harness.timing.waits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.stats import (
    Interval,
    lag1_autocorrelation,
)
from harness.timing.clock import NS_PER_S
from harness.timing.samples import FloatArray, Samples

PERCENTILES: tuple[float, ...] = (0.5, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Statistic:
    """One figure.

    Attributes:
        value: in ``unit``; None where the count does not allow it. Infinite where drops reach it.
        count: samples it comes from.
        unit: ``ns``, ``1/s``.
        interval: in the same unit, at 95 %; None where the count does not allow one.
        reason: why there is no value or no interval; None where there are both.
    """

    value: float | None
    count: int
    unit: str
    interval: Interval | None
    reason: str | None = None


@dataclass(frozen=True)
class LatencySummary:
    """Latencies of one pipeline in one kind of load.

    Attributes:
        percentiles: by p, such as 0.99.
        mean: the mean of the samples (of all but the dropped).
        count: samples, drops included.
        dropped: samples that were never served.
        autocorrelation: lag-1, in time order; None where it does not exist.
    """

    percentiles: Mapping[float, Statistic]
    mean: float | None
    count: int
    dropped: int
    autocorrelation: float | None


def capacity_per_s(samples: Samples) -> float | None:
    """Queries a second that one service answers back to back, the way to it included; None without samples.

    The reciprocal of the mean (not median) round trip: what an open loop's load is a share of.
    """
    served = samples.round_trip_ns[~samples.dropped]
    total = int(served.sum())
    return len(served) * NS_PER_S / total if total > 0 else None


def summarise(
    samples: Samples, latencies: FloatArray, statistics: Mapping[float, Statistic]
) -> LatencySummary:
    """Percentiles already made of ``latencies`` [n], with what every kind of load shows beside them."""
    served = latencies[~samples.dropped]
    return LatencySummary(
        percentiles=statistics,
        mean=float(served.mean()) if len(served) else None,
        count=len(samples),
        dropped=int(samples.dropped.sum()),
        autocorrelation=lag1_autocorrelation(served),
    )
