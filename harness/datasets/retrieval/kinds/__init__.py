"""Kinds of collections, one file each, told by a key of a suite's ``dataset``."""

from __future__ import annotations

from harness.config import LoadedSuite
from harness.datasets.retrieval.kinds import beir, embedded, files, irdatasets, mteb
from harness.datasets.retrieval.kinds.kind import (
    CollectionKind,
    CollectionSettings,
    Loaded,
    Wanted,
)

COLLECTIONS: tuple[CollectionKind, ...] = (irdatasets.KIND, beir.KIND, embedded.KIND, mteb.KIND, files.KIND)


def source_of(suite: LoadedSuite) -> CollectionSettings:
    """Validate a retrieval suite's ``dataset``. Raises ConfigError."""
    *most, last = (kind.written for kind in COLLECTIONS)
    return suite.source(
        {kind.key: kind.settings for kind in COLLECTIONS},
        f"a retrieval data set is one of {', '.join(most)} or {last}",
    )


def load_parts(source: CollectionSettings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    """Load what is wanted of a collection. Raises DataError, ConfigError."""
    (kind,) = (kind for kind in COLLECTIONS if type(source) is kind.settings)
    return kind.load(source, suite, wanted)


__all__ = [
    "COLLECTIONS",
    "CollectionKind",
    "CollectionSettings",
    "Loaded",
    "Wanted",
    "load_parts",
    "source_of",
]
