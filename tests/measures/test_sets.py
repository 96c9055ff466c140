"""Figures of whole sets: repeats, intervals, and what is not defined."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import ConfigError
from harness.measures import sets
from harness.measures.sets import BY_TASK, SET_MEASURES


def _clusters(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    gold = random.integers(0, 8, n).astype(float)
    outputs = np.stack([np.where(random.random(n) < 0.6, gold, random.integers(0, 8, n)) for _ in range(3)])
    return outputs, gold


def test_the_figure_is_the_mean_over_repeats() -> None:
    outputs, gold = _clusters()
    measure = SET_MEASURES["accuracy"]
    assert measure.figure(outputs, gold) == pytest.approx(np.mean(outputs == gold))


@pytest.mark.parametrize("name", ["accuracy", "macro_f1", "v_measure"])
def test_an_interval_lies_about_its_figure(name: str) -> None:
    outputs, gold = _clusters()
    measure = SET_MEASURES[name]
    value = measure.figure(outputs, gold)
    interval = measure.interval(measure.resampled(outputs[None], gold)[0], len(gold))
    assert value is not None
    assert interval is not None
    assert interval.low < value < interval.high


def test_v_measure_is_larger_on_resamples_and_so_its_replicates_are_centred() -> None:
    from harness import stats

    outputs, gold = _clusters()
    measure = SET_MEASURES["v_measure"]
    value = measure.figure(outputs[:1], gold)
    assert value is not None
    raw = stats.bootstrap_group_measures(outputs[:1], gold, "v_measure").mean()
    assert raw > value + 0.02
    replicates = measure.resampled(outputs[None, :1], gold)[0]
    assert replicates.mean() == pytest.approx(value)
    interval = measure.interval(replicates, len(gold))
    assert interval is not None
    assert interval.method == sets.CENTRED


def test_arms_share_their_resamples_whatever_stands_beside_them() -> None:
    outputs, gold = _clusters()
    other, _ = _clusters(seed=5)
    measure = SET_MEASURES["macro_f1"]
    alone = measure.resampled(outputs[None], gold)
    both = measure.resampled(np.stack([other, outputs]), gold)
    assert np.array_equal(alone[0], both[1])


def test_a_constant_has_no_correlation_and_no_interval() -> None:
    measure = SET_MEASURES["spearman"]
    gold = np.arange(10.0)
    assert measure.figure(np.zeros((1, 10)), gold) is None
    replicates = measure.resampled(np.stack([np.zeros((1, 10)), gold[None]]), gold)
    assert measure.interval(replicates[0], 10) is None
    assert measure.interval(replicates[1], 10) is not None


def test_every_measure_belongs_to_one_task() -> None:
    names = [name for measures in BY_TASK.values() for name in measures]
    assert sorted(names) == sorted(SET_MEASURES)


def test_an_unknown_measure_names_the_valid_ones() -> None:
    with pytest.raises(
        ConfigError,
        match=r"unknown measure 'acuracy' \(did you mean 'accuracy'\?\); valid are accuracy, macro_f1",
    ):
        sets.parse("acuracy", BY_TASK["classification"])
