"""The best k of many, in canonical order: score descending, then document id descending.

Ties at the end kept right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Scores = NDArray[np.float32]
Keys = NDArray[np.uint64]
Ranks = NDArray[np.uint32]

#: Documents of one tile: enough to keep the matrix product busy, few enough that its scores stay in the
#: cache.
TILE = 4096
_AT_ONCE = 1 << 20  # documents looked through at once, when results are read out
_SIGN = np.uint32(0x80000000)
_LOW = np.uint64(0xFFFFFFFF)


def id_ranks(ids: pa.ChunkedArray | pa.Array) -> Ranks:
    """Return each position's place among the ids sorted by UTF-8 bytes, [n_documents]."""
    column = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    order = pc.array_sort_indices(column).to_numpy()
    ranks = np.empty(len(column), dtype=np.uint32)
    ranks[order] = np.arange(len(column), dtype=np.uint32)
    return ranks


def best(scores: NDArray[Any], k: int, ranks: NDArray[Any]) -> Positions:
    """Return the columns of the k best of one row, best first; ``ranks`` breaks ties, higher first."""
    n = len(scores)
    if k < n:
        threshold = np.partition(scores, n - k)[n - k]
        candidates = np.flatnonzero(scores >= threshold)  # all that tie with the last, too
    else:
        candidates = np.arange(n)
    return candidates[canonical(candidates, scores[candidates], ranks)[:k]]


def canonical(positions: Positions, scores: NDArray[Any], ranks: NDArray[Any]) -> NDArray[np.intp]:
    """Return the order of some results of one query: by score, ties by ``ranks``, higher first."""
    return np.lexsort((-ranks[positions].astype(np.int64), -scores))


class TopK:
    """The best k documents of each query, of tiles added one after the other.

    A result is one unsigned integer, its score above its document's rank, so that comparing integers is the
    canonical order and no tie is ever lost. Memory: 8 bytes x n_queries x (k + ``TILE``).
    """

    def __init__(
        self, n_queries: int, k: int, ranks: NDArray[Any], by_rank: NDArray[np.uint32] | None = None
    ) -> None:
        """``by_rank``: the document of each rank, where who asks again and again has it at hand."""
        self._k, self._ranks, self._by_rank = k, ranks.astype(np.uint32, copy=False), by_rank
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
        chosen = [
            np.sort(keys[:count])[::-1][: self._k]
            for keys, count in zip(self._keys, self._counts.tolist(), strict=True)
        ]
        if self._by_rank is None:
            position = self._positions([(keys & _LOW).astype(np.uint32) for keys in chosen])
        else:
            position = [self._by_rank[keys & _LOW].astype(np.int64) for keys in chosen]
        return [(found, _score(keys)) for found, keys in zip(position, chosen, strict=True)]

    def _positions(self, wanted: list[Ranks]) -> list[Positions]:
        """Find the documents of some ranks. The whole inverse would take 4 bytes a document; this takes one."""
        if not wanted:
            return []
        marked = np.zeros(len(self._ranks), dtype=np.bool_)
        for ranks in wanted:
            marked[ranks] = True
        starts = range(0, len(marked), _AT_ONCE)
        hits = [np.flatnonzero(marked[self._ranks[low : low + _AT_ONCE]]) + low for low in starts]
        places = np.concatenate([np.zeros(0, dtype=np.int64), *hits])
        places = places[np.argsort(self._ranks[places])]
        sorted_ranks = self._ranks[places]
        return [places[np.searchsorted(sorted_ranks, ranks)] for ranks in wanted]


def documents_by_rank(ranks: NDArray[Any]) -> NDArray[np.uint32]:
    """Return the position of the document of each rank, the inverse of ``ranks`` [n_documents]."""
    documents = np.empty(len(ranks), dtype=np.uint32)
    documents[ranks] = np.arange(len(ranks), dtype=np.uint32)
    return documents


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
