"""Statistics of open-loop latencies, which are correlated: one slow query makes many wait.

The binomial interval of a percentile would be far too narrow (measured for M/D/1 at a load of 0.9 and 5,000
queries: a "95 %" interval of p90 holds the truth in 16 % of runs). Here the run is cut into batches in time;
how much the share of queries above the percentile varies between batches says how uncertain that share is;
and the order statistics at both ends of that uncertainty are the interval (batch means of the indicator; A.
Law, *Simulation Modeling and Analysis*, section 9.5; P. Heidelberger and P. Lewis, 1984):

    share = p ± t * sd(batch shares) / sqrt(batches)

No batches help a run too short to hold many independent busy periods. Their length grows as 1 / (1 - load)^2
[W. Whitt, "Planning queueing simulations", 1989], so an interval is given only where

    n (1 - p) (1 - load)^2 / (1 + c^2) >= 8        c: coefficient of variation of the service time

``load`` is the one that was asked for, where it is known: a run's own is low where its queries happened to be
quick, and its waits are then low too, so that a rule by it would show the lucky ones
(``benchmarks/error_rates.py load``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.stats import Interval, mean_interval, percentile, smallest_count
from harness.timing.samples import FloatArray, Samples
from harness.timing.summary import PERCENTILES, LatencySummary, Statistic, summarise

BATCHES = 10
_INDEPENDENT = 8.0
#: A load that is higher than asked for by more than this is no chance: the service is slower than in the closed loop.
_SLOWER = 0.05


def open_loop_summary(
    samples: Samples, confidence: float = 0.95, load: float | None = None, servers: int = 1
) -> LatencySummary:
    """Latencies of open-loop samples from their scheduled arrival, drops infinite, with intervals from
    batches.

    The samples may come from several sets of fresh services; no batch spans two. ``load``: the share of the capacity
    that was asked for; None: that of the samples. ``servers``: requests that are served at once.
    """
    latencies = samples.sojourn_ns
    sets = [latencies[samples.set_index == index] for index in np.unique(samples.set_index)]
    enough = _independent_share(samples, load, servers)
    statistics = {p: _percentile(sets, p, enough, confidence) for p in PERCENTILES}
    return summarise(samples, latencies, statistics)


def utilisation(samples: Samples, servers: int = 1) -> float | None:
    """Share of the time in which the service is busy, were every arrival served: mean query time over mean
    gap, and over how many are served at once.

    Above 1 the wait grows with the run. Infinite where nothing was served; None where there are no gaps.
    """
    span, gaps = 0, 0
    for index in np.unique(samples.set_index):
        scheduled = samples.scheduled_ns[samples.set_index == index]
        span += int(scheduled[-1] - scheduled[0])
        gaps += len(scheduled) - 1
    served = samples.round_trip_ns[~samples.dropped]
    if span <= 0:
        return None
    return float(served.mean()) * gaps / span / servers if len(served) else math.inf


def _independent_share(samples: Samples, planned: float | None, servers: int) -> float:
    """(1 - load)^2 / (1 + c^2): the share of samples that count as independent, up to a constant; 0 in
    overload."""
    load = utilisation(samples, servers)
    if planned is not None and load is not None and load - planned <= _SLOWER:
        load = planned
    times = samples.round_trip_ns[~samples.dropped].astype(np.float64)
    if load is None or load >= 1.0 or not len(times) or times.mean() <= 0.0:
        return 0.0
    return float((1.0 - load) ** 2 / (1.0 + times.var() / times.mean() ** 2))


def _percentile(sets: Sequence[FloatArray], p: float, independent: float, confidence: float) -> Statistic:
    latencies = np.sort(np.concatenate(sets)) if sets else np.empty(0)
    n, needed = len(latencies), smallest_count(p, confidence)
    if n < needed:
        return Statistic(None, n, "ns", None, f"needs {needed} samples, has {n}")
    value = float(percentile(latencies, p) or 0.0)
    if n * (1.0 - p) * independent < _INDEPENDENT:
        wanted = math.ceil(_INDEPENDENT / (1.0 - p) / independent) if independent else None
        reason = f"needs about {wanted} at this load" if wanted else "no count helps at this load"
        return Statistic(value, n, "ns", None, f"waits are correlated: {n} queries; an interval {reason}")
    half = _share_uncertainty(sets, value, p, confidence)
    low, high = math.floor(n * (p - half)), math.ceil(n * (p + half)) + 1
    if low < 1 or high > n:
        return Statistic(
            value, n, "ns", None, "waits are correlated: the interval reaches beyond the samples"
        )
    limits = float(latencies[low - 1]), float(latencies[high - 1])
    return Statistic(value, n, "ns", Interval(*limits, confidence, "batch-means"))


def _share_uncertainty(sets: Sequence[FloatArray], value: float, p: float, confidence: float) -> float:
    """Half the width of the interval of the share of queries at or below ``value``; not below the
    binomial's."""
    per_set = max(1, BATCHES // len(sets))
    batches = [batch for latencies in sets for batch in np.array_split(latencies, per_set) if len(batch)]
    shares = mean_interval([float(np.mean(batch <= value)) for batch in batches], confidence)
    measured = (shares.high - shares.low) / 2.0 if shares else math.inf
    n = sum(len(latencies) for latencies in sets)
    return max(measured, 1.96 * math.sqrt(p * (1.0 - p) / n))
