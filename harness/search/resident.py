"""An exact index made ready once and searched query by query, as a server does.

:func:`harness.search.exact.search` streams a corpus for many queries at once and prepares each tile as it
passes. Here that preparation is done when the index is loaded: the lengths that a cosine divides by, the
check that no product overflows, and the order of the ids. Vectors of 32 bits stay where they are mapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.search import exact
from harness.search.topk import TILE, Positions, Scores, TopK, documents_by_rank


class ResidentIndex:
    """All vectors of a corpus; scores differ from the streamed search's in the last bits at most."""

    def __init__(self, blocks: Iterable[NDArray[Any]], similarity: str, ranks: NDArray[Any]) -> None:
        """Take the vectors as :func:`harness.search.exact.search` does.

        Args:
            blocks: [n, dimension] in order of position, fp32 (kept as they are) or fp16 (widened).
            similarity: cosine, dot, euclidean or manhattan.
            ranks: [n_documents] places of the documents' ids, to break ties.
        """
        self._similarity = similarity
        self._tiles: list[tuple[int, exact.Matrix, NDArray[np.float32] | None]] = []
        self._longest = 0.0
        start = 0
        for block in blocks:
            for low in range(0, len(block), TILE):
                tile = np.asarray(block[low : low + TILE], dtype=np.float32)
                inverse = None
                if similarity == "cosine":
                    inverse = np.asarray(
                        1.0 / np.maximum(np.linalg.norm(tile, axis=1), 1e-12), dtype=np.float32
                    )
                if similarity in exact.MAY_OVERFLOW:
                    self._longest = max(self._longest, exact.longest(tile))
                self._tiles.append((start, tile, inverse))
                start += len(tile)
        self._ranks = ranks.astype(np.uint32)
        self._by_rank = documents_by_rank(self._ranks)

    @property
    def nbytes(self) -> int:
        """Bytes of the vectors."""
        return sum(tile.nbytes for _, tile, _ in self._tiles)

    @property
    def bytes_read(self) -> int:
        """Bytes that a search reads: each vector once, however many queries are searched for together."""
        return self.nbytes

    def search(self, queries: exact.Matrix, depth: int) -> list[tuple[Positions, Scores]]:
        """Return each query's ``depth`` most similar documents, (positions, scores) in canonical order.

        Raises ModelError where a similarity may not be a number.
        """
        measure = exact.SIMILARITIES[self._similarity]
        exact.check_range(queries, self._longest, self._similarity)
        prepared = exact.normalised(queries) if self._similarity == "cosine" else queries
        found = TopK(len(queries), min(depth, len(self._ranks)), self._ranks, self._by_rank)
        for start, tile, inverse in self._tiles:
            for first in range(0, len(queries), exact.QUERIES):
                rows = slice(first, min(first + exact.QUERIES, len(queries)))
                scores = measure(prepared[rows], tile)
                found.add(rows, scores if inverse is None else scores * inverse, start)
        return found.result()
