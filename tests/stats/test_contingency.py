"""Predicted groups against true ones: equal to scikit-learn, whole and resampled; the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from harness import stats
from harness.stats.bootstrap import resampling_counts

_DIRECT = {
    "accuracy": metrics.accuracy_score,
    "macro_f1": lambda gold, found: metrics.f1_score(gold, found, average="macro", zero_division=0),
    "v_measure": metrics.v_measure_score,
}
codes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40)


@pytest.mark.parametrize("kind", sorted(_DIRECT))
@given(rows=codes)
def test_each_measure_is_scikit_learns(kind: str, rows: list[tuple[int, int]]) -> None:
    found, gold = np.asarray(rows).T
    assert stats.group_measure(found, gold, kind) == pytest.approx(_DIRECT[kind](gold, found), abs=1e-9)


@pytest.mark.parametrize("kind", sorted(_DIRECT))
def test_a_resample_is_the_measure_of_the_resampled_items(kind: str) -> None:
    random = np.random.default_rng(1)
    gold = random.integers(0, 5, 60)
    systems = np.stack(
        [np.where(random.random(60) < share, gold, random.integers(0, 7, 60)) for share in (0.4, 0.8)]
    )
    replicates = stats.bootstrap_group_measures(systems, gold, kind, n_resamples=20, seed=3)
    (counts,) = resampling_counts(60, 20, 3)
    for row, system in zip(replicates, systems, strict=True):
        expected = [_DIRECT[kind](np.repeat(gold, c), np.repeat(system, c)) for c in counts]
        assert row == pytest.approx(expected, abs=1e-9)


@given(rows=codes, order=st.permutations(range(5)))
def test_v_measure_does_not_depend_on_how_clusters_are_called(
    rows: list[tuple[int, int]], order: list[int]
) -> None:
    found, gold = np.asarray(rows).T
    renamed = np.asarray(order)[found]
    assert stats.group_measure(renamed, gold, "v_measure") == pytest.approx(
        stats.group_measure(found, gold, "v_measure")
    )


@pytest.mark.parametrize(("found", "gold"), [([], []), ([0, 1], [0]), ([-1], [0]), ([0.5], [0])])
def test_what_is_no_code_is_refused(found: list[float], gold: list[float]) -> None:
    with pytest.raises(ValueError, match="codes must be"):
        stats.group_measure(found, gold, "accuracy")
