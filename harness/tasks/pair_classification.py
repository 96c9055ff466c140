"""Pair classification: how well a model's scores tell pairs with the label 1 from those with the label 0."""

from __future__ import annotations

from harness.config import LoadedConfig, LoadedSuite
from harness.datasets import labelled_pairs
from harness.datasets.pairs import PairsData
from harness.measures import sets
from harness.tasks.pairs import PairTask


class PairClassificationTask(PairTask):
    """Sentence pairs with labels of 0 and 1; a pipeline is one model."""

    name = "pair-classification"
    measures = sets.THRESHOLDS

    def check_source(self, suite: LoadedSuite) -> None:
        """Check the dataset."""
        labelled_pairs.source_of(suite)

    def load(self, config: LoadedConfig) -> PairsData:
        """Load the pairs."""
        return labelled_pairs.load(config.suite)
