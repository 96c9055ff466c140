"""Scores against labels of 0 and 1: equal to scikit-learn, to trying every threshold, and to sentence-transformers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from harness import stats
from harness.stats.bootstrap import resampling_counts

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=1, max_size=40).filter(
    lambda rows: any(label for _, label in rows)
)


def _by_trying(scores: np.ndarray, labels: np.ndarray, kind: str) -> float:
    said = [scores >= t for t in (*np.unique(scores), np.inf)]
    if kind == "best_accuracy":
        return max(metrics.accuracy_score(labels, one) for one in said)
    return max(metrics.f1_score(labels, one, zero_division=0) for one in said)


@given(rows=pairs)
def test_average_precision_is_scikit_learns(rows: list[tuple[int, int]]) -> None:
    scores, labels = np.asarray(rows).T
    expected = metrics.average_precision_score(labels, scores)
    assert stats.threshold_measure(scores, labels, "average_precision") == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["best_accuracy", "best_f1"])
@given(rows=pairs)
def test_no_threshold_is_better_than_the_best(kind: str, rows: list[tuple[int, int]]) -> None:
    scores, labels = np.asarray(rows).T
    assert stats.threshold_measure(scores, labels, kind) == pytest.approx(_by_trying(scores, labels, kind))


def test_without_ties_it_is_what_sentence_transformers_says() -> None:
    pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.evaluation import BinaryClassificationEvaluator as Theirs

    random = np.random.default_rng(2)
    labels = random.integers(0, 2, 200)
    scores = labels + random.normal(size=200)
    accuracy, _ = Theirs.find_best_acc_and_threshold(scores, labels, True)
    f1, *_ = Theirs.find_best_f1_and_threshold(scores, labels, True)
    assert stats.threshold_measure(scores, labels, "best_accuracy") == pytest.approx(accuracy)
    assert stats.threshold_measure(scores, labels, "best_f1") == pytest.approx(f1)


@pytest.mark.parametrize("kind", ["average_precision", "best_accuracy", "best_f1"])
def test_a_resample_is_the_measure_of_the_resampled_items(kind: str) -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, 50)
    scores = np.round(labels + random.normal(size=50), 1)
    replicates = stats.bootstrap_threshold_measures(scores[None, :], labels, kind, n_resamples=20, seed=3)[0]
    (counts,) = resampling_counts(50, 20, 3)
    expected = [stats.threshold_measure(np.repeat(scores, c), np.repeat(labels, c), kind) for c in counts]
    assert replicates == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "match"), [([0, 0], "no label is 1"), ([0, 2], "must be 0 or 1"), ([1], "must be paired")]
)
def test_what_cannot_be_told_apart_is_refused(labels: list[int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        stats.threshold_measure([0.1, 0.2], labels, "average_precision")
