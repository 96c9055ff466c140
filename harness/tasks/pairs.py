"""What the tasks over sentence pairs share: a pipeline is one model, which gives each pair a score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from harness.config import LoadedConfig, LoadedSuite
from harness.datasets.pairs import PairsData
from harness.measures import sets
from harness.measures.sets import SetMeasure
from harness.results import tables
from harness.stages import Data
from harness.tasks import figures
from harness.tasks.base import Done, Outcome, told


class PairTask:
    """Sentence pairs with gold values; its measures look at all pairs at once."""

    name: str
    data: Data = "pairs"
    measures: Mapping[str, SetMeasure]

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset."""
        figures.check_measures(suite, self.measures)
        figures.no_protocol(suite)
        self.check_source(suite)

    def check_source(self, suite: LoadedSuite) -> None:
        """Check the dataset."""
        raise NotImplementedError

    def load(self, config: LoadedConfig) -> PairsData:
        """Load the pairs."""
        raise NotImplementedError

    def assemble(self, config: LoadedConfig, data: PairsData, done: Done) -> Outcome:
        """Measure each model's scores against gold."""
        gold = np.asarray([pair.gold for pair in data.pairs])
        ids = [pair.id for pair in data.pairs]
        scores = {
            name: np.asarray(done.of(pipeline), dtype=np.float64)
            for name, pipeline in config.pipelines.items()
        }
        parts: dict[str, dict[str, Any]] = {
            name: {**told(pipeline, scores[name]), "unanswered": 0, "timing": None}
            for name, pipeline in config.pipelines.items()
        }
        warnings = [
            f"{name}: gives all {len(row)} pairs one score"
            + ("; a correlation is not defined, shown as 0" if self.measures is sets.CORRELATIONS else "")
            for name, row in scores.items()
            if len(np.unique(row)) < 2
        ]
        arms = np.stack([scores[name] for name in parts])[:, None, :]
        measured = figures.of_arms(
            config, [self.measures[m] for m in config.suite.settings.measures], arms, gold
        )
        for (name, part), found in zip(parts.items(), measured, strict=True):
            part["measures"] = found
            warnings += _near_ties(config, part, scores[name], gold, name)
        texts = config.settings.texts
        columns = {
            "pipeline": [name for name in scores for _ in ids],
            "pair_id": ids * len(scores),
            "score": np.concatenate(list(scores.values())),
        }
        pair_columns = {
            "pair_id": ids,
            "first": [pair.first if texts else "" for pair in data.pairs],
            "second": [pair.second if texts else "" for pair in data.pairs],
            "gold": gold,
        }
        made = {tables.PAIRS: pair_columns, tables.PAIR_SCORES: cast(Mapping[str, Any], columns)}
        return Outcome(parts, made, {}, tuple(warnings))


def _near_ties(
    config: LoadedConfig, part: dict[str, Any], scores: sets.FloatArray, gold: sets.FloatArray, name: str
) -> list[str]:
    """Say how far the order of nearly equal scores can move a pipeline's figures; note the primary's in its part."""
    told = []
    for measure in (sets.SET_MEASURES[name] for name in part["measures"]):
        if measure.band is None or not measure.defined(scores[None], gold):
            continue
        value = part["measures"][measure.name]["value"]
        low, high = measure.band(scores, gold)
        if measure.name == config.suite.settings.primary:
            part["ties"] = {"measure": measure.name, "canonical": value, "best": high, "worst": low}
        if high - low > figures.TIES_MATTER:
            told.append(
                f"{name}: the order of scores that single precision cannot tell apart can move {measure.name} from "
                f"{low:.4f} to {high:.4f}; shown is the order as computed here, {value:.4f}"
            )
    return told
