"""Sample sizes by the noncentral t, against statsmodels and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.power import TTestPower

from harness.stats import detectable_difference, items_needed, multiplier, power_of


@pytest.mark.parametrize(
    ("n", "sides", "exact"), [(43, 2, 2.868), (10, 2, 3.150), (43, 1, 2.528), (10**6, 1, 2.486)]
)
def test_multipliers(n, sides, exact):
    assert multiplier(n, sides=sides) == pytest.approx(exact, abs=5e-4)


@given(n=st.integers(3, 400), alpha=st.sampled_from([0.01, 0.05, 0.1]), sides=st.sampled_from([1, 2]))
@settings(max_examples=25, deadline=None)
def test_the_power_at_the_detectable_difference_is_the_one_asked_for(n, alpha, sides):
    difference = detectable_difference(0.3, n, alpha, sides=sides)
    assert power_of(0.3, n, difference, alpha, sides) == pytest.approx(0.80, abs=1e-6)
    theirs = TTestPower().power(difference / 0.3, n, alpha / sides, alternative="larger")
    assert theirs == pytest.approx(0.80, abs=1e-4)


@given(sd=st.floats(0.01, 0.5), difference=st.floats(0.005, 0.2))
@settings(max_examples=40, deadline=None)
def test_items_needed_are_the_fewest(sd, difference):
    n = items_needed(sd, difference)
    assert detectable_difference(sd, n, sides=1) <= difference
    assert n == 2 or detectable_difference(sd, n - 1, sides=1) > difference


def test_power_in_simulation():
    n = items_needed(0.2, 0.1)
    values = np.random.default_rng(0).normal(0.1, 0.2, (4_000, n))
    found = scipy_stats.ttest_1samp(values, 0.0, axis=1, alternative="greater").pvalue <= 0.05
    assert 0.78 < found.mean() < 0.84


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: items_needed(0.2, 0.0), "above 0"),
        (lambda: items_needed(0.2, -0.01), "above 0"),
        (lambda: items_needed(0.2, 0.01, alpha=0.5), "between 0 and 0.5"),
        (lambda: items_needed(0.2, 0.01, alpha=0.0), "between 0 and 0.5"),
        (lambda: multiplier(1), "two items"),
        (lambda: multiplier(10, power=1.0), "between alpha and 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_difference_too_small_to_show_has_no_number():
    assert items_needed(1.0, 1e-9) is None
