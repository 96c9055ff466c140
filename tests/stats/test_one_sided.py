"""One-sided limits: the outer of Student's and Hall's, and the p values that belong to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.stats import mean_evidence, non_inferiority


@given(seed=st.integers(0, 200), alpha=st.floats(0.001, 0.3), power=st.sampled_from([1, 3, 8]))
@settings(max_examples=80, deadline=None)
def test_a_limit_is_where_its_p_value_is_alpha(seed, alpha, power):
    found = mean_evidence(np.random.default_rng(seed).random(20) ** power - 0.3)
    low, high = found.limits(alpha)
    assert found.p_above(low) == pytest.approx(alpha, rel=1e-6)
    assert found.p_below(high) == pytest.approx(alpha, rel=1e-6)
    assert low < found.mean < high


@given(seed=st.integers(0, 200))
@settings(max_examples=30, deadline=None)
def test_limits_are_never_inside_those_of_student(seed):
    values = np.random.default_rng(seed).random(15) ** 4
    found = mean_evidence(values)
    student = scipy_stats.ttest_1samp(values, 0.0).confidence_interval(0.90)
    low, high = found.limits(0.05)
    assert low <= student.low + 1e-12
    assert high >= student.high - 1e-12


def test_without_skewness_they_are_those_of_student():
    values = np.asarray([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0])
    low, high = mean_evidence(values).limits(0.05)
    student = scipy_stats.ttest_1samp(values, 0.0).confidence_interval(0.90)
    assert (low, high) == pytest.approx((student.low, student.high))


def test_false_failures_of_skewed_differences_are_fewer():
    """Most lie a little below the mean and a few far above it: Student's upper limit is too low too often."""
    values = np.random.default_rng(0).exponential(1.0, (3_000, 43)) - 1.0
    evidence = [mean_evidence(row) for row in values]
    student = np.mean([scipy_stats.t.cdf(np.sqrt(e.n) * e.mean / e.sd, e.n - 1) <= 0.05 for e in evidence])
    outer = np.mean([e.p_below(0.0) <= 0.05 for e in evidence])
    assert student > 0.075
    assert outer < 0.069


def test_equal_values_prove_nothing_and_one_has_no_evidence():
    found = mean_evidence([0.5, 0.5, 0.5])
    assert (found.sd, found.p_below(1.0)) == (0.0, 1.0)
    assert mean_evidence([0.5]) is None


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(1e-6, 1))
def test_a_verdict_follows_from_its_limits(delta, half, margin):
    verdict = non_inferiority(delta - half, delta + half, margin)
    assert (verdict == "fail") == (delta + half < -margin)
    assert (verdict == "pass") == (delta - half > -margin)


def test_figures_that_are_the_same_pass_any_margin_and_no_limits_none():
    assert non_inferiority(0.0, 0.0, 1e-9) == "pass"
    assert non_inferiority(None, None, 0.5) == "inconclusive"


@pytest.mark.parametrize("margin", [0.0, -0.01, float("nan")])
def test_a_margin_that_is_not_positive_is_refused(margin):
    with pytest.raises(ValueError, match="margin must be above zero"):
        non_inferiority(-0.1, 0.1, margin)


def test_non_inferiority_error_rates():
    n, sd, margin = 60, 0.1, 0.04
    noise = np.random.default_rng(11).normal(0, sd, size=(3, 1_000, n))

    def verdicts(rows: np.ndarray, drop: float) -> list[str]:
        return [non_inferiority(*mean_evidence(row - drop).limits(0.05), margin) for row in rows]

    detectable = 2.8 * sd / np.sqrt(n)
    assert verdicts(noise[0], margin).count("fail") <= 64
    assert verdicts(noise[1], 0.0).count("pass") >= 800
    assert verdicts(noise[2], margin + detectable).count("fail") >= 800
