"""max-t: error rates over many pairs, agreement with enumeration, intervals that say what the p values say."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stats import compare_paired, max_t_means, max_t_replicates, seed_of


def every(n: int) -> list[tuple[int, int]]:
    return list(combinations(range(n), 2))


def test_a_perfect_run_is_told_apart_among_33():
    """528 pairs: Holm over 10,001 draws could reject nothing."""
    scores = np.random.default_rng(0).beta(2, 2, (33, 43))
    scores[32] = 1.0
    found = max_t_means(scores, every(33))
    perfect = [i for i, pair in enumerate(every(33)) if 32 in pair]
    assert found.adjusted[perfect].max() < 0.001
    assert min(found.intervals[i].high for i in perfect) < 0  # the second, which is perfect, is better


def test_family_wise_error_over_many_pairs():
    generator = np.random.default_rng(1)
    wrong = [
        (max_t_means(generator.beta(0.6, 1.0, (8, 40)), every(8), n_flips=200, seed=i).adjusted <= 0.05).any()
        for i in range(200)
    ]
    assert np.mean(wrong) <= 0.08  # 5 %, and two standard errors of 200 draws


@given(rows=st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=3, max_size=3))
@settings(max_examples=20, deadline=None)
def test_one_pair_is_the_sign_flip_test(rows):
    scores = np.asarray(rows, dtype=float) / 4
    found = max_t_means(scores, every(3))
    for p_value, (one, other) in zip(found.p_values, every(3), strict=True):
        assert p_value == compare_paired(scores[one], scores[other]).p_value
    assert (found.adjusted >= found.p_values - 1e-12).all()


def test_the_family_is_the_enumerated_maximum():
    scores = np.random.default_rng(5).permutation(np.arange(30.0)).reshape(3, 10)
    found = max_t_means(scores, every(3))
    differences = np.stack([scores[a] - scores[b] for a, b in every(3)])

    def t(signs):
        flipped = differences * signs
        return np.abs(flipped.mean(axis=1)) / flipped.std(axis=1, ddof=1) * np.sqrt(10)

    largest = np.asarray([t(np.asarray(signs)).max() for signs in product((1, -1), repeat=10)])
    own = t(np.ones(10))
    assert found.adjusted.tolist() == [(largest >= one - 1e-9).mean() for one in own]
    assert found.critical == pytest.approx(np.sort(largest)[len(largest) - 1 - int(0.05 * len(largest))])


@given(seed=st.integers(0, 60), skewed=st.booleans())
@settings(max_examples=20, deadline=None)
def test_an_interval_leaves_out_zero_where_the_family_tells_them_apart(seed, skewed):
    generator = np.random.default_rng(seed)
    scores = generator.random((4, 30)) ** (6 if skewed else 1) + np.asarray([[0.0], [0.1], [0.2], [0.3]])
    found = max_t_means(scores, every(4), n_flips=499)
    for p_value, interval in zip(found.adjusted, found.intervals, strict=True):
        assert (p_value <= 0.05) == (not interval.contains(0.0))


def test_intervals_hold_together():
    generator = np.random.default_rng(2)
    truth = [a - b for a, b in combinations((0.2, 0.5, 0.5, 0.6), 2)]
    held = []
    for i in range(200):
        scores = generator.beta(1, 1, (1, 50)) * 0.3 + generator.normal(
            [[0.2], [0.5], [0.5], [0.6]], 0.2, (4, 50)
        )
        found = max_t_means(scores, every(4), n_flips=400, seed=i)
        held.append(all(x.contains(d) for x, d in zip(found.intervals, truth, strict=True)))
    assert np.mean(held) >= 0.93


def test_the_seed_is_the_scores():
    rows = np.random.default_rng(3).random((4, 9))
    assert seed_of(rows) == seed_of(rows[::-1]) == seed_of(rows.copy())
    assert seed_of(rows) != seed_of(rows + 1e-9)


def test_equal_rows_and_too_few_queries():
    scores = np.full((2, 5), 0.25)
    found = max_t_means(scores, [(0, 1)])
    assert found.adjusted[0] == 1.0
    assert found.intervals[0].low < 0 < found.intervals[0].high
    assert max_t_means(np.asarray([[0.1], [0.2]]), [(0, 1)]).intervals == (None,)
    rising = np.asarray([[0.1, 0.3, 0.2, 0.4], [0.0, 0.0, 0.0, 0.1]])
    assert max_t_means(rising, [(0, 1)]).intervals == (None,)  # 16 signs: none is rarer than 5 %


@pytest.mark.parametrize(
    ("scores", "pairs", "message"),
    [
        ([[0.1, 0.2]], [], "no pairs"),
        ([[], []], [(0, 1)], "one query"),
        ([[np.nan, 0.1]], [(0, 0)], "finite"),
    ],
)
def test_bad_input(scores, pairs, message):
    with pytest.raises(ValueError, match=message):
        max_t_means(np.asarray(scores), pairs)


def test_replicates_give_the_same_for_means():
    """The bootstrap's max-t of means is near that of the sign flips."""
    generator = np.random.default_rng(4)
    scores = generator.random((3, 300)) + np.asarray([[0.0], [0.1], [0.12]])
    counts = generator.multinomial(300, np.full(300, 1 / 300), 4_000) / 300
    means = scores @ counts.T
    pairs = every(3)
    deltas = np.asarray([scores[a].mean() - scores[b].mean() for a, b in pairs])
    found = max_t_replicates(deltas, np.stack([means[a] - means[b] for a, b in pairs]))
    flips = max_t_means(scores, pairs)
    np.testing.assert_allclose(found.adjusted, flips.adjusted, atol=0.03)
    for one, other in zip(found.intervals, flips.intervals, strict=True):
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=0.02)


def test_replicates_without_a_figure_are_not_judged():
    deltas = np.asarray([0.1, 0.2])
    moved = np.random.default_rng(0).normal([[0.1], [0.2]], 0.02, (2, 1_000))
    moved[0, :600] = np.nan
    found = max_t_replicates(deltas, moved)
    assert np.isnan(found.adjusted[0])
    assert found.intervals[0] is None
    assert found.adjusted[1] < 0.01
