"""Exact search over vectors, tile by tile: memory grows with queries x depth, not with the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.search.topk import TILE, Positions, Scores, TopK

Matrix = NDArray[np.float32]
QUERIES = 1024  # with a tile of documents, 16 MB of scores
_LARGEST = 1e38
MAY_OVERFLOW = ("dot", "euclidean")


def normalised(vectors: Matrix) -> Matrix:
    """Return rows of length 1; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _dot(queries: Matrix, documents: Matrix) -> Matrix:
    return queries @ documents.T


def _euclidean(queries: Matrix, documents: Matrix) -> Matrix:
    from scipy.spatial.distance import cdist

    return np.asarray(-cdist(queries, documents, "euclidean"), dtype=np.float32)


def _manhattan(queries: Matrix, documents: Matrix) -> Matrix:
    from scipy.spatial.distance import cdist

    return np.asarray(-cdist(queries, documents, "cityblock"), dtype=np.float32)


#: name -> scores [n_queries, n_documents] of two matrices; distances are negated, so that higher is nearer.
#: For the
#: cosine, rows are of length 1 already.
SIMILARITIES: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "cosine": _dot,
    "dot": _dot,
    "euclidean": _euclidean,
    "manhattan": _manhattan,
}


def pairwise(first: Matrix, second: Matrix, similarity: str) -> NDArray[np.float64]:
    """Return the similarity of each row of one matrix with the same row of another, [n].

    The cosine of two equal rows is 1, and not what rounding leaves of it: such pairs are tied.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    if similarity == "cosine":
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        cosines = (a * b).sum(axis=1) / np.maximum(lengths, 1e-12)
        return np.where((a == b).all(axis=1) & (lengths > 0), 1.0, cosines)
    if similarity == "dot":
        return np.asarray((a * b).sum(axis=1))
    order = {"euclidean": 2, "manhattan": 1}[similarity]
    return np.asarray(-np.linalg.norm(a - b, ord=order, axis=1))


def search(
    queries: Matrix, blocks: Iterable[NDArray[Any]], similarity: str, depth: int, ranks: NDArray[Any]
) -> list[tuple[Positions, Scores]]:
    """Return each query's ``depth`` most similar documents, (positions, scores) in canonical order.

    The tiles are of fixed size, whatever the blocks and the memory, since their shape moves the last bits.

    Args:
        queries: [n_queries, dimension].
        blocks: the documents' vectors in order of position, any number of rows at a time, fp32 or fp16.
        similarity: cosine, dot, euclidean or manhattan.
        depth: how many documents to keep.
        ranks: [n_documents] places of the documents' ids, to break ties.

    Raises ModelError where a similarity is not a number.
    """
    measure = SIMILARITIES[similarity]
    prepared = normalised(queries) if similarity == "cosine" else queries
    found = TopK(len(queries), min(depth, len(ranks)), ranks)
    start = 0
    for block in blocks:
        for low in range(0, len(block), TILE):
            tile = np.asarray(block[low : low + TILE], dtype=np.float32)
            if similarity in MAY_OVERFLOW:
                check_range(prepared, longest(tile), similarity)
            if similarity == "cosine":
                tile = normalised(tile)
            for first in range(0, len(queries), QUERIES):
                rows = slice(first, min(first + QUERIES, len(queries)))
                found.add(rows, measure(prepared[rows], tile), start)
            start += len(tile)
    return found.result()


def ready(documents: NDArray[Any], similarity: str) -> Matrix:
    """Return documents as :func:`compared` takes them: in 32 bits, and under cosine of length 1."""
    rows = np.asarray(documents, dtype=np.float32)
    return normalised(rows) if similarity == "cosine" else rows


def compared(queries: Matrix, documents: Matrix, similarity: str) -> Matrix:
    """Return the similarity of each query with each document that is ready, [n_queries, n_documents].

    Raises ModelError where one is not a number.
    """
    prepared = normalised(queries) if similarity == "cosine" else queries
    scores = SIMILARITIES[similarity](prepared, documents)
    if not np.isfinite(scores).all():
        check_range(prepared, longest(documents), similarity)
    return scores


def longest(documents: Matrix) -> float:
    """Return the length of the longest row."""
    return float(np.sqrt(np.einsum("ij,ij->i", documents, documents, dtype=np.float64).max(initial=0.0)))


def check_range(queries: Matrix, length: float, similarity: str) -> None:
    """Raise ModelError where documents so long make a product that may overflow, which would lose results."""
    if similarity not in MAY_OVERFLOW:
        return
    if length * np.linalg.norm(queries.astype(np.float64), axis=1).max(initial=0.0) > _LARGEST:
        raise ModelError(
            f"embeddings as long as {length:.1e} overflow a similarity by {similarity}; set 'normalize: "
            "true' or "
            "'similarity: cosine' for this model"
        )
