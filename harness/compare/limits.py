"""One-sided limits of what a quality rule judges, and the p value of its failing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from harness import stats
from harness.compare.evidence import Evidence, FloatArray

#: Cochran's rule: a mean's limits are rough unless n > 25 skewness^2 (W. Cochran, *Sampling Techniques*, section 2.15).
_COCHRAN = 25.0
_POWER = float(special.ndtri(stats.POWER))


@dataclass(frozen=True)
class Limits:
    """A figure (a difference, candidate - baseline) with one-sided limits at 1 - alpha each; None where not defined.

    Attributes:
        delta: the figure.
        low, high: for means the outer of Student's and Hall's limits, for others percentiles of the bootstrap.
        detectable: the smallest margin that an equal candidate passes with 80 % power.
        skewed: whether a few items carry the figure, so that the limits are rough.
        p_below: bound -> p of "the figure is the bound or more" against "it lies below"; None without limits.
    """

    delta: float
    low: float | None
    high: float | None
    detectable: float | None
    skewed: bool = False
    p_below: Callable[[float], float] | None = field(default=None, compare=False, repr=False)


def paired_limits(first: FloatArray, second: FloatArray, alpha: float) -> Limits:
    """Limits of the mean of first - second, both [n_queries]."""
    return _of_mean(stats.differences_of(first[None, :], second[None, :])[0], alpha)


def difference_limits(
    mine: tuple[Evidence, str], theirs: tuple[Evidence, str], measure: str, alpha: float
) -> Limits | None:
    """Limits of the difference of two arms, each as (evidence, label), on the same items; None where not defined."""
    (evidence, label), (other_evidence, other_label) = mine, theirs
    if evidence.gold is None:
        return paired_limits(evidence.of(label, measure), other_evidence.of(other_label, measure), alpha)
    one, other = evidence.mean(label, measure), other_evidence.mean(other_label, measure)
    if one is None or other is None:
        return None
    drawn, others = (part.replicates(measure)[part.labels.index(name)] for part, name in (mine, theirs))
    return replicated_limits(one - other, drawn - others, alpha)


def replicated_limits(value: float, replicates: FloatArray, alpha: float) -> Limits:
    """Limits of a figure from its bootstrap replicates, [n_resamples]; NaN where one has none."""
    usable = replicates[~np.isnan(replicates)]
    if 2 * len(usable) < len(replicates):
        return Limits(value, None, None, None)
    low, high = np.quantile(usable, [alpha, 1.0 - alpha])
    error = float(usable.std(ddof=1))

    def p_below(bound: float) -> float:
        # A share of 10,000 resamples cannot be smaller than one of them, and Holm multiplies: the normal's as well.
        share = (1 + int((usable >= bound - 1e-12).sum())) / (len(usable) + 1)
        return max(share, float(special.ndtr((value - bound) / error)) if error > 0.0 else 1.0)

    detectable = (_POWER - float(special.ndtri(alpha))) * error
    return Limits(value, float(low), float(high), detectable, p_below=p_below)


def figure_limits(evidence: Evidence, pipeline: str, measure: str, alpha: float) -> Limits | None:
    """Limits of one pipeline's own figure; None where it is not defined."""
    value = evidence.mean(pipeline, measure)
    if value is None:
        return None
    if evidence.gold is None:
        return _of_scores(evidence.of(pipeline, measure), alpha)
    replicates = evidence.replicates(measure)[evidence.labels.index(pipeline)]
    return replicated_limits(value, replicates, alpha)


def _of_mean(values: FloatArray, alpha: float, bounds: tuple[float, float] = (-1.0, 1.0)) -> Limits:
    found = stats.mean_evidence(values)
    if found is None:
        return Limits(float(values.mean()), None, None, None)
    if found.sd == 0.0 and found.mean != 0.0:
        return _of_constant(found.mean, found.n, alpha, bounds)
    detectable = stats.detectable_difference(found.sd, found.n, alpha, sides=1)
    skewed = found.sd > 0.0 and found.n <= _COCHRAN * found.skewness**2
    return Limits(found.mean, *found.limits(alpha), detectable, skewed, found.p_below)


def _of_constant(value: float, n: int, alpha: float, bounds: tuple[float, float]) -> Limits:
    """All ``n`` are ``value``, which no sample proves of the others: a share of them may lie at the bounds."""
    outer = stats.constant_interval(value, n, 1.0 - 2.0 * alpha, bounds)

    def p_below(bound: float) -> float:
        if bound <= value:
            return 1.0
        others = 1.0 if value >= bounds[1] else min(1.0, (bound - value) / (bounds[1] - value))
        return float((1.0 - others) ** n)

    return Limits(value, outer.low, outer.high, None, p_below=p_below)


def _of_scores(scores: FloatArray, alpha: float) -> Limits:
    """Limits of a mean of scores between 0 and 1, which no sample proves to be constant."""
    if len(scores) > 1 and np.ptp(scores) == 0.0:
        return _of_constant(float(scores[0]), len(scores), alpha, (0.0, 1.0))
    made, outer = _of_mean(scores, alpha), stats.special_interval(scores, 1.0 - 2.0 * alpha)
    if made.low is None or made.high is None or outer is None:
        return made
    return replace(made, low=min(made.low, outer.low), high=max(made.high, outer.high))
