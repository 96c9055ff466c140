"""Any collection of ir_datasets."""

from __future__ import annotations

from harness.config import LoadedSuite
from harness.datasets import ir
from harness.datasets.needs import Conditions
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted


class _Settings(CollectionSettings):
    """Any ir_datasets id with queries and judgments."""

    ir_datasets: str


def _load(source: _Settings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    collection = ir.open_collection(
        source.ir_datasets, source.texts, Conditions.of(suite, everything=wanted.text)
    )
    return Loaded(
        queries=tuple(collection.queries()),
        qrels=collection.qrels(),
        corpus=collection.corpus() if wanted.text else None,
        candidates=collection.candidates() if wanted.candidates else None,
        passages=collection.passages,
    )


KIND = CollectionKind("ir_datasets", "{ir_datasets: ID}", _Settings, _load)
