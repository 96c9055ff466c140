"""Student's t interval of a mean: for the few repeats of a measurement, and for paired differences."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike

from harness.stats.arrays import finite_vector, valid_confidence
from harness.stats.interval import Interval

LOG_METHOD = "student-t of logs"


def t_quantile(degrees: int, probability: float) -> float:
    """Quantile of Student's t distribution."""
    return float(scipy.special.stdtrit(degrees, probability))


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


def log_mean_interval(values: ArrayLike, confidence: float = 0.95) -> Interval | None:
    """Two-sided t interval of positive values [n] by their logarithms, in their unit: it never reaches below zero.

    It speaks for their geometric mean, which for repeats that differ little is their mean. None as for
    :func:`mean_interval`, and where a value is not positive.

    Raises:
        ValueError: as :func:`mean_interval`.
    """
    vector = finite_vector(values, "values")
    if (vector <= 0.0).any():
        return None
    found = mean_interval(np.log(vector), confidence)
    if found is None:
        return None
    with np.errstate(over="ignore"):  # repeats of no likeness at all have no upper limit
        low, high = np.exp([found.low, found.high])
    return Interval(float(low), float(high), confidence, LOG_METHOD)
