"""What the tasks over frozen embeddings share: a pipeline is one bi-encoder, and something cheap on top of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.config import LoadedConfig, LoadedSuite
from harness.datasets.texts import TextsData
from harness.errors import listed
from harness.measures.sets import SetMeasure
from harness.models.protocols import Embeddings
from harness.results import tables
from harness.tasks import figures
from harness.tasks.base import Encode, Outcome, Step

Predictions = NDArray[np.str_]  # [n_repeats, n_texts] a label or a cluster each


class TextTask:
    """Texts with labels; its measures look at all texts at once."""

    name: str
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

    def steps(self, config: LoadedConfig) -> tuple[Step, ...]:
        """One encoding a model."""
        steps: dict[Step, None] = {}
        for name, pipeline in config.settings.pipelines.items():
            if pipeline.encode is None:
                raise config.fail(
                    f"suite {config.suite.name} has the task {self.name}, where a pipeline is {{encode: MODEL}}; "
                    f"{name!r} has {listed(sorted(pipeline.model_fields_set))}",
                    "pipelines",
                    name,
                )
            steps[Encode(pipeline.encode)] = None
        return tuple(steps)

    def assemble(self, config: LoadedConfig, data: TextsData, results: Mapping[Step, Any]) -> Outcome:
        """Predict from each model's embeddings, and measure."""
        models = {name: str(pipeline.encode) for name, pipeline in config.settings.pipelines.items()}
        made = {
            model: self.predict(config, data, np.asarray(results[Encode(model)]))
            for model in dict.fromkeys(models.values())
        }
        predicted = {name: made[model][0] for name, model in models.items()}
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
                "kind": "encode",
                "stages": {"encode": model, self.on_top: self.protocol(config.suite)},
                "measures": found,
                "unanswered": 0,
                "timing": None,
            }
            for (name, model), found in zip(models.items(), measured, strict=True)
        }
        warnings = [f"{name}: {text}" for name, model in models.items() for text in made[model][1]]
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
