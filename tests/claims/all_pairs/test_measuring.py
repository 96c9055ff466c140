"""Timing on a virtual clock: sizes, budget, rounds; and fair draws of sentences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.claims.all_pairs import laws
from harness.claims.all_pairs.draw import draw
from harness.claims.all_pairs.measuring import Schedule, TimedWork, measure
from harness.errors import NotComparableError
from harness.progress import Silent
from scripted import VirtualClock


def scripted(
    clock: VirtualClock, name: str, unit: str, law: Callable[[int], float], largest: int = 5000
) -> TimedWork:
    def prepare(n: int, rng: np.random.Generator) -> Callable[[], object]:
        clock.advance_ns(1_000)  # drawing sentences is not timed
        return lambda: clock.advance_ns(int(law(n) * 1e9))

    return TimedWork(name, unit, 12, largest, prepare, 0.4)


def test_a_scripted_machine_s_laws_are_found_within_the_budget() -> None:
    clock = VirtualClock()
    linear = scripted(clock, "bi", "sentences", lambda n: 0.05 + 0.002 * n)
    square = scripted(clock, "cross", "pairs", lambda n: 0.1 + 0.004 * n * (n - 1) / 2)
    samples = measure([linear, square], Schedule(100.0, 3, 0), clock, Silent())
    assert clock.now_ns() < 100 * 1.25 * 1e9
    for name, fixed, pace in (("bi", 0.05, 0.002), ("cross", 0.1, 0.004)):
        part = samples[name]
        law = laws.fit(part.units, part.medians)
        assert law.fixed_s == pytest.approx(fixed, rel=1e-3)
        assert law.per_unit_s == pytest.approx(pace, rel=1e-3)
        assert all(len(repeats) == 3 for repeats in part.seconds)
        assert len(part.sizes) >= laws.FEWEST_SIZES
        ratios = np.asarray(part.units[1:]) / np.asarray(part.units[:-1])
        assert ((ratios > 1.5) & (ratios < 2.7)).all()
    assert samples["cross"].units[-1] == samples["cross"].sizes[-1] * (samples["cross"].sizes[-1] - 1) // 2


def test_no_more_sentences_than_there_are() -> None:
    clock = VirtualClock()
    samples = measure(
        [scripted(clock, "bi", "sentences", lambda n: 1e-4 * n, largest=300)],
        Schedule(60.0, 3, 0),
        clock,
        Silent(),
    )
    assert samples["bi"].sizes[-1] == 300


def test_a_budget_too_small_says_how_much_is_needed_and_that_suffices() -> None:
    clock = VirtualClock()
    work = scripted(clock, "cross-encoder: scoring", "pairs", lambda n: 0.01 * n * (n - 1) / 2)
    with pytest.raises(NotComparableError, match="budget of 5 s is too small: cross-encoder") as raised:
        measure([work], Schedule(5.0, 3, 0), clock, Silent())
    needed = float(str(raised.value).rpartition(" ")[2])
    assert measure([work], Schedule(needed, 3, 0), clock, Silent())


def test_too_few_sentences() -> None:
    clock = VirtualClock()
    work = scripted(clock, "bi-encoder: encoding", "sentences", lambda n: 1e-3 * n, largest=40)
    with pytest.raises(NotComparableError, match="only 40 different sentences"):
        measure([work], Schedule(60.0, 3, 0), clock, Silent())


def test_a_machine_that_turns_slow_ends_with_whole_rounds() -> None:
    clock = VirtualClock()
    work = scripted(
        clock, "bi", "sentences", lambda n: 1e-3 * n * (30 if clock.now_ns() > 5e9 else 1), largest=4000
    )
    samples = measure([work], Schedule(20.0, 5, 0), clock, Silent())
    repeats = {len(seconds) for seconds in samples["bi"].seconds}
    assert len(repeats) == 1
    assert 1 <= repeats.pop() < 5


def test_the_median_ignores_one_disturbed_round() -> None:
    clock = VirtualClock()
    rounds = iter(range(10_000))
    work = scripted(
        clock, "bi", "sentences", lambda n: 1e-3 * n * (9 if next(rounds) % 7 == 3 else 1), largest=640
    )
    samples = measure([work], Schedule(60.0, 5, 0), clock, Silent())
    assert laws.check(samples["bi"].units, samples["bi"].medians, 0.15).holds


@given(st.integers(1, 200), st.integers(0, 1000), st.integers(0, 10))
def test_a_draw_is_of_different_sentences_and_as_long_on_average(total: int, wanted: int, seed: int) -> None:
    n = 1 + wanted % total
    sentences = ["x" * (i + 1) for i in range(total)]
    drawn = draw(sentences, n, np.random.default_rng(seed))
    assert len(drawn) == len(set(drawn)) == n
    assert np.mean([len(text) for text in drawn]) == pytest.approx(total / 2, abs=total / n / 2 + 1)


def test_a_draw_repeats_with_its_seed_and_refuses_more_than_there_are() -> None:
    sentences = ["x" * i for i in range(100)]
    again = [draw(sentences, 10, np.random.default_rng(1)) for _ in range(2)]
    assert again[0] == again[1]
    with pytest.raises(ValueError, match="cannot draw 101 of 100"):
        draw(sentences, 101, np.random.default_rng(1))
