"""Intervals of a mean where the usual ones have no width: scores of 0 and 1, and scores that are all the same.

Of n queries that all scored c, a share e = 1 - ((1 - confidence) / 2)^(1 / n) of the others may still score anything
(C. Clopper and E. Pearson, 1934): with scores between ``least`` and ``most`` the mean lies within

    c + e * (least - c)   and   c + e * (most - c)

Scores of 0 and 1 have E. Wilson's interval (1927), whose coverage is near the nominal one also close to 0 and 1
(L. Brown, T. Cai and A. DasGupta, *Interval Estimation for a Binomial Proportion*, 2001).
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from harness.stats.arrays import FloatArray, valid_confidence
from harness.stats.interval import Interval


def wilson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a share of ``hits`` in ``n``; ValueError unless 0 <= hits <= n and n > 0."""
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"a share needs 0 <= hits <= n and n > 0, got {hits} of {n}")
    z = float(scipy.special.ndtri(0.5 + valid_confidence(confidence) / 2.0))
    share, weight = hits / n, 1.0 / (1.0 + z * z / n)
    centre = (share + z * z / (2 * n)) * weight
    half = z * weight * math.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    return Interval(low, 1.0 if hits == n else min(1.0, centre + half), confidence, "wilson")


def constant_interval(
    value: float, n: int, confidence: float = 0.95, bounds: tuple[float, float] = (0.0, 1.0)
) -> Interval:
    """The interval of a mean where all ``n`` scores are ``value``; the bounds widen to it where it lies beyond."""
    least, most = min(bounds[0], value), max(bounds[1], value)
    others = 1.0 - ((1.0 - valid_confidence(confidence)) / 2.0) ** (1.0 / n)
    return Interval(
        value + others * (least - value), value + others * (most - value), confidence, "clopper-pearson"
    )


def special_interval(scores: FloatArray, confidence: float = 0.95) -> Interval | None:
    """Wilson's interval for scores [n] of 0 and 1, Clopper and Pearson's for equal ones; None for all others."""
    if len(scores) < 2:
        return None
    if np.isin(scores, (0.0, 1.0)).all():
        return wilson(int(scores.sum()), len(scores), confidence)
    if np.ptp(scores) == 0.0:
        return constant_interval(float(scores[0]), len(scores), confidence)
    return None
