"""Measures of scores against labels of 0 and 1, and their bootstrap over items.

A threshold lies between two different scores, or beyond all of them: tied scores are never told apart. With the
items sorted once, a resample is a vector of counts, and two cumulative sums give the hits and the items above every
threshold.

    average_precision = sum over thresholds of (recall - recall before) * precision
    best_accuracy     = the highest accuracy that any threshold reaches
    best_f1           = the highest F1 of the positives that any threshold reaches

Source of the definitions: scikit-learn's ``average_precision_score``; sentence-transformers' and MTEB's evaluators
of pair classification. Those try the thresholds between neighbouring items only, tied or not: where scores are tied
their figure depends on the order of the pairs, and a threshold beyond all items is never tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.arrays import FloatArray, finite_matrix, finite_vector, same_length
from harness.stats.bootstrap import RESAMPLES, resampling_counts

ThresholdKind = Literal["average_precision", "best_accuracy", "best_f1"]

_CELLS_PER_CHUNK = 1 << 17


def threshold_measure(scores: ArrayLike, labels: ArrayLike, kind: ThresholdKind) -> float:
    """A measure of scores against labels, both [n_items]; higher scores speak for label 1.

    Raises ValueError for unequal lengths, a score that is not finite, labels other than 0 and 1, or no label 1.
    """
    matrix, truth = _checked(np.atleast_2d(finite_vector(scores, "scores")), labels)
    once = np.ones((1, len(truth)), dtype=np.int64)
    return float(_of_counts(matrix[0], truth, [once], kind)[0])


def bootstrap_threshold_measures(
    scores: ArrayLike, labels: ArrayLike, kind: ThresholdKind, *, n_resamples: int = RESAMPLES, seed: int = 0
) -> FloatArray:
    """The measure of several systems' scores [n_systems, n_items] on the same resamples, [n_systems, n_resamples].

    Each resample finds its own best threshold. NaN where a resample has no label 1. Raises ValueError as
    threshold_measure.
    """
    matrix, truth = _checked(scores, labels)
    return np.stack(
        [
            _of_counts(row, truth, resampling_counts(len(truth), n_resamples, seed, _CELLS_PER_CHUNK), kind)
            for row in matrix
        ]
    )


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[FloatArray, FloatArray]:
    matrix, truth = finite_matrix(scores, "scores"), finite_vector(labels, "labels")
    same_length(matrix, truth, "scores and labels")
    if not np.isin(truth, (0.0, 1.0)).all():
        raise ValueError("labels must be 0 or 1")
    if not truth.any():
        raise ValueError("no label is 1: nothing could be found")
    return matrix, truth


def _of_counts(
    scores: FloatArray, truth: FloatArray, chunks: Iterable[NDArray[np.int64]], kind: ThresholdKind
) -> FloatArray:
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.flatnonzero(np.concatenate([ordered[1:] != ordered[:-1], [True]]))
    positive = truth[order]
    found = []
    for counts in chunks:
        weights = counts.astype(np.float64).take(order, axis=1)
        above = np.cumsum(weights, axis=1)[:, last]
        hits = np.cumsum(weights * positive, axis=1)[:, last]
        found.append(_KINDS[kind](hits, above))
    return np.concatenate(found)


def _average_precision(hits: FloatArray, above: FloatArray) -> FloatArray:
    precision = np.divide(hits, above, out=np.zeros_like(hits), where=above > 0)
    gained = np.diff(hits, axis=1, prepend=0.0)
    return _over((gained * precision).sum(axis=1), hits[:, -1])


def _best_accuracy(hits: FloatArray, above: FloatArray) -> FloatArray:
    n = above[:, -1]
    negatives = n - hits[:, -1]
    right = (hits + negatives[:, None] - (above - hits)).max(axis=1)
    return np.asarray(np.maximum(right, negatives) / n, dtype=np.float64)


def _best_f1(hits: FloatArray, above: FloatArray) -> FloatArray:
    positives = hits[:, -1]
    whole = above + positives[:, None]
    f1 = np.divide(2.0 * hits, whole, out=np.zeros_like(hits), where=whole > 0).max(axis=1)
    return np.where(positives > 0, f1, np.nan)


def _over(part: FloatArray, whole: FloatArray) -> FloatArray:
    found = np.full(len(part), np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


_KINDS = {"average_precision": _average_precision, "best_accuracy": _best_accuracy, "best_f1": _best_f1}
