"""Semantic textual similarity: how well a model's scores of sentence pairs correlate with people's."""

from __future__ import annotations

from harness.config import LoadedConfig, LoadedSuite
from harness.datasets import pairs
from harness.datasets.pairs import PairsData
from harness.measures import sets
from harness.tasks.pairs import PairTask


class StsTask(PairTask):
    """Sentence pairs with gold scores; a pipeline is one model."""

    name = "sts"
    measures = sets.CORRELATIONS

    def check_source(self, suite: LoadedSuite) -> None:
        """Check the dataset."""
        pairs.source_of(suite)

    def load(self, config: LoadedConfig) -> PairsData:
        """Load the pairs."""
        return pairs.load(config.suite)
