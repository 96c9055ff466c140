"""The bootstrap of means: its weights are multinomial, shared, and independent of how they are chunked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.stats import bootstrap_each, bootstrap_mean, bootstrap_means
from harness.stats.bootstrap import resampling_counts


def counts(n: int, n_resamples: int, seed: int, cells: int = 1 << 20) -> np.ndarray:
    return np.concatenate(list(resampling_counts(n, n_resamples, seed, cells)))


@given(
    n=st.integers(1, 40), n_resamples=st.integers(1, 60), seed=st.integers(0, 5), cells=st.integers(1, 400)
)
@settings(max_examples=60, deadline=None)
def test_counts_do_not_depend_on_the_chunks_or_on_how_many_are_asked_for(n, n_resamples, seed, cells):
    rows = counts(n, n_resamples, seed, cells)
    assert rows.shape == (n_resamples, n)
    assert (rows.sum(axis=1) == n).all()
    np.testing.assert_array_equal(rows, counts(n, n_resamples + 7, seed)[:n_resamples])


def test_counts_are_multinomial():
    rows = counts(8, 40_000, seed=1)
    frequency = np.bincount(rows[:, 0], minlength=9) / len(rows)
    np.testing.assert_allclose(frequency, scipy_stats.binom.pmf(np.arange(9), 8, 1 / 8), atol=0.006)
    assert np.corrcoef(rows[:, 0], rows[:, 1])[0, 1] == pytest.approx(-1 / 7, abs=0.02)


def test_means_are_those_of_the_resamples_and_shared_by_all_systems():
    scores = np.random.default_rng(3).random((3, 11))
    rows = counts(11, 200, seed=5)
    means = bootstrap_means(scores, n_resamples=200, seed=5)
    for system in range(3):
        naive = [np.repeat(scores[system], row).mean() for row in rows]
        np.testing.assert_allclose(means[system], naive, rtol=0, atol=1e-14)
    np.testing.assert_allclose(bootstrap_means(scores[1:2], n_resamples=200, seed=5)[0], means[1], atol=1e-15)


def test_interval_is_near_the_normal_one_for_many_queries():
    scores = np.random.default_rng(0).normal(10.0, 2.0, size=4_000)
    interval = bootstrap_mean(scores)
    assert interval is not None
    error = scores.std() / np.sqrt(len(scores))
    assert interval.low == pytest.approx(scores.mean() - 1.96 * error, abs=0.05 * error)
    assert interval.high == pytest.approx(scores.mean() + 1.96 * error, abs=0.05 * error)
    assert (interval.confidence, interval.method) == (0.95, "bootstrap-percentile")


@given(
    scores=st.lists(st.floats(0.1, 0.9), min_size=2, max_size=30, unique=True),
    shift=st.floats(2, 5),
)
@settings(max_examples=40, deadline=None)
def test_interval_moves_with_the_scores_and_stays_within_their_range(scores, shift):
    interval = bootstrap_mean(scores, n_resamples=100)
    moved = bootstrap_mean(np.asarray(scores) + shift, n_resamples=100)
    assert interval is not None
    assert moved is not None
    assert min(scores) - 1e-12 <= interval.low <= interval.high <= max(scores) + 1e-12
    assert moved.low == pytest.approx(interval.low + shift, abs=1e-9)


def test_a_single_query_has_a_mean_but_no_interval():
    assert bootstrap_mean([0.4]) is None


@pytest.mark.parametrize(
    ("scores", "message"),
    [([], "zero queries"), ([0.1, float("nan")], r"scores\[1\] is nan"), ([[0.1]], "1 dimension")],
)
def test_bad_scores_are_named(scores, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_mean(scores)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_bad_confidence(confidence):
    with pytest.raises(ValueError, match=r"0\.95, not 95"):
        bootstrap_mean([0.1, 0.2], confidence=confidence)


def test_intervals_of_many_are_those_of_each_to_the_last_bit() -> None:
    random = np.random.default_rng(3)
    rows = [
        random.random(150),
        np.full(150, 0.25),
        random.integers(0, 2, 150).astype(float),
        random.random(150),
    ]
    found = bootstrap_each(np.asarray(rows), seed=5)
    assert found == [bootstrap_mean(row, seed=5) for row in rows]
    assert bootstrap_each(np.asarray([[0.5]])) == [None]
    with pytest.raises(ValueError, match="zero queries"):
        bootstrap_each(np.zeros((2, 0)))
