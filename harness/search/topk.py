"""The best k of many, in canonical order: score descending, then document id descending; ties at the end kept right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Scores = NDArray[np.float32]


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


@dataclass(frozen=True)
class TopK:
    """The best documents of each query: [n_queries, width] positions and scores, best first."""

    positions: Positions
    scores: Scores

    @classmethod
    def empty(cls, n_queries: int) -> TopK:
        """No documents yet."""
        return cls(np.zeros((n_queries, 0), dtype=np.int64), np.zeros((n_queries, 0), dtype=np.float32))

    def merged(self, scores: Scores, start: int, k: int, ranks: Positions) -> TopK:
        """Add a tile of documents ``start, start + 1, ...`` with scores [n_queries, n_tile]; keep the best k."""
        n_queries, n_tile = scores.shape
        width = min(k, self.scores.shape[1] + n_tile)
        positions = np.empty((n_queries, width), dtype=np.int64)
        kept = np.empty((n_queries, width), dtype=np.float32)
        floor = self.scores[:, -1] if self.scores.shape[1] >= k else None
        tile = np.arange(start, start + n_tile)
        for query in range(n_queries):
            row = scores[query]
            new = tile if floor is None else tile[row >= floor[query]]
            joined = np.concatenate([self.positions[query], new])
            values = np.concatenate([self.scores[query], row[new - start]])
            order = best(values, width, ranks[joined])
            positions[query], kept[query] = joined[order], values[order]
        return TopK(positions, kept)
