"""The best k of many, in canonical order: score descending, then document id descending.

Ties at the end kept right.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Scores = NDArray[np.float32]
Keys = NDArray[np.uint64]

#: Documents of one tile: enough to keep the matrix product busy, few enough that its scores stay in the
#: cache.
TILE = 4096
_SIGN = np.uint32(0x80000000)
_LOW = np.uint64(0xFFFFFFFF)


def id_ranks(ids: pa.ChunkedArray | pa.Array) -> Positions:
    """Return each position's place among the ids sorted by UTF-8 bytes, [n_documents]."""
    column = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    order = pc.array_sort_indices(column).to_numpy()
    ranks = np.empty(len(column), dtype=np.int64)
    ranks[order] = np.arange(len(column))
    return ranks


def best(scores: Scores, k: int, ranks: Positions) -> Positions:
    """Return the columns of the k best of one row, best first; ``ranks`` breaks ties, higher first."""
    n = len(scores)
    if k < n:
        threshold = np.partition(scores, n - k)[n - k]
        candidates = np.flatnonzero(scores >= threshold)  # all that tie with the last, too
    else:
        candidates = np.arange(n)
    order = np.lexsort((-ranks[candidates], -scores[candidates]))[:k]
    return candidates[order]


class TopK:
    """The best k documents of each query, of tiles added one after the other.

    A result is one unsigned integer, its score above its document's rank, so that comparing integers is the
    canonical order and no tie is ever lost. Memory: 8 bytes x n_queries x (k + ``TILE``).
    """

    def __init__(self, n_queries: int, k: int, ranks: Positions) -> None:
        self._k, self._ranks = k, ranks.astype(np.uint32, copy=False)
        self._keys: Keys = np.zeros((n_queries, k + TILE), dtype=np.uint64)
        self._counts = np.zeros(n_queries, dtype=np.int64)
        self._floor = np.full(n_queries, -np.inf, dtype=np.float32)

    def add(self, rows: slice, scores: Scores, start: int) -> None:
        """Add documents ``start, start + 1, ...`` for some queries: scores [n_rows, up to TILE], no NaN."""
        first, n_tile = rows.start, scores.shape[1]
        floor = self._floor[rows]
        if np.isneginf(floor).all() and n_tile > self._k:
            # Nothing is known yet: the tile's own k-th best spares keeping all of it.
            floor = np.partition(scores, n_tile - self._k, axis=1)[:, n_tile - self._k]
            self._floor[rows] = floor
        query, column, new = _at_least(scores, floor)
        if (self._counts[rows] + new > self._keys.shape[1]).any():
            self._compact(rows)
            query, column, new = _at_least(scores, np.maximum(floor, self._floor[rows]))
        values = scores[query, column]
        keys = (_ordered(values).astype(np.uint64) << np.uint64(32)) | self._ranks[start + column]
        before = np.cumsum(new) - new
        place = self._counts[rows][query] + np.arange(len(query)) - before[query]
        self._keys[first + query, place] = keys
        self._counts[rows] += new

    def _compact(self, rows: slice) -> None:
        """Keep the k best of some queries, and learn from the last of them what need not be kept any more."""
        keys, k = self._keys[rows], self._k
        width = keys.shape[1]
        keys[np.arange(width) >= self._counts[rows][:, None]] = 0
        parted = np.partition(keys, width - k, axis=1)
        keys[:, :k] = parted[:, width - k :]
        full = self._counts[rows] >= k
        lowest = parted[:, width - k]
        self._floor[rows] = np.where(full, _score(lowest), -np.inf)
        self._counts[rows] = np.minimum(self._counts[rows], k)
        # Fewer than k are not at the row's end after the partition where zeros are mixed in.
        for row in np.flatnonzero(~full):
            kept = parted[row][parted[row] > 0]
            keys[row, : len(kept)] = kept

    def result(self) -> list[tuple[Positions, Scores]]:
        """Return (positions, scores) of each query, best first, at most k."""
        document = np.empty(len(self._ranks), dtype=np.uint32)
        document[self._ranks] = np.arange(len(self._ranks), dtype=np.uint32)
        found = []
        for keys, count in zip(self._keys, self._counts.tolist(), strict=True):
            chosen = np.sort(keys[:count])[::-1][: self._k]
            found.append((document[chosen & _LOW].astype(np.int64), _score(chosen)))
        return found


def _at_least(scores: Scores, floor: Scores) -> tuple[Positions, Positions, Positions]:
    """Return (row, column) of every score not below its row's floor, and how many each row has."""
    flat = np.flatnonzero(scores >= floor[:, None])
    row, column = np.divmod(flat, scores.shape[1])
    return row, column, np.bincount(row, minlength=len(scores)).astype(np.int64)


def _ordered(scores: Scores) -> NDArray[np.uint32]:
    """Return integers in the order of the scores; 0 and -0 are one score."""
    bits = (scores + np.float32(0)).view(np.uint32)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _score(keys: Keys) -> Scores:
    bits = (keys >> np.uint64(32)).astype(np.uint32)
    return np.where(bits & _SIGN, bits ^ _SIGN, ~bits).view(np.float32)
