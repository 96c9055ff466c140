"""Percentiles from order statistics; the intervals' coverage is known exactly, whatever the distribution.

Of n independent samples the number B at or below the p-quantile is binomial(n, p). The interval from the l-th
to the u-th smallest sample covers the quantile where l <= B < u, so its coverage is P(l <= B <= u - 1): exact
for continuous distributions and a lower bound under ties.

Sources: W. Conover, *Practical Nonparametric Statistics* (1999), section 3.2; for early stopping MLPerf
LoadGen, ``loadgen/early_stopping.cc``.
"""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike

from harness.stats.arrays import FloatArray, valid_confidence
from harness.stats.interval import Interval

# n * p is meant, where binary rounding puts it a little above or below a whole number (0.07 * 100).
_WHOLE = 1e-9


def percentile(samples: ArrayLike, p: float) -> float | None:
    """The p-quantile (0 < p < 1) of samples [n]: the smallest with at least n * p samples at or below it.

    Infinite samples (dropped queries) are allowed, so the result may be infinite. None without samples.

    Raises:
        ValueError: a NaN sample, a wrong shape, or p outside (0, 1).
    """
    ordered = _ordered(samples, p)
    n = len(ordered)
    return float(ordered[_nearest_rank(n, p) - 1]) if n else None


def quantile_interval(samples: ArrayLike, p: float, confidence: float = 0.95) -> Interval | None:
    """Exact binomial interval of the p-quantile of independent samples [n], in the unit of the samples.

    Returns:
        None where n is too small for both limits to be samples: see :func:`smallest_count`.

    Raises:
        ValueError: a NaN sample, a wrong shape, or an impossible p or confidence.
    """
    ordered = _ordered(samples, p)
    ranks = interval_ranks(len(ordered), p, confidence)
    if ranks is None:
        return None
    low, high = ranks
    return Interval(float(ordered[low - 1]), float(ordered[high - 1]), confidence, "binomial")


def interval_ranks(n: int, p: float, confidence: float = 0.95) -> tuple[int, int] | None:
    """Ranks (1 is the smallest) of the limits: the narrowest with at most (1 - confidence) / 2 missed on each
    side.

    Raises:
        ValueError: an impossible n, p or confidence.
    """
    _valid(n, p)
    tail = (1.0 - valid_confidence(confidence)) / 2.0
    if n == 0:
        return None
    at_most = scipy.special.bdtr(np.arange(n + 1, dtype=np.float64), n, p)
    low = int(np.searchsorted(at_most, tail, side="right"))  # the largest l with P(B <= l - 1) <= tail
    high = int(np.searchsorted(at_most, 1.0 - tail, side="left")) + 1  # the smallest u with P(B >= u) <= tail
    return (low, high) if low >= 1 and high <= n else None


def coverage(n: int, p: float, low: int, high: int) -> float:
    """Exact probability that the interval from the low-th to the high-th of n samples holds the p-quantile.

    Raises:
        ValueError: an impossible n or p, or ranks that are not 1 <= low <= high <= n.
    """
    _valid(n, p)
    if not 1 <= low <= high <= n:
        raise ValueError(f"ranks must satisfy 1 <= low <= high <= n, got {low}, {high} and n = {n}")
    return (
        float(scipy.special.bdtr(high - 1, n, p) - scipy.special.bdtr(low - 1, n, p)) if high > low else 0.0
    )


def smallest_count(p: float, confidence: float = 0.95) -> int:
    """Fewest samples that allow an interval of the p-quantile.

    The whole range of the samples must miss it with a probability of at most (1 - confidence) / 2 on each
    side: max(p, 1 - p)^n <= that. At 95 %: 6 / 36 / 72 / 368 for 0.5 / 0.9 / 0.95 / 0.99.

    Raises:
        ValueError: an impossible p or confidence.
    """
    _valid(1, p)
    tail = (1.0 - valid_confidence(confidence)) / 2.0
    n = math.ceil(math.log(tail) / math.log(max(p, 1.0 - p)) - _WHOLE)
    return max(1, n)


def early_stopping_count(p: float, confidence: float = 0.99, overlatency: int = 1) -> int:
    """Fewest queries, ``overlatency`` of them above a bound, that show the p-quantile to be below it.

    MLPerf LoadGen's rule: the smallest n with P(binomial(n, 1 - p) <= t) <= 1 - confidence, which LoadGen
    writes as the regularised incomplete beta function I_p(n - t, t + 1). With one query above, at 0.99:
    64 / 130 / 662 / 6,636 for 0.9 / 0.95 / 0.99 / 0.999.

    Raises:
        ValueError: an impossible p, confidence, or negative count.
    """
    _valid(overlatency, p)
    allowed = 1.0 - valid_confidence(confidence)
    low, high = overlatency, overlatency + 1
    while scipy.special.bdtr(overlatency, high, 1.0 - p) > allowed:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if scipy.special.bdtr(overlatency, middle, 1.0 - p) > allowed:
            low = middle
        else:
            high = middle
    return high


def lag1_autocorrelation(samples: ArrayLike) -> float | None:
    """Correlation of each sample with the next, [n] in time order: near 0 where they are independent.

    The sum of products of successive deviations over the sum of squared deviations (Box and Jenkins, r_1).

    Returns:
        None under three samples, where all are equal, or where one is infinite.

    Raises:
        ValueError: a NaN sample or a wrong shape.
    """
    values = _vector(samples)
    if len(values) < 3 or not np.isfinite(values).all() or np.ptp(values) == 0.0:
        return None
    deviations = values - values.mean()
    return float(deviations[:-1] @ deviations[1:] / (deviations @ deviations))


def _nearest_rank(n: int, p: float) -> int:
    return max(1, math.ceil(n * p - _WHOLE))


def _ordered(samples: ArrayLike, p: float) -> FloatArray:
    _valid(0, p)
    return np.sort(_vector(samples))


def _vector(samples: ArrayLike) -> FloatArray:
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"samples must have one dimension, got shape {values.shape}")
    if np.isnan(values).any():
        raise ValueError(
            f"sample {int(np.isnan(values).argmax())} is NaN; a dropped query is infinite, not NaN"
        )
    return values


def _valid(n: int, p: float) -> None:
    if n < 0:
        raise ValueError(f"a count must be zero or more, got {n}")
    if not 0.0 < p < 1.0:
        raise ValueError(f"a quantile must lie strictly between 0 and 1 (0.99, not 99), got {p!r}")
