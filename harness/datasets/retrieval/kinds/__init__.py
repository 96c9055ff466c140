"""Kinds of collections, one file each, told by a key of a suite's ``dataset``."""

from __future__ import annotations

from harness.config import LoadedSuite
from harness.datasets.retrieval.kinds import beir, embedded, files, given, hubfolder, irdatasets, mteb
from harness.datasets.retrieval.kinds.kind import (
    CollectionKind,
    CollectionSettings,
    Loaded,
    Wanted,
)
from harness.plugins import DATASETS, Extended

_OWN: tuple[CollectionKind, ...] = (
    irdatasets.KIND,
    beir.KIND,
    embedded.KIND,
    mteb.KIND,
    hubfolder.FOLDER,
    hubfolder.HUB,
    given.KIND,
    files.KIND,
)


def _plugged(name: str, kind: object) -> CollectionKind:
    if not isinstance(kind, CollectionKind):
        raise ValueError(f"it is a {type(kind).__name__}")
    if kind.key != name:
        raise ValueError(f"its key is {kind.key!r}")
    return kind


#: Every kind of collection by its key, those of plug-ins too.
COLLECTIONS: Extended[CollectionKind] = Extended({kind.key: kind for kind in _OWN}, DATASETS, _plugged)


def source_of(suite: LoadedSuite) -> CollectionSettings:
    """Validate a retrieval suite's ``dataset``. Raises ConfigError."""
    said = suite.settings.dataset
    known = {kind.key: kind for kind in _OWN}
    if not known.keys() & said.keys():
        known = dict(COLLECTIONS)
    *most, last = (kind.written for kind in known.values() if kind.written)
    return suite.source(
        {key: kind.settings for key, kind in known.items()},
        f"a retrieval data set is one of {', '.join(most)} or {last}",
    )


def load_parts(source: CollectionSettings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    """Load what is wanted of a collection. Raises DataError, ConfigError."""
    known = (
        (*_OWN, *COLLECTIONS.values()) if all(type(source) is not kind.settings for kind in _OWN) else _OWN
    )
    kind = next(kind for kind in known if type(source) is kind.settings)
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
