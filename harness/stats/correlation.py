"""Correlations of pair scores with gold scores, and their bootstrap over pairs.

Spearman's coefficient is Pearson's on midranks, and a resample must be ranked afresh: its ties are its own.
Sorting 10,000 resamples is not needed for that. With the pairs sorted once, a resample is a vector of counts
over sorted positions; the count of a tie group and the count before it give the midrank of the group *in that
resample* exactly:

    midrank = count before + (count of the group + 1) / 2

Twice the midrank less its mean, ``2 * before + group - n``, is an integer, so that all sums below are exact
in float64.

Sources: C. Spearman (1904); M. Kendall, *Rank Correlation Methods* (1948) for midranks; Efron and Tibshirani
(1993).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.arrays import FloatArray, finite_matrix, finite_vector, same_length, valid_confidence
from harness.stats.bootstrap import RESAMPLES, percentile_interval, resampling_counts
from harness.stats.interval import Interval

CorrelationKind = Literal["spearman", "pearson"]

# Ranking makes several passes over a chunk: one that fits the cache is about twice as fast as a large one.
_CELLS_PER_CHUNK = 1 << 17


@dataclass(frozen=True)
class CorrelationDifference:
    """Two systems' correlation with the same gold scores, compared on the same resamples of the pairs.

    Attributes:
        kind: ``spearman`` or ``pearson``.
        n: number of pairs.
        first, second: the coefficients of the two systems.
        delta: first - second.
        interval: percentile interval of delta; None for two pairs.
        p_value: two-sided, by inverting the percentile interval, at most 1:
            2 (1 + min(#{delta* <= 0}, #{delta* >= 0})) / (B + 1). None where there is no interval.
    """

    kind: CorrelationKind
    n: int
    first: float
    second: float
    delta: float
    interval: Interval | None
    p_value: float | None


@dataclass(frozen=True)
class _Ranking:
    """Tie groups of one variable: ``order`` sorts it, ``starts`` are where its groups begin in that order."""

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    group_of: NDArray[np.intp]
    tied: bool


def correlation(x: ArrayLike, y: ArrayLike, kind: CorrelationKind = "spearman") -> float:
    """Pearson's or Spearman's (midranks) coefficient of paired values of shape [n].

    Raises:
        ValueError: fewer than two pairs, unequal lengths, a value that is not finite, a constant variable, or
        an
            unknown kind.
    """
    systems, gold = _checked(np.atleast_2d(finite_vector(x, "x")), y, kind)
    each_once = np.ones((1, len(gold)), dtype=np.int64)
    return float(_correlations(systems, gold, [each_once], kind)[0, 0])


def bootstrap_correlations(
    systems: ArrayLike,
    gold: ArrayLike,
    *,
    kind: CorrelationKind = "spearman",
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> FloatArray:
    """Correlation with the gold scores of every system, on the same resamples of the pairs.

    Args:
        systems: scores, shape [n_systems, n_pairs].
        gold: gold scores, shape [n_pairs].
        kind: ``spearman`` or ``pearson``.
        n_resamples: number of resamples.
        seed: seed of the shared weights; the same as for :func:`harness.stats.bootstrap_means`.

    Returns:
        Shape [n_systems, n_resamples]. NaN where a resample left a variable constant, which has no
        correlation.

    Raises:
        ValueError: as :func:`correlation`.
    """
    matrix, target = _checked(systems, gold, kind)
    chunks = resampling_counts(len(target), n_resamples, seed, _CELLS_PER_CHUNK)
    return _correlations(matrix, target, chunks, kind)


def bootstrap_correlation(
    x: ArrayLike,
    y: ArrayLike,
    kind: CorrelationKind = "spearman",
    n_resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval | None:
    """Percentile bootstrap interval of a correlation over pairs, ``x`` and ``y`` of shape [n].

    Resamples that leave a variable constant are set aside; they occur in small or nearly constant samples
    only.

    Returns:
        The interval; None for two pairs, and where under half of the resamples have a correlation.

    Raises:
        ValueError: as :func:`correlation`, or an impossible confidence.
    """
    valid_confidence(confidence)
    x_vector = finite_vector(x, "x")
    replicates = bootstrap_correlations(x_vector[None, :], y, kind=kind, n_resamples=n_resamples, seed=seed)[
        0
    ]
    return _interval(replicates, len(x_vector), confidence)


def paired_bootstrap_correlation(
    x1: ArrayLike,
    x2: ArrayLike,
    gold: ArrayLike,
    *,
    kind: CorrelationKind = "spearman",
    seed: int = 0,
    confidence: float = 0.95,
) -> CorrelationDifference:
    """Difference of two correlations with the same gold scores, all of shape [n], by 10,000 paired resamples.

    Raises:
        ValueError: as :func:`correlation`, or an impossible confidence.
    """
    valid_confidence(confidence)
    first, second = finite_vector(x1, "x1"), finite_vector(x2, "x2")
    same_length(first, second, "x1 and x2")
    both = np.stack([first, second])
    replicates = bootstrap_correlations(both, gold, kind=kind, seed=seed)
    differences = replicates[0] - replicates[1]
    interval = _interval(differences, len(first), confidence)
    coefficients = correlation(first, gold, kind), correlation(second, gold, kind)
    return CorrelationDifference(
        kind=kind,
        n=len(first),
        first=coefficients[0],
        second=coefficients[1],
        delta=coefficients[0] - coefficients[1],
        interval=interval,
        p_value=None if interval is None else _two_sided(differences[~np.isnan(differences)]),
    )


def _checked(systems: ArrayLike, gold: ArrayLike, kind: str) -> tuple[FloatArray, FloatArray]:
    if kind not in get_args(CorrelationKind):
        raise ValueError(f"unknown correlation {kind!r}: give one of {', '.join(get_args(CorrelationKind))}")
    matrix, target = finite_matrix(systems, "scores"), finite_vector(gold, "gold")
    same_length(matrix, target, "scores and gold")
    if len(target) < 2:
        raise ValueError(f"a correlation needs at least two pairs, got {len(target)}")
    for name, row in [("gold", target), *((f"scores of system {i}", row) for i, row in enumerate(matrix))]:
        if np.ptp(row) == 0.0:
            raise ValueError(f"{name} are all {row[0]}: a constant has no correlation")
    return matrix, target


def _interval(replicates: FloatArray, n: int, confidence: float) -> Interval | None:
    usable = replicates[~np.isnan(replicates)]
    if n < 3 or 2 * len(usable) < len(replicates):
        return None
    return percentile_interval(usable, confidence)


def _two_sided(differences: FloatArray) -> float:
    tolerance = 1e-12
    below = int(np.sum(differences <= tolerance))
    above = int(np.sum(differences >= -tolerance))
    return min(1.0, 2.0 * (1 + min(below, above)) / (len(differences) + 1))


def _correlations(
    systems: FloatArray, gold: FloatArray, chunks: Iterable[NDArray[np.int64]], kind: str
) -> FloatArray:
    """Correlations [n_systems, n_resamples] of systems [n_systems, n] with gold [n], counts [chunk, n]."""
    if kind == "pearson":
        x, y = _standardised(systems), _standardised(gold[None, :])[0]
        return np.concatenate([_pearson(x, y, counts.astype(np.float64)) for counts in chunks], axis=1)
    rankings, gold_ranking = [_ranking(row) for row in systems], _ranking(gold)
    return np.concatenate(
        [_spearman(rankings, gold_ranking, counts.astype(np.float64)) for counts in chunks], axis=1
    )


def _spearman(rankings: list[_Ranking], gold: _Ranking, weights: FloatArray) -> FloatArray:
    gold_ranks, gold_squares = _centred_ranks(gold, weights)
    weighted_gold = weights * gold_ranks
    result = np.empty((len(rankings), len(weights)))
    for row, ranking in zip(result, rankings, strict=True):
        ranks, squares = _centred_ranks(ranking, weights)
        row[:] = _ratio(np.einsum("ij,ij->i", weighted_gold, ranks), squares, gold_squares)
    return result


def _ranking(values: FloatArray) -> _Ranking:
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    group_of = np.empty(len(values), dtype=np.intp)
    group_of[order] = np.cumsum(is_first) - 1
    return _Ranking(order, np.flatnonzero(is_first), group_of, tied=not bool(is_first.all()))


def _centred_ranks(ranking: _Ranking, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Twice the centred midrank of each value in each resample, [chunk, n], and its weighted sum of squares,
    [chunk]."""
    groups = weights.take(ranking.order, axis=1)
    if ranking.tied:
        groups = np.add.reduceat(groups, ranking.starts, axis=1)
    # 2 * before + group - n, with before = cumulative - group: all integers below 2^53.
    ranks = np.cumsum(groups, axis=1)
    ranks *= 2.0
    ranks -= groups
    ranks -= weights.shape[1]
    squares = np.einsum("ij,ij,ij->i", groups, ranks, ranks)
    return ranks.take(ranking.group_of, axis=1), squares


def _pearson(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """One-pass weighted correlations of standardised x [n_systems, n] and y [n]."""
    n = weights.shape[1]
    mean_x, mean_y = x @ weights.T / n, weights @ y / n
    square_x = (x * x) @ weights.T - n * mean_x**2
    square_y = weights @ (y * y) - n * mean_y**2
    product = (x * y) @ weights.T - n * mean_x * mean_y
    # A resample of one repeated value has rounding noise for a variance; it is as constant as an exact zero.
    noise = 1e-12 * n
    return _ratio(
        product, np.where(square_x > noise, square_x, 0.0), np.where(square_y > noise, square_y, 0.0)
    )


def _standardised(rows: FloatArray) -> FloatArray:
    # A shared offset or unit would cost digits in the one-pass sums.
    centred = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(centred / centred.std(axis=1, keepdims=True), dtype=np.float64)


def _ratio(product: FloatArray, square_x: FloatArray, square_y: FloatArray) -> FloatArray:
    scale = np.sqrt(square_x * square_y)
    quotient = np.full(np.broadcast_shapes(product.shape, scale.shape), np.nan)
    np.divide(product, scale, out=quotient, where=scale > 0.0)
    return np.asarray(np.clip(quotient, -1.0, 1.0), dtype=np.float64)
