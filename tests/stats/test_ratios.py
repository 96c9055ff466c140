"""Hodges-Lehmann against brute force, and the A/B rule simulated on a machine that drifts and stutters."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.stats import (
    SlowdownRule,
    block_log_ratios,
    estimate_ratio,
    hodges_lehmann,
    judge_slowdown,
    too_noisy,
)
from harness.stats.ratios import signed_rank_cut

values = st.lists(st.floats(-10, 10), min_size=6, max_size=14)


@pytest.mark.parametrize("n", [1, 5, 6, 9, 12])
def test_cut_equals_enumeration_of_all_signs(n):
    sums = [
        sum(rank for rank, used in zip(range(1, n + 1), signs, strict=True) if used)
        for signs in product((0, 1), repeat=n)
    ]
    cut = signed_rank_cut(n)
    assert np.mean(np.array(sums) <= cut - 1) <= 0.025 < np.mean(np.array(sums) <= cut)


def test_a_tail_that_is_exactly_used_up_is_allowed():
    assert signed_rank_cut(6, confidence=1 - 2 / 64) == 1  # P(W <= 0) = 1 / 64, all of the tail


def test_cuts_of_the_tables():
    # The two-sided 5 % critical values that are tabulated: 0, 2, 3, 5, 8, 10, 13, ..., 52 for n = 6 .. 20.
    assert [signed_rank_cut(n) - 1 for n in (6, 7, 8, 9, 10, 11, 12, 20)] == [0, 2, 3, 5, 8, 10, 13, 52]


@given(values=values)
@settings(max_examples=60, deadline=None)
def test_hodges_lehmann_equals_brute_force(values):
    walsh = sorted((values[i] + values[j]) / 2 for i in range(len(values)) for j in range(i, len(values)))
    centre, interval = hodges_lehmann(values)
    k = signed_rank_cut(len(values))
    assert centre == pytest.approx(np.median(walsh), abs=1e-12)
    assert interval is not None
    assert (interval.low, interval.high) == (walsh[k - 1], walsh[-k])


@given(seed=st.integers(0, 300), n=st.integers(6, 12))
@settings(max_examples=40, deadline=None)
def test_interval_is_what_scipys_exact_test_does_not_reject(seed, n):
    sample = np.random.default_rng(seed).normal(size=n)
    _, interval = hodges_lehmann(sample)
    assert interval is not None
    width = interval.high - interval.low
    for centre, inside in [
        (interval.low + 1e-9 * width, True),
        (interval.low - 1e-9 * width, False),
        (interval.high - 1e-9 * width, True),
        (interval.high + 1e-9 * width, False),
    ]:
        p_value = scipy_stats.wilcoxon(sample - centre, method="exact").pvalue
        assert (p_value > 0.05) == inside


def test_coverage_of_the_interval():
    sample = np.random.default_rng(1).standard_t(3, size=(2_000, 12))
    held = [interval.contains(0.0) for row in sample if (interval := hodges_lehmann(row)[1]) is not None]
    assert 0.94 <= np.mean(held) <= 0.97


def test_five_blocks_have_an_estimate_and_no_interval():
    centre, interval = hodges_lehmann([1, 2, 3, 4, 5])
    assert (centre, interval) == (3.0, None)
    assert estimate_ratio(np.log([2.0, 2.0])).ratio == pytest.approx(2.0)


def test_log_ratios_are_of_the_medians():
    logs = block_log_ratios([[2, 2, 90], [3, 3, 3]], [[1, 1, 1], [6, 6, 6]])
    np.testing.assert_allclose(np.exp(logs), [2.0, 0.5])


@pytest.mark.parametrize(
    ("candidate", "baseline", "message"),
    [
        ([[1.0]], [], "same blocks"),
        ([[1.0], []], [[1.0], [1.0]], "block 1 of the candidate"),
        ([[1.0]], [[0.0]], "block 0 of the baseline"),
        ([[float("inf")]], [[1.0]], "block 0 of the candidate"),
    ],
)
def test_bad_blocks_are_named(candidate, baseline, message):
    with pytest.raises(ValueError, match=message):
        block_log_ratios(candidate, baseline)


@pytest.mark.parametrize("arguments", [{"margin": 0.0}, {"blocks": 30}, {"confidence": 95.0}])
def test_bad_rule(arguments):
    with pytest.raises(ValueError, match="got"):
        SlowdownRule(**arguments)


def around(ratio: float, n: int, spread: float = 0.01) -> np.ndarray:
    return np.log(ratio) + np.linspace(-spread, spread, n)


@pytest.mark.parametrize(
    ("logs", "verdict"),
    [
        (around(1.00, 12), "pass"),
        (around(0.50, 12), "pass"),
        (around(1.07, 12), "fail"),
        (around(1.30, 12), "fail"),
        (around(1.05, 12, 0.2), "extend"),
        (around(1.05, 20, 0.2), "inconclusive"),
        (around(1.00, 5), "extend"),
        (around(9.00, 8), "extend"),
    ],
)
def test_verdicts(logs, verdict):
    assert judge_slowdown(logs) == verdict


def test_a_ratio_between_the_margins_may_fail_before_it_passes():
    # Between 1 + m and 1 + 2 m both conditions can hold; being slower than the margin comes first.
    assert judge_slowdown(around(1.07, 12, 0.001)) == "fail"


def test_a_noisy_machine_is_invalid():
    assert not too_noisy(around(1.0, 12))
    assert too_noisy(around(1.0, 12, 0.5))
    assert too_noisy(around(1.2, 12))
    assert too_noisy(around(0.8, 12))
    assert too_noisy(around(1.0, 5))


def machine(generator: np.random.Generator, n_blocks: int, slots: int) -> np.ndarray:
    """Median durations, [n_blocks, slots] in time order, of equal work on a machine that drifts and stutters.

    A random walk of 1.5 % a slot (turbo, neighbours), 2 % noise, and one slot in 25 slowed by 10 to 50 %.
    """
    size = n_blocks * slots
    drift = np.cumsum(generator.normal(0, 0.015, size=size))
    spikes = np.where(generator.random(size) < 0.04, generator.uniform(0.1, 0.4, size), 0.0)
    return np.exp(drift + generator.normal(0, 0.02, size) + spikes).reshape(n_blocks, slots)


def abba(generator: np.random.Generator, n_blocks: int, slowdown: float) -> np.ndarray:
    slots = machine(generator, n_blocks, 4) * np.array([1.0, slowdown, slowdown, 1.0])
    return block_log_ratios(list(slots[:, 1:3]), list(slots[:, [0, 3]]))


def decide(generator: np.random.Generator, slowdown: float) -> str:
    logs = abba(generator, 20, slowdown)
    verdict = judge_slowdown(logs[:12])
    return judge_slowdown(logs) if verdict == "extend" else verdict


def test_the_rule_raises_no_false_alarm_where_all_a_then_all_b_does():
    generator = np.random.default_rng(5)
    verdicts = [decide(generator, 1.0) for _ in range(1_000)]
    assert verdicts.count("fail") == 0
    assert verdicts.count("pass") >= 900
    sequential = [machine(generator, 1, 24)[0] for _ in range(2_000)]
    alarms = np.mean([np.median(run[12:]) > 1.05 * np.median(run[:12]) for run in sequential])
    assert 0.10 <= alarms <= 0.35


def test_the_rule_finds_a_slowdown_of_10_percent():
    generator = np.random.default_rng(6)
    verdicts = [decide(generator, 1.10) for _ in range(500)]
    assert 0.70 <= verdicts.count("fail") / 500 <= 1.0


def test_sets_of_processes_are_the_unit_where_they_differ():
    """12 blocks of 3 sets are no 12 independent ones: by blocks alone the interval is far too narrow."""
    generator = np.random.default_rng(0)
    sets = np.repeat(np.arange(3), 4)
    by_blocks, by_sets = [], []
    for _ in range(300):
        logs = generator.normal(0.0, 0.02, 12) + generator.normal(0.0, 0.02, 3)[sets]
        by_blocks.append(estimate_ratio(logs).interval.contains(1.0))
        found = estimate_ratio(logs, sets=sets)
        by_sets.append(found.interval.contains(1.0))
        assert found.n_sets == 3
        assert found.set_deviation > 0.0
    assert np.mean(by_blocks) < 0.85
    assert np.mean(by_sets) >= 0.93


def test_the_sets_of_blocks_must_be_theirs():
    with pytest.raises(ValueError, match="every block needs its set"):
        estimate_ratio(np.zeros(6), sets=[0, 1])
    assert (
        estimate_ratio(np.linspace(0.0, 0.1, 8), sets=[0] * 8).interval
        == estimate_ratio(np.linspace(0.0, 0.1, 8)).interval
    )
