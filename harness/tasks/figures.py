"""Figures of a set of items, as a bundle holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.config import LoadedConfig, LoadedSuite
from harness.errors import ConfigError
from harness.measures import sets
from harness.measures.sets import FloatArray, SetMeasure

#: How far the order of ties must be able to move a figure to be told.
TIES_MATTER = 1e-4


def check_measures(suite: LoadedSuite, valid: Mapping[str, SetMeasure]) -> None:
    """Raise ConfigError, with its line, for a measure that the task does not know."""
    for i, measure in enumerate(suite.settings.measures):
        try:
            sets.parse(measure, valid)
        except ConfigError as error:
            raise suite.fail(str(error), "measures", i) from None


def no_protocol(suite: LoadedSuite) -> None:
    """Raise ConfigError where a suite gives a protocol to a task that has none."""
    if suite.settings.protocol:
        raise suite.fail(f"the task {suite.settings.task} has no protocol to set", "protocol")


def of_arms(
    config: LoadedConfig, measures: Sequence[SetMeasure], arms: FloatArray, gold: FloatArray
) -> list[dict[str, dict[str, Any]]]:
    """Each arm's figures by measure; arms are [n_arms, n_repeats, n_items], gold [n_items].

    Where there are several repeats, ``repeats`` says how many, and their standard deviation.
    """
    found: list[dict[str, dict[str, Any]]] = [{} for _ in arms]
    for measure in measures:
        replicates = measure.resampled(arms, gold, config.settings.seed)
        for figures, outputs, resampled in zip(found, arms, replicates, strict=True):
            figures[measure.name] = _figure(measure, outputs, gold, resampled)
    return found


def _figure(
    measure: SetMeasure, outputs: FloatArray, gold: FloatArray, resampled: FloatArray
) -> dict[str, Any]:
    value = measure.figure(outputs, gold)
    interval = None if value is None else measure.interval(resampled, len(gold))
    figure: dict[str, Any] = {
        "value": 0.0 if value is None else value,
        "n": len(gold),
        "interval": None if interval is None else vars(interval).copy(),
    }
    if len(outputs) > 1:
        each = [measure.value(row, gold) for row in outputs]
        figure["repeats"] = {"n": len(outputs), "sd": float(np.std(each, ddof=1))}
    return figure
