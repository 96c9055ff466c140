"""Order-statistic percentiles: coverage against simulation, early stopping against the incomplete beta."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy import stats as scipy_stats

from harness.stats import (
    coverage,
    early_stopping_count,
    interval_ranks,
    lag1_autocorrelation,
    percentile,
    quantile_interval,
    smallest_count,
)

PERCENTILES = [0.5, 0.9, 0.95, 0.99]


@pytest.mark.parametrize(("p", "count"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368)])
def test_smallest_counts_of_the_method(p, count):
    assert smallest_count(p) == count
    assert interval_ranks(count, p) is not None
    assert interval_ranks(count - 1, p) is None
    assert quantile_interval(np.arange(count - 1), p) is None


@given(p=st.floats(0.02, 0.995), confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
@settings(max_examples=80, deadline=None)
def test_smallest_count_is_where_intervals_begin(p, confidence):
    count = smallest_count(p, confidence)
    assert interval_ranks(count, p, confidence) is not None
    assert interval_ranks(count - 1, p, confidence) is None


@given(n=st.integers(1, 3_000), p=st.floats(0.01, 0.995))
@settings(max_examples=200, deadline=None)
def test_coverage_is_at_least_nominal_wherever_an_interval_is_given(n, p):
    ranks = interval_ranks(n, p)
    if ranks is None:
        assert n < smallest_count(p)
    else:
        low, high = ranks
        assert coverage(n, p, low, high) >= 0.95
        # The narrowest: one rank closer on either side misses over 2.5 % there.
        assert scipy_stats.binom.cdf(low, n, p) > 0.025 - 1e-12
        assert scipy_stats.binom.sf(high - 2, n, p) > 0.025 - 1e-12


def test_coverage_of_every_count_up_to_2000_for_the_printed_percentiles():
    for p in PERCENTILES:
        for n in range(smallest_count(p), 2_001):
            low, high = interval_ranks(n, p)
            assert coverage(n, p, low, high) >= 0.95


@pytest.mark.parametrize(("n", "p"), [(6, "0.5"), (50, "0.9"), (120, "0.95")])
def test_coverage_equals_the_binomial_in_exact_fractions(n, p):
    q = Fraction(p)
    low, high = interval_ranks(n, float(q))
    exact = sum(comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(low, high))
    assert coverage(n, float(q), low, high) == pytest.approx(float(exact), abs=1e-12)


@pytest.mark.parametrize(("n", "p"), [(40, 0.5), (100, 0.9), (200, 0.95), (500, 0.99)])
def test_coverage_equals_simulation(n, p):
    draws = np.sort(np.random.default_rng(n).exponential(size=(10_000, n)), axis=1)
    low, high = interval_ranks(n, p)
    truth = -np.log(1 - p)
    held = (draws[:, low - 1] <= truth) & (truth <= draws[:, high - 1])
    assert held.mean() == pytest.approx(coverage(n, p, low, high), abs=0.008)


@given(
    samples=st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=60),
    percent=st.integers(1, 99),
)
@settings(max_examples=100, deadline=None)
def test_percentile_is_the_smallest_sample_with_enough_at_or_below_it(samples, percent):
    value = percentile(samples, percent / 100)
    enough = [s for s in samples if 100 * sum(t <= s for t in samples) >= percent * len(samples)]
    assert value == min(enough)


def test_percentile_is_not_moved_by_binary_rounding():
    assert percentile(np.arange(1, 101), 0.07) == 7.0  # 0.07 * 100 is 7.000000000000001


def test_drops_are_infinite_latencies():
    samples = [1.0] * 90 + [float("inf")] * 10
    assert percentile(samples, 0.9) == 1.0
    assert percentile(samples, 0.91) == float("inf")
    interval = quantile_interval(samples, 0.9)
    assert interval is not None
    assert interval.high == float("inf")


def test_no_samples_no_percentile():
    assert percentile([], 0.5) is None
    assert quantile_interval([], 0.5) is None


@pytest.mark.parametrize(("p", "count"), [(0.9, 64), (0.95, 130), (0.99, 662), (0.999, 6_636)])
def test_early_stopping_counts_of_mlperf(p, count):
    assert early_stopping_count(p) == count


@given(p=st.floats(0.5, 0.999), over=st.integers(0, 30), confidence=st.sampled_from([0.9, 0.95, 0.99]))
@settings(max_examples=80, deadline=None)
def test_early_stopping_is_minimal_in_loadgens_own_formula(p, over, confidence):
    n = early_stopping_count(p, confidence, over)
    assert special.betainc(n - over, over + 1, p) <= (1 - confidence) * (1 + 1e-9)
    assert n - 1 == over or special.betainc(n - 1 - over, over + 1, p) > (1 - confidence) * (1 - 1e-9)


def test_autocorrelation():
    generator = np.random.default_rng(0)
    noise = generator.normal(size=20_000)
    follows = np.empty_like(noise)
    follows[0] = noise[0]
    for i in range(1, len(noise)):
        follows[i] = 0.6 * follows[i - 1] + noise[i]
    assert lag1_autocorrelation(noise) == pytest.approx(0.0, abs=0.02)
    assert lag1_autocorrelation(follows) == pytest.approx(0.6, abs=0.02)
    assert lag1_autocorrelation([1, 1, 1]) is None
    assert lag1_autocorrelation([1, 2]) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: percentile([1.0], 99), "0.99, not 99"),
        (lambda: percentile([1.0, float("nan")], 0.5), "sample 1 is NaN"),
        (lambda: percentile([[1.0]], 0.5), "one dimension"),
        (lambda: coverage(5, 0.5, 0, 5), "1 <= low"),
        (lambda: early_stopping_count(0.9, overlatency=-1), "zero or more"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_queries_called_again_and_again_speak_for_themselves_and_not_for_others_like_them():
    """What the captions of latency say: 60 queries called 20 times, whose own times differ by 30 % and calls by 10 %."""
    random = np.random.default_rng(5)
    own = random.normal(0.0, 0.3, (200, 60))
    times = (own[:, :, None] + random.normal(0.0, 0.1, (200, 60, 20))).reshape(200, -1)
    # Of these queries the median of even calls without end, found on a grid; of queries like them, 0.
    grid = np.linspace(-0.3, 0.3, 601)
    below = scipy_stats.norm.cdf((grid[None, :, None] - own[:, None, :]) / 0.1).mean(axis=2)
    these = grid[np.abs(below - 0.5).argmin(axis=1)]
    intervals = [quantile_interval(row, 0.5) for row in times]
    assert np.mean([i.contains(t) for i, t in zip(intervals, these, strict=True)]) >= 0.93
    assert np.mean([i.contains(0.0) for i in intervals]) < 0.6
