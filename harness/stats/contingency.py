"""Measures of predicted groups against true groups, and their bootstrap over items.

Everything is computed from the contingency table T[prediction, truth]; a resample of the items is a vector of counts,
and its table the sum of the counts in each cell. Only the cells that occur are kept.

    accuracy  = sum of T[c, c] / n
    macro_f1  = mean over the classes that occur of 2 T[c, c] / (T[c, .] + T[., c])
    v_measure = 2 MI(T) / (H(T[c, .]) + H(T[., c])), 1 where both entropies are 0

Sources: scikit-learn's ``accuracy_score``, ``f1_score(average="macro")`` and ``v_measure_score``; A. Rosenberg and
J. Hirschberg, *V-Measure* (EMNLP 2007).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from harness.stats.arrays import FloatArray
from harness.stats.bootstrap import RESAMPLES, resampling_counts

GroupKind = Literal["accuracy", "macro_f1", "v_measure"]
Codes = NDArray[np.int64]

_CELLS_PER_CHUNK = 1 << 18


@dataclass(frozen=True)
class _Cells:
    """The cells of a contingency table that occur."""

    indicator: Any  # [n_cells, n_items] sparse: 1 where an item is in a cell
    row: Codes  # [n_cells] code of the prediction
    column: Codes  # [n_cells] code of the truth
    n_codes: int

    def rows(self, tables: FloatArray) -> FloatArray:
        """How often each code was predicted, [chunk, n_codes]."""
        return _summed(tables, self.row, self.n_codes)

    def columns(self, tables: FloatArray) -> FloatArray:
        """How often each code is true, [chunk, n_codes]."""
        return _summed(tables, self.column, self.n_codes)


def group_measure(predicted: ArrayLike, truth: ArrayLike, kind: GroupKind) -> float:
    """A measure of predicted codes against true codes, both [n_items] of small non-negative integers.

    Raises ValueError for no items, unequal lengths, or codes that are not such integers.
    """
    cells = _cells(*_checked(predicted, truth))
    once = np.ones((1, cells.indicator.shape[1]), dtype=np.int64)
    return float(_of_counts([cells], [once], kind)[0, 0])


def bootstrap_group_measures(
    predicted: ArrayLike, truth: ArrayLike, kind: GroupKind, *, n_resamples: int = RESAMPLES, seed: int = 0
) -> FloatArray:
    """The measure of several predictions [n_systems, n_items] on the same resamples, [n_systems, n_resamples].

    The predictions stay as they are: nothing is fitted or clustered again. Raises ValueError as group_measure.
    """
    systems = [_cells(*_checked(row, truth)) for row in np.atleast_2d(np.asarray(predicted))]
    n = len(np.asarray(truth))
    return _of_counts(systems, resampling_counts(n, n_resamples, seed, _CELLS_PER_CHUNK), kind)


def _checked(predicted: ArrayLike, truth: ArrayLike) -> tuple[Codes, Codes]:
    given = [np.asarray(values) for values in (predicted, truth)]
    if given[0].shape != given[1].shape or given[0].ndim != 1 or not len(given[0]):
        raise ValueError(
            f"codes must be two vectors of one length, got {given[0].shape} and {given[1].shape}"
        )
    codes = [values.astype(np.int64) for values in given]
    if any((code != value).any() or code.min() < 0 for code, value in zip(codes, given, strict=True)):
        raise ValueError("codes must be non-negative integers")
    return codes[0], codes[1]


def _cells(codes: Codes, truth: Codes) -> _Cells:
    n, n_codes = len(truth), int(max(codes.max(), truth.max())) + 1
    found, of_item = np.unique(codes * n_codes + truth, return_inverse=True)
    indicator = scipy.sparse.csr_array((np.ones(n), (of_item, np.arange(n))), shape=(len(found), n))
    return _Cells(indicator, found // n_codes, found % n_codes, n_codes)


def _of_counts(systems: Sequence[_Cells], chunks: Iterable[NDArray[np.int64]], kind: GroupKind) -> FloatArray:
    """The measure in every system and resample, [n_systems, n_resamples]."""
    measure = {"accuracy": _accuracy, "macro_f1": _macro_f1, "v_measure": _v_measure}[kind]
    found = []
    for counts in chunks:
        weights = np.ascontiguousarray(counts.T, dtype=np.float64)
        found.append([measure(cells, (cells.indicator @ weights).T) for cells in systems])
    return np.concatenate([np.stack(rows) for rows in found], axis=1)


def _summed(weights: FloatArray, place: Codes, size: int) -> FloatArray:
    """Sums of weights [chunk, n] by their places [n], [chunk, size]."""
    offsets = np.arange(len(weights), dtype=np.int64)[:, None] * size
    flat = np.bincount((offsets + place).ravel(), weights=weights.ravel(), minlength=len(weights) * size)
    return np.asarray(flat.reshape(len(weights), size), dtype=np.float64)


def _accuracy(cells: _Cells, tables: FloatArray) -> FloatArray:
    right = tables[:, cells.row == cells.column].sum(axis=1)
    return np.asarray(right / tables.sum(axis=1), dtype=np.float64)


def _macro_f1(cells: _Cells, tables: FloatArray) -> FloatArray:
    both = cells.rows(tables) + cells.columns(tables)
    same = cells.row == cells.column
    right = _summed(tables[:, same], cells.row[same], cells.n_codes)
    f1 = np.divide(2.0 * right, both, out=np.zeros_like(both), where=both > 0)
    return np.asarray(f1.sum(axis=1) / (both > 0).sum(axis=1), dtype=np.float64)


def _v_measure(cells: _Cells, tables: FloatArray) -> FloatArray:
    n = tables.sum(axis=1)
    rows, columns = (
        scipy.special.xlogy(sums, sums).sum(axis=1) for sums in (cells.rows(tables), cells.columns(tables))
    )
    joint, whole = scipy.special.xlogy(tables, tables).sum(axis=1), scipy.special.xlogy(n, n)
    # In units of n nats; a difference of rounding size is no entropy.
    noise = 1e-12 * np.maximum(whole, 1.0)
    shared = np.maximum(joint - rows - columns + whole, 0.0)
    entropies = 2.0 * whole - rows - columns
    found = np.ones(len(tables))
    np.divide(2.0 * shared, entropies, out=found, where=entropies > noise)
    return np.asarray(np.minimum(found, 1.0), dtype=np.float64)
