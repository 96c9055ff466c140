"""Semantic textual similarity: how well a model's scores of sentence pairs correlate with people's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np

from harness import stats
from harness.config import LoadedConfig, LoadedSuite
from harness.datasets import pairs
from harness.datasets.pairs import PairsData
from harness.errors import ConfigError, listed
from harness.measures import names
from harness.results import tables
from harness.tasks.base import Outcome, ScoreSentences, Step


class StsTask:
    """Sentence pairs with gold scores; a pipeline is one model."""

    name = "sts"

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset."""
        for i, measure in enumerate(suite.settings.measures):
            try:
                names.parse_correlation(measure)
            except ConfigError as error:
                raise suite.fail(str(error), "measures", i) from None
        pairs.source_of(suite)

    def steps(self, config: LoadedConfig) -> tuple[Step, ...]:
        """One scoring a model."""
        steps: dict[Step, None] = {}
        for name, pipeline in config.settings.pipelines.items():
            if pipeline.score is None:
                raise config.fail(
                    f"suite {config.suite.name} has the task sts, where a pipeline is {{score: MODEL}}; {name!r} has "
                    f"{listed(sorted(pipeline.model_fields_set))}",
                    "pipelines",
                    name,
                )
            steps[ScoreSentences(pipeline.score)] = None
        return tuple(steps)

    def load(self, config: LoadedConfig) -> PairsData:
        """Load the pairs."""
        return pairs.load(config.suite)

    def assemble(self, config: LoadedConfig, data: PairsData, results: Mapping[Step, Any]) -> Outcome:
        """Correlate each model's scores with gold."""
        gold = np.asarray([pair.gold for pair in data.pairs])
        ids = [pair.id for pair in data.pairs]
        parts: dict[str, dict[str, Any]] = {}
        warnings: list[str] = []
        columns: dict[str, list[Any]] = {"pipeline": [], "pair_id": [], "score": []}
        for name, pipeline in config.settings.pipelines.items():
            model = cast(str, pipeline.score)
            scores = np.asarray(results[ScoreSentences(model)], dtype=np.float64)
            measures = {}
            constant = len(np.unique(scores)) < 2
            if constant:
                warnings.append(
                    f"{name}: gives all {len(scores)} pairs one score; a correlation is not defined, shown as 0"
                )
            for measure in config.suite.settings.measures:
                measures[measure] = _figure(scores, gold, measure, config.settings.seed, constant=constant)
            parts[name] = {
                "kind": "score",
                "stages": {"score": model},
                "measures": measures,
                "unanswered": 0,
                "timing": None,
            }
            columns["pipeline"] += [name] * len(ids)
            columns["pair_id"] += ids
            columns["score"] += scores.tolist()
        texts = config.settings.texts
        pair_columns = {
            "pair_id": ids,
            "first": [pair.first if texts else "" for pair in data.pairs],
            "second": [pair.second if texts else "" for pair in data.pairs],
            "gold": gold,
        }
        return Outcome(parts, {tables.PAIRS: pair_columns, tables.PAIR_SCORES: columns}, {}, tuple(warnings))


def _figure(scores: Any, gold: Any, measure: str, seed: int, *, constant: bool) -> dict[str, Any]:
    if constant:
        return {"value": 0.0, "n": len(gold), "interval": None}
    kind = cast(Literal["spearman", "pearson"], measure)
    interval = stats.bootstrap_correlation(scores, gold, kind, seed=seed)
    return {
        "value": stats.correlation(scores, gold, kind),
        "n": len(gold),
        "interval": None if interval is None else vars(interval).copy(),
    }
