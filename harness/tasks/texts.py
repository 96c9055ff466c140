"""What the tasks over frozen embeddings share: a pipeline is one bi-encoder, and something cheap on top of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.config import LoadedConfig, LoadedSuite
from harness.datasets.texts import TextsData
from harness.measures.sets import SetMeasure
from harness.models.protocols import Embeddings
from harness.results import tables
from harness.stages import EVERYTHING, Data
from harness.tasks import figures
from harness.tasks.base import Done, Outcome

Predictions = NDArray[np.str_]  # [n_repeats, n_texts] a label or a cluster each


class TextTask:
    """Texts with labels; its measures look at all texts at once."""

    name: str
    data: Data = "texts"
    measures: Mapping[str, SetMeasure]
    on_top: str  # what a pipeline's stages call the step after encoding

    def check(self, suite: LoadedSuite) -> None:
        """Check measures, dataset and protocol."""
        figures.check_measures(suite, self.measures)
        self.check_source(suite)

    def check_source(self, suite: LoadedSuite) -> None:
        """Check dataset and protocol."""
        raise NotImplementedError

    def load(self, config: LoadedConfig) -> TextsData:
        """Load the texts."""
        raise NotImplementedError

    def predict(
        self, config: LoadedConfig, data: TextsData, vectors: Embeddings
    ) -> tuple[Predictions, list[str]]:
        """Return what becomes of embeddings [n_all_texts, dimension], and warnings."""
        raise NotImplementedError

    def protocol(self, suite: LoadedSuite) -> dict[str, Any]:
        """The protocol in use, defaults included."""
        raise NotImplementedError

    def assemble(self, config: LoadedConfig, data: TextsData, done: Done) -> Outcome:
        """Predict from each pipeline's embeddings, and measure."""
        stages = {name: pipeline.stage for name, pipeline in config.pipelines.items()}
        vectors = {pipeline.stage: done.of(pipeline) for pipeline in config.pipelines.values()}
        made = {stage: self.predict(config, data, np.asarray(one)) for stage, one in vectors.items()}
        predicted = {name: made[stage][0] for name, stage in stages.items()}
        labels = [item.label for item in data.texts]
        codes = tables.codes_of(labels, predicted.values())
        gold = np.asarray([codes[label] for label in labels], dtype=np.float64)
        arms = np.asarray(
            [[[codes[label] for label in row] for row in rows] for rows in predicted.values()],
            dtype=np.float64,
        )
        wanted = [self.measures[m] for m in config.suite.settings.measures]
        measured = figures.of_arms(config, wanted, arms, gold)
        parts = {
            name: {
                "kind": stage.kind,
                "stages": {**stage.told(EVERYTHING, None), self.on_top: self.protocol(config.suite)},
                "measures": found,
                "unanswered": 0,
                "timing": None,
            }
            for (name, stage), found in zip(stages.items(), measured, strict=True)
        }
        warnings = [f"{name}: {text}" for name, stage in stages.items() for text in made[stage][1]]
        return Outcome(parts, _tables(config, data, predicted), {}, tuple(warnings))


def _tables(
    config: LoadedConfig, data: TextsData, predicted: Mapping[str, Predictions]
) -> dict[tables.Table, dict[str, Any]]:
    ids = [item.id for item in data.texts]
    rows = [(name, i, row) for name, repeats in predicted.items() for i, row in enumerate(repeats)]
    return {
        tables.TEXTS: {
            "text_id": ids,
            "text": [item.text if config.settings.texts else "" for item in data.texts],
            "label": [item.label for item in data.texts],
        },
        tables.PREDICTIONS: {
            "pipeline": [name for name, _, _ in rows for _ in ids],
            "repeat": [i for _, i, _ in rows for _ in ids],
            "text_id": ids * len(rows),
            "label": [str(label) for _, _, row in rows for label in row],
        },
    }
