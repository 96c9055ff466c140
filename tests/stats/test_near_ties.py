"""The band of a rank correlation over orders of nearly equal scores, against every order there is."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from harness import stats

STEP = float(np.finfo(np.float32).eps)


def every_order(levels: list[list[int]], gold: np.ndarray) -> list[float]:
    """Coefficients of every order of the blocks within each level; a block is the places of equal scores."""
    found = []
    for orders in product(*(list(permutations(level)) for level in levels)):
        scores = np.empty(len(gold))
        for place, block in enumerate(block for order in orders for block in order):
            scores[list(block)] = place
        found.append(float(spearmanr(scores, gold).statistic))
    return found


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 4)), min_size=4, max_size=8))
def test_the_band_is_that_of_every_order(rows: list[tuple[int, int, int]]) -> None:
    """Scores are a level, and on it one of three values a step of single precision apart."""
    gold = np.asarray([row[2] for row in rows], dtype=float)
    scores = np.asarray([0.5 + 0.1 * level + STEP * near for level, near, _ in rows])
    if np.ptp(gold) == 0 or np.ptp(scores) == 0:
        return
    levels = [
        [tuple(np.flatnonzero(scores == value)) for value in np.unique(scores[[r[0] == level for r in rows]])]
        for level in sorted({row[0] for row in rows})
    ]
    found = every_order(levels, gold)
    np.testing.assert_allclose(stats.near_tie_band(scores, gold), (min(found), max(found)), atol=1e-12)


def test_equal_scores_and_distant_ones_have_no_band() -> None:
    scores, gold = np.asarray([0.1, 0.1, 0.4, 0.9]), np.asarray([2.0, 1.0, 4.0, 3.0])
    assert stats.near_tie_band(scores, gold) == (stats.correlation(scores, gold),) * 2


def test_the_distance_grows_with_the_scores() -> None:
    gold = np.asarray([1.0, 3.0, 2.0])
    assert np.ptp(stats.near_tie_band([0.0, 1e-6, 1.0], gold)) == 0
    assert np.ptp(stats.near_tie_band([0.0, 1e-6, 100.0], gold)) > 0.4


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="must be paired"):
        stats.near_tie_band([1.0, 2.0], [1.0, 2.0, 3.0])
