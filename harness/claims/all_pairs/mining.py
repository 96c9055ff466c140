"""The most similar pair and every pair above a threshold, exactly, tile by tile of the upper triangle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.search.exact import SIMILARITIES, Matrix, normalised
from harness.search.topk import TILE

_ROWS = 1024  # with a tile of columns, 16 MB of scores
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Mined:
    """Pairs found among n sentences, the most similar first; of equal scores, the pair with the lower places first.

    Attributes:
        best: places (first < second) and score of the most similar pair.
        first, second, scores: every pair whose score reaches the threshold, [n_pairs] each.
    """

    best: tuple[int, int, float]
    first: Ints
    second: Ints
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.scores)


def n_pairs(n: int) -> int:
    """Return how many pairs n sentences have, n(n-1)/2."""
    return n * (n - 1) // 2


def upper(n: int) -> tuple[Ints, Ints]:
    """Return the places of both sentences of every pair, first < second, row by row, [n_pairs] each."""
    first, second = np.triu_indices(n, 1)
    return first.astype(np.int64), second.astype(np.int64)


def mine(vectors: Matrix, similarity: str, threshold: float) -> Mined:
    """Search all pairs of two or more vectors.

    Args:
        vectors: [n, dimension] float32.
        similarity: cosine, dot, euclidean or manhattan (distances are negated).
        threshold: the least similarity of the pairs that are returned.
    """
    measure = SIMILARITIES[similarity]
    rows = normalised(vectors) if similarity == "cosine" else vectors
    best = (0, 1, -np.inf)
    kept: list[tuple[Ints, Ints, NDArray[np.float32]]] = []
    for top in range(0, len(rows), _ROWS):
        block = rows[top : top + _ROWS]
        for left in range(top - top % TILE, len(rows), TILE):
            start = max(left, top)  # what lies left of the block's first row is below the diagonal
            scores = measure(block, rows[start : left + TILE])
            if start < top + len(block):
                scores = _above_diagonal(scores, start - top)
            place = int(scores.argmax())
            if (score := float(scores.flat[place])) > best[2]:
                row, column = divmod(place, scores.shape[1])
                best = (top + row, start + column, score)
            found = np.flatnonzero(scores >= threshold)
            if len(found):
                row_of, column_of = np.divmod(found, scores.shape[1])
                kept.append((top + row_of, start + column_of, scores.flat[found]))
    return _ordered(best, kept)


def from_scores(scores: NDArray[np.float32], n: int, threshold: float) -> Mined:
    """Return what a score for each pair says, [n_pairs] in the order of :func:`upper`."""
    first, second = upper(n)
    place = int(scores.argmax())
    found = np.flatnonzero(scores >= threshold)
    best = (int(first[place]), int(second[place]), float(scores[place]))
    return _ordered(best, [(first[found], second[found], scores[found])])


def _above_diagonal(scores: Matrix, shift: int) -> Matrix:
    """Return scores with minus infinity wherever column + shift <= row: a pair counts once, no sentence with itself."""
    below = np.arange(scores.shape[1])[None, :] + shift <= np.arange(scores.shape[0])[:, None]
    return np.where(below, np.float32(-np.inf), scores)


def _ordered(best: tuple[int, int, float], kept: list[tuple[Ints, Ints, NDArray[np.float32]]]) -> Mined:
    if not kept:
        empty = np.zeros(0, dtype=np.int64)
        return Mined(best, empty, empty, np.zeros(0, dtype=np.float32))
    first, second, scores = (np.concatenate([part[i] for part in kept]) for i in range(3))
    order = np.lexsort((second, first, -scores))
    return Mined(best, first[order], second[order], scores[order])
