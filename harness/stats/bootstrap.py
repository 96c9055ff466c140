"""Percentile bootstrap over queries, through one set of resampling weights shared by all systems.

A resample of n queries is a vector of n counts drawn from a multinomial(n, 1/n); the mean of the resample is
the product of those counts with the scores, over n. The counts depend only on ``(n, seed)``, never on the
scores, so all systems see the same resamples, and any statement about several of them (a difference,
membership of a Pareto front) can be read off resample by resample.

Source: B. Efron and R. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13 (percentile
interval).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from harness.stats.arrays import FloatArray, finite_matrix, finite_vector, valid_confidence
from harness.stats.bounded import special_interval
from harness.stats.interval import Interval

RESAMPLES = 10_000

# Indices and counts of one chunk take about 8 + 8 + 8 bytes a cell: 2^20 cells are some 25 MB, whatever n.
_CELLS_PER_CHUNK = 1 << 20


def resampling_counts(
    n: int, n_resamples: int, seed: int, cells: int = _CELLS_PER_CHUNK
) -> Iterator[NDArray[np.int64]]:
    """Resampling counts in chunks of shape [chunk, n]; every row sums to n.

    The rows depend on ``n`` and ``seed`` only: neither the chunk size nor ``n_resamples`` changes the first k
    rows.

    Raises:
        ValueError: ``n`` or ``n_resamples`` is not positive.
    """
    if n < 1 or n_resamples < 1:
        raise ValueError(f"n and n_resamples must be positive, got n = {n} and n_resamples = {n_resamples}")
    generator = np.random.default_rng([seed, n])
    rows_per_chunk = max(1, cells // n)
    for start in range(0, n_resamples, rows_per_chunk):
        rows = min(rows_per_chunk, n_resamples - start)
        # Counting uniform draws is a multinomial, and several times faster than drawing n binomials a row.
        draws = generator.integers(0, n, size=(rows, n), dtype=np.int64)
        draws += np.arange(0, rows * n, n, dtype=np.int64)[:, None]
        yield np.bincount(draws.ravel(), minlength=rows * n).reshape(rows, n)


def _alone(chunks: Iterator[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """Let one thread of the linear algebra work on each chunk: such products wait for memory, and more threads spin."""
    with threadpool_limits(1, user_api="blas"):
        yield from chunks


def bootstrap_means(matrix: ArrayLike, *, n_resamples: int = RESAMPLES, seed: int = 0) -> FloatArray:
    """Means of every system on the same resamples of the queries.

    Args:
        matrix: per-query scores, shape [n_systems, n_queries].
        n_resamples: number of resamples.
        seed: seed of the shared weights.

    Returns:
        Shape [n_systems, n_resamples], in the unit of the scores.

    Raises:
        ValueError: no queries, a shape other than two-dimensional, or a score that is not finite.
    """
    scores = finite_matrix(matrix, "scores")
    n_systems, n = scores.shape
    if n == 0:
        raise ValueError("cannot resample zero queries")
    # Taken relative to one of the scores, so that constant scores have exactly constant means.
    origin = scores[:, :1]
    centred = scores - origin
    means = np.empty((n_systems, n_resamples))
    done = 0
    for counts in _alone(resampling_counts(n, n_resamples, seed)):
        means[:, done : done + len(counts)] = centred @ counts.T.astype(np.float64)
        done += len(counts)
    return np.asarray(means / n + origin, dtype=np.float64)


def bootstrap_mean(
    scores: ArrayLike, *, n_resamples: int = RESAMPLES, seed: int = 0, confidence: float = 0.95
) -> Interval | None:
    """The interval of the mean of per-query scores, shape [n]: never of width zero.

    Returns:
        Percentile bootstrap, in the unit of the scores; Wilson's for scores of 0 and 1 alone, and Clopper and
        Pearson's for scores that are all the same (of measures between 0 and 1). None for a single query, whose mean
        exists but has no interval.

    Raises:
        ValueError: zero queries, a score that is not finite, or an impossible confidence.
    """
    vector = finite_vector(scores, "scores")
    valid_confidence(confidence)
    if len(vector) == 0:
        raise ValueError("cannot resample zero queries")
    if len(vector) == 1:
        return None
    if found := special_interval(vector, confidence):
        return found
    return percentile_interval(
        bootstrap_means(vector[None, :], n_resamples=n_resamples, seed=seed)[0], confidence
    )


def bootstrap_each(
    matrix: ArrayLike, *, n_resamples: int = RESAMPLES, seed: int = 0, confidence: float = 0.95
) -> list[Interval | None]:
    """The interval of each system's mean as :func:`bootstrap_mean` gives it, to the last bit; resamples drawn once.

    Args:
        matrix: per-query scores, shape [n_systems, n_queries].
        n_resamples, seed, confidence: as there.

    Raises:
        ValueError: as there.
    """
    scores = finite_matrix(matrix, "scores")
    valid_confidence(confidence)
    n_systems, n = scores.shape
    if n == 0:
        raise ValueError("cannot resample zero queries")
    found = [special_interval(row, confidence) for row in scores]
    drawn = [i for i in range(n_systems) if n > 1 and found[i] is None]
    origins = scores[drawn, :1]
    centred = scores[drawn] - origins
    means = np.empty((len(drawn), n_resamples))
    done = 0
    for counts in _alone(resampling_counts(n, n_resamples, seed)) if drawn else ():
        weights = counts.T.astype(np.float64)
        for row, system in enumerate(centred):
            # By itself: a product of matrices adds up in another order than one of a vector.
            means[row, done : done + len(counts)] = (system[None, :] @ weights)[0]
        done += len(counts)
    for i, row in zip(drawn, means / n + origins, strict=True):
        found[i] = percentile_interval(row, confidence)
    return found


def percentile_interval(replicates: FloatArray, confidence: float = 0.95) -> Interval:
    """The percentile interval of replicates, shape [n_resamples]; ValueError where there are none."""
    tail = (1.0 - valid_confidence(confidence)) / 2.0
    if len(replicates) == 0:
        raise ValueError("no bootstrap replicates")
    low, high = np.quantile(replicates, [tail, 1.0 - tail])
    return Interval(float(low), float(high), confidence, "bootstrap-percentile")
