"""Correlations against scipy, and their bootstrap against a naive loop over the same resamples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.stats import (
    bootstrap_correlation,
    bootstrap_correlations,
    correlation,
    paired_bootstrap_correlation,
)
from harness.stats.bootstrap import resampling_counts

SCIPY = {"spearman": scipy_stats.spearmanr, "pearson": scipy_stats.pearsonr}
tied = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5)), min_size=3, max_size=40)


def pairs(n: int, digits: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=n)
    return np.round(x, digits), np.round(x + generator.normal(size=n), digits)


@pytest.mark.parametrize("kind", ["spearman", "pearson"])
@given(rows=tied)
@settings(max_examples=60, deadline=None)
def test_coefficient_equals_scipy(kind, rows):
    x, y = np.array(rows, dtype=float).T
    assume(np.ptp(x) > 0 and np.ptp(y) > 0)
    assert correlation(x, y, kind) == pytest.approx(SCIPY[kind](x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("kind", ["spearman", "pearson"])
@pytest.mark.parametrize(("n", "digits"), [(7, 6), (25, 0), (60, 1), (200, 6)])
def test_replicates_equal_a_scipy_loop_over_the_same_resamples(kind, n, digits):
    x, y = pairs(n, digits, seed=n)
    fast = bootstrap_correlations(x[None, :], y, kind=kind, n_resamples=150, seed=9)[0]
    slow = []
    for row in np.concatenate(list(resampling_counts(n, 150, 9))):
        a, b = np.repeat(x, row), np.repeat(y, row)
        constant = np.ptp(a) == 0 or np.ptp(b) == 0
        slow.append(np.nan if constant else SCIPY[kind](a, b).statistic)
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-11)


def test_undefined_resamples_are_set_aside():
    x, y = [0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 2.0, 3.0]
    replicates = bootstrap_correlations([x], y, n_resamples=500)
    assert np.isnan(replicates).any()
    interval = bootstrap_correlation(x, y, n_resamples=500)
    assert interval is not None
    assert np.isfinite([interval.low, interval.high]).all()


@given(rows=tied, seed=st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_spearman_bootstrap_is_unchanged_by_any_increasing_transformation(rows, seed):
    x, y = np.array(rows, dtype=float).T
    assume(np.ptp(x) > 0 and np.ptp(y) > 0)
    plain = bootstrap_correlation(x, y, n_resamples=60, seed=seed)
    assert bootstrap_correlation(np.exp(x), y**3, n_resamples=60, seed=seed) == plain


def test_interval_is_near_fishers_for_normal_pairs():
    x, y = pairs(2_000, 12)
    interval = bootstrap_correlation(x, y, "pearson")
    assert interval is not None
    centre, error = np.arctanh(np.corrcoef(x, y)[0, 1]), 1 / np.sqrt(1_997)
    np.testing.assert_allclose(
        [interval.low, interval.high], np.tanh([centre - 1.96 * error, centre + 1.96 * error]), atol=0.004
    )


def test_paired_difference_uses_the_same_resamples():
    x, y = pairs(120, 2)
    other = np.round(x + np.random.default_rng(5).normal(0, 0.5, size=120), 2)
    result = paired_bootstrap_correlation(x, other, y, seed=4)
    replicates = bootstrap_correlations([x, other], y, seed=4)
    differences = replicates[0] - replicates[1]
    assert result.interval is not None
    assert result.interval.low == pytest.approx(np.quantile(differences, 0.025))
    assert result.delta == pytest.approx(correlation(x, y) - correlation(other, y), abs=1e-15)
    assert result.p_value is not None
    assert (result.p_value < 0.05) == (not result.interval.contains(0.0))


def test_a_system_against_itself_is_no_difference():
    x, y = pairs(50, 1)
    result = paired_bootstrap_correlation(x, x, y)
    assert (result.delta, result.p_value) == (0.0, 1.0)
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == (0.0, 0.0)


def test_two_pairs_have_a_coefficient_but_no_interval():
    assert correlation([1, 2], [5, 6]) == 1.0
    assert bootstrap_correlation([1, 2], [5, 6]) is None


@pytest.mark.parametrize(
    ("x", "y", "kind", "message"),
    [
        ([1.0], [2.0], "spearman", "at least two pairs"),
        ([], [], "pearson", "at least two pairs"),
        ([1, 1, 1], [1, 2, 3], "spearman", "system 0 are all 1.0"),
        ([1, 2, 3], [2, 2, 2], "pearson", "gold are all 2.0"),
        ([1, 2, 3], [1, 2], "spearman", "must be paired"),
        ([1, 2, 3], [1, 2, 4], "kendall", "spearman, pearson"),
        ([1, 2, float("inf")], [1, 2, 4], "pearson", r"x\[2\] is inf"),
    ],
)
def test_bad_pairs_are_named(x, y, kind, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_correlation(x, y, kind)
