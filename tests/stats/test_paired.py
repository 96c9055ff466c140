"""Paired comparison: t against scipy, sign-flip against enumeration, Holm against statsmodels."""

from __future__ import annotations

import gc
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

from harness.stats import (
    compare_paired,
    compare_paired_family,
    holm,
    multiplier,
    sign_flip_p_values,
)


def scores(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    first = generator.random(n)
    return first, np.clip(first + generator.normal(0.02, 0.1, size=n), 0, 1)


@pytest.mark.parametrize("n", [2, 3, 15, 16, 43, 500])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_t_equals_scipy(n, confidence):
    first, second = scores(n, seed=n)
    result = compare_paired(first, second, confidence=confidence, n_flips=100)
    reference = scipy_stats.ttest_rel(first, second)
    expected = reference.confidence_interval(confidence)
    assert result.t_p_value == pytest.approx(reference.pvalue, rel=1e-9)
    assert result.interval is not None
    np.testing.assert_allclose([result.interval.low, result.interval.high], expected, rtol=0, atol=1e-12)


@given(units=st.lists(st.integers(-6, 6), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_sign_flip_equals_enumeration_in_exact_arithmetic(units):
    # Tenths are not exact in binary: sums that tie in real arithmetic differ in their last bits.
    differences = np.array(units) * 0.1
    exact = [Fraction(unit, 10) for unit in units]
    hits = sum(
        abs(sum(sign * d for sign, d in zip(signs, exact, strict=True))) >= abs(sum(exact))
        for signs in product((1, -1), repeat=len(exact))
    )
    assert sign_flip_p_values(differences[None, :])[0] == hits / 2 ** len(units)


def test_drawn_signs_approach_the_enumeration(monkeypatch):
    differences = np.random.default_rng(2).normal(0.3, 1.0, size=(4, 14))
    exact = sign_flip_p_values(differences)
    monkeypatch.setattr("harness.stats.paired.EXACT_UP_TO", 0)
    np.testing.assert_allclose(sign_flip_p_values(differences, n_flips=40_000), exact, atol=0.01)


def test_drawn_signs_are_close_to_t_for_many_queries():
    first, second = scores(800)
    result = compare_paired(first, second - 0.014)
    assert not result.p_value_exact
    assert result.p_value == pytest.approx(result.t_p_value, abs=0.015)


def test_signs_are_shared_and_seeded():
    first, second = scores(60)
    alone = compare_paired(first, second, n_flips=999, seed=3)
    family = compare_paired_family([second, first], [first, second], n_flips=999, seed=3)
    assert family[1].p_value == alone.p_value == family[0].p_value
    assert compare_paired(first, second, n_flips=999, seed=3) == alone


def test_p_is_never_zero():
    assert compare_paired(np.arange(1.0, 31.0), np.zeros(30), n_flips=99).p_value == 1 / 100
    assert compare_paired(np.ones(5), np.zeros(5)).p_value == 2 / 32


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_holm_equals_statsmodels(p_values):
    gc.freeze()  # statsmodels collects garbage in each call, of all that the tests hold
    try:
        theirs = multipletests(p_values, method="holm")[1]
    finally:
        gc.unfreeze()
    np.testing.assert_allclose(holm(p_values), theirs, rtol=1e-12)


def test_holm_of_an_empty_family_is_empty():
    assert holm([]) == ()


@pytest.mark.parametrize("bad", [float("nan"), -0.1, 1.1])
def test_holm_refuses_what_is_no_p_value(bad):
    with pytest.raises(ValueError, match="p value 1"):
        holm([0.5, bad])


def test_effect_size_wins_and_detectable():
    first, second = [0.5, 0.7, 0.3, 0.9], [0.4, 0.7, 0.5, 0.4]
    result = compare_paired(first, second)
    d = np.array([0.1, 0.0, -0.2, 0.5])
    assert (result.wins, result.ties, result.losses) == (2, 1, 1)
    assert result.detectable == pytest.approx(multiplier(len(d)) * d.std(ddof=1) / np.sqrt(len(d)))
    # Hedges' table: the correction for 3 degrees of freedom is 0.7236.
    assert result.effect_size == pytest.approx(d.mean() / d.std(ddof=1) * 0.7236, rel=1e-4)


def test_rounding_noise_is_a_tie():
    result = compare_paired([0.1 + 0.2, 0.5], [0.3, 0.5])
    assert (result.ties, result.delta, result.sd, result.p_value) == (2, 0.0, 0.0, 1.0)


def test_detectable_effect_is_found_with_80_percent_power():
    generator = np.random.default_rng(7)
    sd, n = 0.2, 100
    planted = 2.8 * sd / np.sqrt(n)
    draws = generator.normal(planted, sd, size=(4_000, n))
    found = scipy_stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.02)


def test_identical_systems():
    result = compare_paired(np.full(40, 0.3), np.full(40, 0.3))
    assert (result.delta, result.p_value, result.t_p_value, result.effect_size) == (0.0, 1.0, None, None)
    assert result.ties == 40


def test_one_query_has_a_difference_and_nothing_else():
    result = compare_paired([0.5], [0.2])
    assert result.delta == pytest.approx(0.3)
    assert (result.interval, result.sd, result.t_p_value, result.detectable) == (None, None, None, None)
    assert result.p_value == 1.0


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [([], [], "zero queries"), ([1, 2], [1], "must be paired"), ([1, float("nan")], [1, 2], r"first\[1\]")],
)
def test_bad_scores_are_named(first, second, message):
    with pytest.raises(ValueError, match=message):
        compare_paired(first, second)
