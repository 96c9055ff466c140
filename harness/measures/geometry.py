"""How embeddings lie on the unit sphere: alignment and uniformity.

Source: T. Wang and P. Isola, Understanding Contrastive Representation Learning through Alignment and Uniformity on
the Hypersphere (2020). Lower is better for both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import DataError

_ROWS = 1024  # of a tile, so that memory does not grow with the square of the texts


def alignment(first: ArrayLike, second: ArrayLike, alpha: float = 2.0) -> float:
    """Return the mean over positive pairs of ||x - y||^alpha, rows brought to length 1.

    Args:
        first, second: [n_pairs, dimension]; row i of both is a positive pair.

    Raises DataError for shapes that differ, no rows, or a row that has no direction.
    """
    x, y = _on_sphere(first), _on_sphere(second)
    if x.shape != y.shape:
        raise DataError(
            f"alignment: the embeddings have the shapes {x.shape} and {y.shape}; pairs need the same"
        )
    return float(np.mean(np.linalg.norm(x - y, axis=1) ** alpha))


def uniformity(embeddings: ArrayLike, t: float = 2.0) -> float:
    """Return log of the mean over pairs i < j of exp(-t ||x_i - x_j||^2), rows brought to length 1.

    Args:
        embeddings: [n_texts, dimension], two or more; each text once, since equal texts are no pair.

    Raises DataError for fewer than two rows, or a row that has no direction.
    """
    x = _on_sphere(embeddings)
    n = len(x)
    if n < 2:
        raise DataError(f"uniformity: {n} embedding; it is a mean over pairs, and needs two or more")
    total = 0.0
    for start in range(0, n, _ROWS):
        rows = x[start : start + _ROWS]
        distances = 2 - 2 * rows @ x[start:].T  # squared, of unit vectors
        above = np.triu_indices(len(rows), 1, len(x) - start)
        total += float(np.exp(-t * np.maximum(distances[above], 0)).sum())
    return float(np.log(total / (n * (n - 1) / 2)))


def _on_sphere(given: ArrayLike) -> NDArray[np.float64]:
    rows = np.asarray(given, dtype=np.float64)
    if rows.ndim != 2 or not len(rows):
        raise DataError(
            f"embeddings of the shape {rows.shape}, where [n, dimension] with one row or more is needed"
        )
    lengths = np.linalg.norm(rows, axis=1)
    wrong = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if len(wrong):
        raise DataError(f"embedding {wrong[0]} has the length {lengths[wrong[0]]}, so no place on the sphere")
    return np.asarray(rows / lengths[:, None])
