"""One-sided limits and p values of a mean, that hold for skewed differences too.

A few queries often carry a difference, and Student's t then errs on one side. P. Hall's monotone transformation takes
the skewness g out of the mean in closed form:

    T = (mean - bound) / sd,   h(T) = T + g T^2 / 3 + g^2 T^3 / 27 + g / (6 n),   sqrt(n) h(T) ~ N(0, 1)

A verdict is read from the *outer* of the two limits (the larger of the two p values), so that it stands by both.

Source: P. Hall, *On the removal of skewness by transformation* (JRSS B 54, 1992).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike

from harness.stats.arrays import FloatArray, finite_vector
from harness.stats.student import t_quantile

Verdict = Literal["pass", "fail", "inconclusive"]


def non_inferiority(low: float | None, high: float | None, margin: float) -> Verdict:
    """Verdict on "worse by no more than ``margin``", from one-sided limits of the difference (new - old).

    Pass if the lower limit lies above -margin, fail if the upper one lies below it, otherwise inconclusive; so it is
    without limits. The limits of :meth:`MeanEvidence.limits` are the outer of Student's and Hall's.

    Raises:
        ValueError: a margin that is not positive: no number of items shows a difference of nothing.
    """
    if not margin > 0.0:
        raise ValueError(f"a non-inferiority margin must be above zero, got {margin!r}")
    if low is None or high is None:
        return "inconclusive"
    if low > -margin:
        return "pass"
    return "fail" if high < -margin else "inconclusive"


@dataclass(frozen=True)
class MeanEvidence:
    """What is known of a mean from ``n`` values: enough for every one-sided statement about it.

    Attributes:
        n, mean, sd: of the values; ``sd`` is 0 where all are equal.
        skewness: the third standardised moment; 0 where all are equal.
    """

    n: int
    mean: float
    sd: float
    skewness: float

    def limits(self, alpha: float) -> tuple[float, float]:
        """One-sided lower and upper limits of the mean at 1 - alpha each: the outer of Student's and Hall's."""
        root = float(np.sqrt(self.n))
        t, z = t_quantile(self.n - 1, 1.0 - alpha) / root, -float(scipy.special.ndtri(alpha)) / root
        below = max(t, _inverse(z, self.skewness, self.n))
        above = max(t, -_inverse(-z, self.skewness, self.n))
        return self.mean - self.sd * below, self.mean + self.sd * above

    def p_below(self, bound: float) -> float:
        """p of "the mean is ``bound`` or more" against "it lies below": the larger of Student's and Hall's."""
        return self._p(bound, 1.0)

    def p_above(self, bound: float) -> float:
        """p of "the mean is ``bound`` or less" against "it lies above"."""
        return self._p(bound, -1.0)

    def _p(self, bound: float, side: float) -> float:
        if self.sd == 0.0:
            return 1.0
        t = side * (self.mean - bound) / self.sd
        root = float(np.sqrt(self.n))
        hall = root * _transformed(t, side * self.skewness, self.n)
        return max(float(scipy.special.stdtr(self.n - 1, root * t)), float(scipy.special.ndtr(hall)))


def mean_evidence(values: ArrayLike) -> MeanEvidence | None:
    """The evidence of values [n] about their mean; None under two of them. ValueError for one that is not finite."""
    vector = finite_vector(values, "values")
    if len(vector) < 2:
        return None
    mean = float(vector.mean())
    centred = vector - mean
    sd = float(vector.std(ddof=1))
    if sd <= 1e-12 * float(np.abs(vector).max()):
        return MeanEvidence(len(vector), mean, 0.0, 0.0)
    return MeanEvidence(len(vector), mean, sd, skewness(centred))


def skewness(centred: FloatArray) -> float:
    """The third standardised moment of values less their mean, [n]."""
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def _transformed(t: float, g: float, n: int) -> float:
    return t + g * t * t / 3.0 + g * g * t**3 / 27.0 + g / (6.0 * n)


def _inverse(x: float, g: float, n: int) -> float:
    if abs(g) < 1e-6:
        return x
    return float(3.0 / g * (np.cbrt(1.0 + g * (x - g / (6.0 * n))) - 1.0))
