"""Laws of time: seconds = fixed + units x pace, fitted to measurements and asked only as far as they hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.stats.student import t_quantile

CONFIDENCE = 0.95
FEWEST_SIZES = 4  # three to fit two coefficients and see their scatter, one to predict


@dataclass(frozen=True)
class PredictedTime:
    """Seconds, with a 95 % prediction interval; None where too few sizes were measured for one."""

    seconds: float
    low: float | None
    high: float | None

    def __add__(self, other: PredictedTime) -> PredictedTime:
        """The sum of two independent estimates: their half-widths add in squares."""
        total = self.seconds + other.seconds
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return PredictedTime(total, None, None)
        below = math.hypot(self.seconds - self.low, other.seconds - other.low)
        above = math.hypot(self.high - self.seconds, other.high - other.seconds)
        return PredictedTime(total, max(0.0, total - below), total + above)


@dataclass(frozen=True)
class Law:
    """A fitted law.

    Attributes:
        fixed_s, per_unit_s: the coefficients, neither negative.
        scatter: relative standard deviation of the sizes' medians around the law; None without degrees of freedom.
        degrees: sizes less coefficients.
        covariance: of (fixed, per unit), for a scatter of 1.
    """

    fixed_s: float
    per_unit_s: float
    scatter: float | None
    degrees: int
    covariance: tuple[tuple[float, float], tuple[float, float]]

    def at(self, units: float) -> PredictedTime:
        """Predict the seconds of so many units, as if they were measured once more like the sizes."""
        seconds = self.fixed_s + units * self.per_unit_s
        if self.scatter is None:
            return PredictedTime(seconds, None, None)
        place = np.asarray([1.0, units])
        variance = float(place @ np.asarray(self.covariance) @ place) + seconds**2
        half = t_quantile(self.degrees, 0.5 + CONFIDENCE / 2) * self.scatter * math.sqrt(variance)
        return PredictedTime(seconds, max(0.0, seconds - half), seconds + half)


@dataclass(frozen=True)
class LawCheck:
    """The largest measured size, predicted from the smaller ones.

    ``before`` is the size before it, in the same units.
    """

    units: float
    predicted: PredictedTime
    measured_s: float
    tolerance: float
    before: float

    @property
    def error(self) -> float:
        """Predicted over measured, less 1."""
        return self.predicted.seconds / self.measured_s - 1.0

    @property
    def holds(self) -> bool:
        """Whether the prediction is near enough to extrapolate."""
        return abs(self.error) <= self.tolerance

    def widened(self, units: float, told: PredictedTime) -> PredictedTime:
        """A prediction for ``units``, as uncertain as the check shows: a pace that changes goes on changing.

        From the size before the largest to the largest the law was off by its error; so it is by as much again for each
        further step as large, in proportion.
        """
        if told.low is None or told.high is None:
            return told
        steps = 1.0
        if units > self.units > self.before > 0.0:
            steps = max(1.0, math.log(units / self.units) / math.log(self.units / self.before) + 1.0)
        off = abs(self.error) * steps * told.seconds
        return PredictedTime(told.seconds, max(0.0, told.low - off), told.high + off)


def fit(units: Sequence[float], seconds: Sequence[float]) -> Law:
    """Fit seconds = fixed + units x pace by least squares of the relative error, with no negative coefficient.

    Args:
        units: of each size, [n_sizes], two different ones or more.
        seconds: the median of each size's repeats, [n_sizes], positive. One a size, so that the scatter holds what the
            law does not explain and not only what repeats differ by.

    Raises ValueError for fewer sizes, or times that are not positive.
    """
    x, y = np.asarray(units, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
    if len(np.unique(x)) < 2 or len(x) != len(y) or not (y > 0).all():
        raise ValueError("a law needs two different sizes or more, each with a positive time")
    scale = np.asarray([1.0, x.max()])  # both columns of one magnitude
    design = np.column_stack([np.ones_like(x), x]) / scale / y[:, None]
    coefficients, _ = scipy.optimize.nnls(design, np.ones_like(x))
    used = coefficients > 0
    degrees = len(x) - int(used.sum())
    residuals = design @ coefficients - 1.0
    scatter = math.sqrt(float(residuals @ residuals) / degrees) if degrees else None
    fixed, pace = (coefficients / scale).tolist()
    return Law(fixed, pace, scatter, degrees, _covariance(design, used, scale))


def _covariance(
    design: NDArray[np.float64], used: NDArray[np.bool_], scale: NDArray[np.float64]
) -> tuple[tuple[float, float], tuple[float, float]]:
    full = np.zeros((2, 2))
    part = design[:, used]
    full[np.ix_(used, used)] = np.linalg.inv(part.T @ part)
    (a, b), (c, d) = (full / np.outer(scale, scale)).tolist()
    return (a, b), (c, d)


def check(units: Sequence[float], seconds: Sequence[float], tolerance: float) -> LawCheck:
    """Predict the largest size from the smaller ones. Raises ValueError for fewer than three sizes."""
    order = np.argsort(units)
    x, y = [float(units[i]) for i in order], [float(seconds[i]) for i in order]
    if len(x) < FEWEST_SIZES - 1:
        raise ValueError("a check needs three sizes or more")
    return LawCheck(x[-1], fit(x[:-1], y[:-1]).at(x[-1]), y[-1], tolerance, x[-2])
