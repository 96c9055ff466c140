"""Student's t interval of a mean: for the few repeats of a measurement, and for paired differences."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from harness.stats.arrays import finite_vector, valid_confidence
from harness.stats.interval import Interval


def t_quantile(degrees: int, probability: float) -> float:
    """Quantile of Student's t distribution."""
    return float(special.stdtrit(degrees, probability))


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> Interval | None:
    """Two-sided t interval of the mean of independent values [n], in their unit.

    None under two values, and where all are equal: an interval of width zero would claim that nothing varies.

    Raises:
        ValueError: a value that is not finite, a wrong shape, or an impossible confidence.
    """
    vector = finite_vector(values, "values")
    valid_confidence(confidence)
    n = len(vector)
    if n < 2 or np.ptp(vector) == 0.0:
        return None
    centre = float(vector.mean())
    half = t_quantile(n - 1, 0.5 + confidence / 2.0) * float(vector.std(ddof=1)) / math.sqrt(n)
    return Interval(centre - half, centre + half, confidence, "student-t")
