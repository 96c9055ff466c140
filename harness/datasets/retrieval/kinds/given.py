"""A collection that was given in Python; the suite says the digests of what was given."""

from __future__ import annotations

from harness.config import LoadedSuite
from harness.datasets.given import GivenCollection
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted


class _Settings(CollectionSettings):
    """Digests of documents, queries and judgments."""

    given: dict[str, str]


def _load(source: _Settings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    found = suite.live
    if not isinstance(found, GivenCollection):
        raise suite.fail(
            "these documents, queries and judgments were given in Python, and no file holds them; give them again: "
            "harness.run(documents=..., queries=..., judgments=...)",
            "dataset",
        )
    if wanted.text and found.corpus is None:
        raise suite.fail(
            "this config searches, and no documents were given: add documents=... (without it only existing runs can "
            "be scored)",
            "dataset",
        )
    return Loaded(found.queries, found.qrels, found.corpus if wanted.text else None)


KIND = CollectionKind("given", "", _Settings, _load)
