"""Exact search over sparse vectors: a document's score is what its active dimensions share with the query's.

Documents that share none with a query are never its results, as with BM25: their score, 0, says nothing. Vectors are
CSR matrices of SciPy, [n, dimensions] float32.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.search.topk import TILE, Positions, Scores, TopK, best

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_QUERIES = 256  # with a tile of documents, 4 MB of scores
_SIMILARITIES = ("dot", "cosine")


def check_similarity(similarity: str) -> None:
    """Raise ModelError for a similarity that looks at dimensions that are not active."""
    if similarity not in _SIMILARITIES:
        raise ModelError(
            f"sparse vectors are searched by dot or cosine, and this model compares by {similarity}; set 'similarity: "
            "dot' or 'similarity: cosine'"
        )


def normalised(vectors: csr_array) -> csr_array:
    """Return rows of length 1; a row without an active dimension stays as it is."""
    from scipy.sparse import csr_array, diags_array

    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).reshape(-1))
    scale = diags_array((1.0 / np.maximum(lengths, 1e-12)).astype(np.float32))
    return csr_array(scale @ vectors)


def search(
    queries: csr_array, blocks: Iterable[csr_array], similarity: str, depth: int, ranks: NDArray[Any]
) -> list[tuple[Positions, Scores]]:
    """Return each query's ``depth`` best documents, (positions, scores) in canonical order, at most.

    Args:
        queries: [n_queries, dimensions].
        blocks: the documents' vectors in order of position, any number of rows at a time.
        similarity: dot or cosine.
        depth: how many documents to keep.
        ranks: [n_documents] places of the documents' ids, to break ties.

    Raises ModelError for another similarity.
    """
    check_similarity(similarity)
    prepared = normalised(queries) if similarity == "cosine" else queries
    n_queries = prepared.shape[0]
    found = TopK(n_queries, min(depth, len(ranks)), ranks)
    start = 0
    for block in blocks:
        for low in range(0, block.shape[0], TILE):
            tile = block[low : low + TILE]
            across = ready(tile, similarity)
            for first in range(0, n_queries, _QUERIES):
                rows = slice(first, min(first + _QUERIES, n_queries))
                found.add(rows, np.asarray((prepared[rows] @ across).toarray(), dtype=np.float32), start)
            start += tile.shape[0]
    return [(positions[scores != 0], scores[scores != 0]) for positions, scores in found.result()]


def ready(documents: csr_array, similarity: str) -> csr_array:
    """Return documents as :func:`compared` takes them, dimension by dimension. Raises ModelError as :func:`search`."""
    check_similarity(similarity)
    return (normalised(documents) if similarity == "cosine" else documents).T.tocsr()


def compared(queries: csr_array, documents: csr_array, similarity: str) -> NDArray[np.float32]:
    """Return the score of each query with each document that is ready, [n_queries, n_documents]."""
    prepared = normalised(queries) if similarity == "cosine" else queries
    return np.asarray((prepared @ documents).toarray(), dtype=np.float32)


class SparseIndex:
    """Postings of a corpus, dimension by dimension, made ready once and searched query by query as a server does."""

    def __init__(self, blocks: Iterable[csr_array], similarity: str, ranks: NDArray[Any]) -> None:
        """Take the vectors as :func:`search` does."""
        from scipy.sparse import vstack

        check_similarity(similarity)
        self._cosine = similarity == "cosine"
        together = vstack(list(blocks), format="csr")
        self._postings = (normalised(together) if self._cosine else together).T.tocsr()
        self._ranks = ranks
        self._read = 0

    @property
    def postings(self) -> int:
        """Pairs of a document and an active dimension of it."""
        return int(self._postings.nnz)

    @property
    def nbytes(self) -> int:
        """Bytes of the postings: documents, their weights, and where each dimension's begin."""
        parts = (self._postings.data, self._postings.indices, self._postings.indptr)
        return sum(int(part.nbytes) for part in parts)

    @property
    def bytes_read(self) -> int:
        """Bytes of the postings of every active dimension of the queries last searched for."""
        return self._read

    def search(self, queries: csr_array, depth: int) -> list[tuple[Positions, Scores]]:
        """Return (positions, scores) of each query, in canonical order."""
        prepared = normalised(queries) if self._cosine else queries
        starts = self._postings.indptr
        asked = prepared.indices
        each = self._postings.data.itemsize + self._postings.indices.itemsize
        self._read = int((starts[asked + 1] - starts[asked]).sum()) * each
        found = []
        for row in range(prepared.shape[0]):
            scored = prepared[[row]] @ self._postings
            positions, scores = scored.indices.astype(np.int64), np.asarray(scored.data, dtype=np.float32)
            positions, scores = positions[scores != 0], scores[scores != 0]
            chosen = best(scores, min(depth, len(scores)), self._ranks[positions])
            found.append((positions[chosen], scores[chosen]))
        return found


__all__ = ["SparseIndex", "check_similarity", "normalised", "search"]
