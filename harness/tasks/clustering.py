"""Clustering: k-means on frozen embeddings, its clusters held against the labels."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from harness import settings
from harness.config import LoadedConfig, LoadedSuite
from harness.datasets import texts
from harness.datasets.texts import TextsData
from harness.errors import DataError
from harness.measures import sets
from harness.models.protocols import Embeddings
from harness.settings import Settings
from harness.tasks.texts import Predictions, TextTask


class ClusteringProtocol(Settings):
    """How texts are clustered: scikit-learn's ``KMeans`` with k-means++ starts.

    Attributes:
        clusters: how many; None: as many as there are labels.
        repeats: runs from different seeds; the figure is the mean over them.
        starts: of each run, the best by inertia kept (scikit-learn's n_init).
        seed: of the first run; each further run's is one higher. It belongs to the suite.
    """

    clusters: Annotated[int, Field(ge=2)] | None = None
    repeats: Annotated[int, Field(ge=1, le=1000)] = 10
    starts: Annotated[int, Field(ge=1)] = 1
    seed: Annotated[int, Field(ge=0)] = 0


class ClusteringTask(TextTask):
    """Texts with labels; a pipeline is one bi-encoder."""

    name = "clustering"
    measures = sets.CLUSTERS
    on_top = "k_means"

    def check_source(self, suite: LoadedSuite) -> None:
        """Check dataset and protocol."""
        texts.text_source(suite)
        _protocol(suite)

    def load(self, config: LoadedConfig) -> TextsData:
        """Load the texts. Raises DataError where there are fewer different ones than clusters."""
        data = texts.load_texts(config.suite)
        different, clusters = len(set(data.all_texts)), _clusters(config.suite, data)
        if different < clusters:
            raise DataError(
                f"suite {config.suite.name}: {different} different texts cannot make {clusters} clusters; give more "
                "texts, or fewer clusters under protocol"
            )
        return data

    def protocol(self, suite: LoadedSuite) -> dict[str, Any]:
        """The protocol in use, defaults included."""
        return _protocol(suite).model_dump(mode="json")

    def predict(
        self, config: LoadedConfig, data: TextsData, vectors: Embeddings
    ) -> tuple[Predictions, list[str]]:
        """Cluster the texts, once a repeat."""
        from sklearn.cluster import KMeans

        protocol, clusters = _protocol(config.suite), _clusters(config.suite, data)
        different = len(np.unique(vectors, axis=0))
        if different < clusters:
            raise DataError(
                f"suite {config.suite.name}: the model gives {len(vectors):,} texts only {different} different "
                f"embeddings, which cannot make {clusters} clusters"
            )
        found = [
            KMeans(clusters, n_init=protocol.starts, random_state=protocol.seed + repeat).fit_predict(vectors)
            for repeat in range(protocol.repeats)
        ]
        return np.stack(found).astype(str), []


def _protocol(suite: LoadedSuite) -> ClusteringProtocol:
    return settings.build(ClusteringProtocol, suite.settings.protocol, suite.file, ("protocol",))


def _clusters(suite: LoadedSuite, data: TextsData) -> int:
    return _protocol(suite).clusters or data.counts["labels"]
