"""Exact search over vectors, tile by tile: memory grows with queries x depth, not with the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from harness.search.topk import Positions, TopK

Matrix = NDArray[np.float32]
_TILE_CELLS = 32_000_000  # scores of one tile: 128 MB


def normalised(vectors: Matrix) -> Matrix:
    """Return rows of length 1; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _cosine(queries: Matrix, documents: Matrix) -> Matrix:
    return normalised(queries) @ normalised(documents).T


def _dot(queries: Matrix, documents: Matrix) -> Matrix:
    return queries @ documents.T


def _euclidean(queries: Matrix, documents: Matrix) -> Matrix:
    from scipy.spatial.distance import cdist

    return np.asarray(-cdist(queries, documents, "euclidean"), dtype=np.float32)


def _manhattan(queries: Matrix, documents: Matrix) -> Matrix:
    from scipy.spatial.distance import cdist

    return np.asarray(-cdist(queries, documents, "cityblock"), dtype=np.float32)


#: name -> scores [n_queries, n_documents] of two matrices; distances are negated, so that higher is nearer.
SIMILARITIES: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "cosine": _cosine,
    "dot": _dot,
    "euclidean": _euclidean,
    "manhattan": _manhattan,
}


def pairwise(first: Matrix, second: Matrix, similarity: str) -> NDArray[np.float64]:
    """Return the similarity of each row of one matrix with the same row of another, [n]."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    if similarity == "cosine":
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        return np.asarray((a * b).sum(axis=1) / np.maximum(lengths, 1e-12))
    if similarity == "dot":
        return np.asarray((a * b).sum(axis=1))
    order = {"euclidean": 2, "manhattan": 1}[similarity]
    return np.asarray(-np.linalg.norm(a - b, ord=order, axis=1))


def search(queries: Matrix, blocks: Iterable[Matrix], similarity: str, depth: int, ranks: Positions) -> TopK:
    """Return each query's ``depth`` most similar documents, in canonical order.

    Args:
        queries: [n_queries, dimension].
        blocks: the documents' vectors in order of position, any number of rows at a time.
        similarity: cosine, dot, euclidean or manhattan.
        depth: how many documents to keep.
        ranks: [n_documents] places of the documents' ids, to break ties.
    """
    measure = SIMILARITIES[similarity]
    found = TopK.empty(len(queries))
    start = 0
    for block in blocks:
        step = max(1, _TILE_CELLS // max(1, len(queries)))
        for low in range(0, len(block), step):
            tile = block[low : low + step]
            found = found.merged(measure(queries, tile), start, depth, ranks)
            start += len(tile)
    return found
