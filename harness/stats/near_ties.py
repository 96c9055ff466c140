"""How far a rank correlation depends on the order of scores that single precision cannot tell apart.

Models compute in single precision, so that two scores closer than a few of its steps may come out in either
order on another machine, or in another batch. Midranks treat equal scores rightly; nearly equal ones they do
not see. Here every run of nearly equal scores is put in the order that agrees most with gold, and least.

Within a run, equal scores stay together as one block, and blocks in order of their mean gold rank are the best
order there is (an exchange of two neighbours can only lower the sum of rank products: Hardy, Littlewood and
Pólya's rearrangement inequality), in reverse the worst.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.arrays import finite_vector, same_length
from harness.stats.correlation import correlation

#: Scores are nearly equal within so many steps of single precision at the size of the largest.
STEPS = 4


def near_tie_band(outputs: ArrayLike, gold: ArrayLike) -> tuple[float, float]:
    """Return the least and the greatest Spearman's coefficient over orders of nearly equal scores, [n] each.

    Both are the coefficient itself where no scores are nearly equal.

    Raises:
        ValueError: as :func:`correlation`.
    """
    scores, truth = finite_vector(outputs, "outputs"), finite_vector(gold, "gold")
    same_length(scores, truth, "outputs and gold")
    order = np.argsort(scores, kind="stable")
    values = scores[order]
    gaps = np.diff(values)
    step = STEPS * float(np.finfo(np.float32).eps) * float(np.abs(scores).max(initial=0.0))
    if not ((gaps > 0) & (gaps <= step)).any():
        same = correlation(scores, truth)
        return same, same
    runs = np.concatenate([[0], np.cumsum(gaps > step)])
    blocks = np.concatenate([[0], np.cumsum(gaps > 0)])
    midranks = _midranks(truth)[order]
    mean = np.bincount(blocks, weights=midranks) / np.bincount(blocks)
    found = []
    for sign in (-1.0, 1.0):
        # Places of the blocks, run by run, by mean gold rank within a run: a new score for each.
        run_of_block = runs[np.searchsorted(blocks, np.arange(blocks[-1] + 1))]
        place = np.empty(len(mean))
        place[np.lexsort((sign * mean, run_of_block))] = np.arange(len(mean))
        again = np.empty(len(scores))
        again[order] = place[blocks]
        found.append(correlation(again, truth))
    return min(found), max(found)


def _midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[group], dtype=np.float64)
