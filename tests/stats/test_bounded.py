"""No interval of zero width: Wilson's for 0 and 1, Clopper and Pearson's for equal scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from harness.stats import bootstrap_mean, compare_paired, constant_interval, mean_interval, wilson


@given(n=st.integers(1, 300), share=st.floats(0, 1))
def test_wilson_equals_statsmodels(n, share):
    hits = round(n * share)
    found = wilson(hits, n)
    assert (found.low, found.high) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_constant_of_0_or_1_is_clopper_and_pearsons(value):
    found = constant_interval(value, 43)
    theirs = proportion_confint(43 * value, 43, method="beta")
    assert (found.low, found.high) == pytest.approx(theirs, abs=1e-12)


@given(value=st.floats(0, 1), n=st.integers(2, 200))
def test_no_interval_of_scores_has_no_width(value, n):
    found = bootstrap_mean([value] * n, n_resamples=10)
    assert found.low <= value <= found.high
    assert found.high - found.low > 1e-3
    same = compare_paired([value] * n, [value] * n, n_flips=1).interval
    assert same.low < 0 < same.high


def test_43_perfect_queries_do_not_prove_perfection():
    found = bootstrap_mean(np.ones(43))
    assert found.low == pytest.approx(0.918, abs=5e-4)
    assert found.method == "wilson"


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.98])
def test_wilson_covers(share):
    hits = np.random.default_rng(0).binomial(43, share, 4_000)
    held = [wilson(int(h), 43).contains(share) for h in range(44)]
    assert np.asarray(held)[hits].mean() >= 0.925


def test_repeats_that_are_all_the_same_have_no_interval():
    assert mean_interval([5.0, 5.0, 5.0]) is None


@pytest.mark.parametrize(("hits", "n"), [(-1, 3), (4, 3), (0, 0)])
def test_bad_counts(hits, n):
    with pytest.raises(ValueError, match="a share needs"):
        wilson(hits, n)
