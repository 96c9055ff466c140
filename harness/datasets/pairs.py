"""Sentence pairs with gold scores: local files, or the model hub's, one or several."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from harness.config import LoadedSuite
from harness.datamodel import SentencePair
from harness.datasets import factbook, hub, mteb_tasks, rows
from harness.datasets.hub import HubFile
from harness.datasets.needs import Conditions
from harness.datasets.sources import EmbeddedSource, Files, TableSource, names_of, paths_of, told_apart
from harness.errors import DataError, listed
from harness.settings import Settings

_NEEDED = ("sentence1", "sentence2", "score")


class _Scored(Settings):
    scale: Annotated[tuple[float, ...], Field(min_length=2, max_length=2)] = (0.0, 5.0)

    @model_validator(mode="after")
    def _ascending(self) -> _Scored:
        if not self.scale[0] < self.scale[1]:
            raise ValueError(f"scale: {self.scale[0]} is not below {self.scale[1]}")
        return self


class PairsSource(_Scored, TableSource):
    """Local files of sentence pairs."""

    columns: tuple[str, ...] = _NEEDED
    pairs: Files

    def paths(self, suite: LoadedSuite) -> list[Path]:
        """Every file, in the order they are concatenated."""
        return paths_of(self.pairs, suite.folder)


class HubSource(_Scored, TableSource):
    """Files of a data set on the model hub, at one commit.

    ``sha256`` by file name, where known beforehand.
    """

    columns: tuple[str, ...] = _NEEDED
    hub: str
    revision: str
    files: Files
    sha256: dict[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(default_factory=dict)

    @field_validator("revision")
    @classmethod
    def _is_a_commit(cls, value: str) -> str:
        return hub.check_revision(value)

    @model_validator(mode="after")
    def _hashes_are_of_files(self) -> HubSource:
        names = names_of(self.files)
        if strange := sorted(set(self.sha256) - set(names)):
            raise ValueError(f"sha256: {listed(strange)} is not among the files {listed(names)}")
        return self

    def paths(self, suite: LoadedSuite) -> list[Path]:
        """Every file in the hub's cache, in the order they are concatenated; fetched where need be."""
        conditions = Conditions.of(suite)
        return [
            hub.fetch(HubFile(self.hub, self.revision, name, self.sha256.get(name)), conditions)
            for name in names_of(self.files)
        ]


class EmbeddedPairs(_Scored, EmbeddedSource):
    """Sentence pairs of the project's own corpus of facts."""


class MtebPairs(_Scored):
    """A task of MTEB, or its class in a file beside the suite; its split and subset, and the revision it must have."""

    mteb: str
    split: str | None = None
    subset: str | None = None
    revision: str | None = None


class GivenSource(_Scored):
    """Pairs that were given in Python; said is their digest."""

    given: dict[str, str]


Source = PairsSource | HubSource | EmbeddedPairs | MtebPairs | GivenSource
_SOURCES: dict[str, type[Source]] = {
    "pairs": PairsSource,
    "hub": HubSource,
    "embedded": EmbeddedPairs,
    "mteb": MtebPairs,
    "given": GivenSource,
}


@dataclass(frozen=True)
class PairsData:
    """Scored pairs of one or several files, concatenated."""

    pairs: tuple[SentencePair, ...]
    counts: dict[str, int]
    digests: dict[str, str]
    notes: tuple[str, ...] = ()


def source_of(suite: LoadedSuite) -> Source:
    """Validate an STS suite's ``dataset``. Raises ConfigError."""
    return suite.source(
        _SOURCES,
        "an STS data set is {pairs: FILE or [FILES], columns: [sentence1, sentence2, score], header: false, "
        "scale: [0, 5]}, {embedded: factbook}, {mteb: TASK} or {hub: NAME, revision: COMMIT, files: FILE}",
    )


def load(suite: LoadedSuite) -> PairsData:
    """Load an STS suite's pairs.

    One with an empty score is skipped and counted. Raises DataError, ConfigError.
    """
    source = source_of(suite)
    found: list[SentencePair] = []
    skipped, said = 0, []
    if isinstance(source, GivenSource):
        if suite.live is None:
            raise suite.fail(
                "these pairs were given in Python, and no file holds them; give them again: harness.run(pairs=...)",
                "dataset",
            )
        found += suite.live.pairs
        skipped += suite.live.unscored
    elif isinstance(source, EmbeddedPairs):
        found += [SentencePair(*pair) for pair in factbook.pairs(source.split)]
    elif isinstance(source, MtebPairs):
        part = mteb_tasks.part_of(suite, source.model_dump(), ("STS",))
        found, said = _of_task(part, suite), [part.note]
    else:
        for path in source.paths(suite):
            scored, unscored = _of_file(path, source)
            found += scored
            skipped += unscored
    pairs = told_apart(found)
    if len({pair.gold for pair in pairs}) < 2:
        raise DataError(
            f"suite {suite.name}: all {len(pairs)} gold scores are {pairs[0].gold:g}; a correlation needs scores that "
            "differ"
        )
    told = suite.settings.needs.pairs
    notes = (
        (f"{len(pairs):,} pairs were loaded, the suite says {told:,}",)
        if told not in (None, len(pairs))
        else ()
    )
    counts = {"pairs": len(pairs), "pairs_unscored": skipped}
    return PairsData(pairs, counts, {"pairs": digest(pairs)}, (*said, *notes))


def _of_task(part: mteb_tasks.Part, suite: LoadedSuite) -> list[SentencePair]:
    first, second = part.task.column_names
    if not (isinstance(first, str) and isinstance(second, str)):
        raise DataError(f"suite {suite.name}: {part.task.metadata.name} compares other things than texts")
    return [
        SentencePair(f"{part.split}:{i}", str(row[first]), str(row[second]), float(row["score"]))
        for i, row in enumerate(part.rows, start=1)
    ]


def _of_file(path: Path, source: PairsSource | HubSource) -> tuple[list[SentencePair], int]:
    pairs: list[SentencePair] = []
    skipped = 0
    for number, row in rows.read(path, source.named):
        if row["score"] is None or not str(row["score"]).strip():
            skipped += 1
            continue
        gold = _gold(row["score"], source.scale, path, number)
        first, second = (rows.text_of(row, name, path, number) for name in ("sentence1", "sentence2"))
        pairs.append(SentencePair(f"{path.name}:{number}", first, second, gold))
    if not pairs:
        raise DataError(f"{path}: holds no scored pairs")
    return pairs, skipped


def digest(pairs: Iterable[SentencePair]) -> str:
    """SHA-256 over every pair in order: sentences, each preceded by its length in bytes, and gold score."""
    sha = hashlib.sha256()
    for pair in pairs:
        first, second = pair.first.encode(), pair.second.encode()
        sha.update(b"%d %d %s " % (len(first), len(second), repr(pair.gold).encode()))
        sha.update(first)
        sha.update(second)
    return sha.hexdigest()


def _gold(given: Any, scale: tuple[float, ...], path: Path, number: int) -> float:
    try:
        gold = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        raise DataError(
            f"{path}:{number}: the score {given!r} is not a number; is 'header' or 'columns' right?"
        ) from None
    if not (math.isfinite(gold) and scale[0] <= gold <= scale[1]):
        raise DataError(
            f"{path}:{number}: the score {given} is outside the scale {scale[0]:g} to {scale[1]:g}"
        )
    return gold
