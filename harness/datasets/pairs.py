"""Sentence pairs with gold scores: local files, or the model hub's, one or several."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from harness.config import LoadedSuite
from harness.datamodel import SentencePair
from harness.datasets import factbook, hub, rows
from harness.datasets.hub import HubFile
from harness.datasets.needs import Conditions
from harness.datasets.rows import Columns
from harness.errors import DataError, listed
from harness.settings import Settings

_NEEDED = ("sentence1", "sentence2", "score")


class _Options(Settings):
    columns: tuple[str, ...] = _NEEDED
    header: bool = False
    scale: Annotated[tuple[float, ...], Field(min_length=2, max_length=2)] = (0.0, 5.0)

    @model_validator(mode="after")
    def _complete(self) -> _Options:
        missing = [name for name in _NEEDED if name not in self.columns]
        if missing:
            raise ValueError(
                f"columns: {listed(missing)} must be among them; given are {listed(self.columns)}"
            )
        if not self.scale[0] < self.scale[1]:
            raise ValueError(f"scale: {self.scale[0]} is not below {self.scale[1]}")
        return self


class PairsSource(_Options):
    """Local files of sentence pairs; columns beyond those named are ignored."""

    pairs: str | Annotated[tuple[str, ...], Field(min_length=1)]

    def paths(self, suite: LoadedSuite) -> list[Path]:
        """Every file, in the order they are concatenated."""
        return [suite.folder / name for name in _listed(self.pairs)]


class HubSource(_Options):
    """Files of a data set on the model hub, at one commit.

    ``sha256`` by file name, where known beforehand.
    """

    hub: str
    revision: str
    files: str | Annotated[tuple[str, ...], Field(min_length=1)]
    sha256: dict[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(default_factory=dict)

    @field_validator("revision")
    @classmethod
    def _is_a_commit(cls, value: str) -> str:
        return hub.check_revision(value)

    @model_validator(mode="after")
    def _hashes_are_of_files(self) -> HubSource:
        if strange := sorted(set(self.sha256) - set(_listed(self.files))):
            raise ValueError(
                f"sha256: {listed(strange)} is not among the files {listed(_listed(self.files))}"
            )
        return self

    def paths(self, suite: LoadedSuite) -> list[Path]:
        """Every file in the hub's cache, in the order they are concatenated; fetched where need be."""
        conditions = Conditions.of(suite)
        return [
            hub.fetch(HubFile(self.hub, self.revision, name, self.sha256.get(name)), conditions)
            for name in _listed(self.files)
        ]


class EmbeddedSource(_Options):
    """Sentence pairs of the project's own corpus of facts."""

    embedded: Literal["factbook"]
    split: Literal["train", "dev", "test"] = "test"


Source = PairsSource | HubSource | EmbeddedSource
_SOURCES: dict[str, type[Source]] = {"pairs": PairsSource, "hub": HubSource, "embedded": EmbeddedSource}


def _listed(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


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
        "scale: [0, 5]}, {embedded: factbook} or {hub: NAME, revision: COMMIT, files: FILE}",
    )


def load(suite: LoadedSuite) -> PairsData:
    """Load an STS suite's pairs.

    One with an empty score is skipped and counted. Raises DataError, ConfigError.
    """
    source = source_of(suite)
    pairs: list[SentencePair] = []
    skipped = 0
    if isinstance(source, EmbeddedSource):
        pairs += [SentencePair(*pair) for pair in factbook.pairs(source.split)]
    else:
        for path in source.paths(suite):
            found, unscored = _of_file(path, source)
            pairs += found
            skipped += unscored
    if len({pair.id for pair in pairs}) != len(pairs):
        pairs = [pair._replace(id=f"{i}:{pair.id}") for i, pair in enumerate(pairs)]
    if len({pair.gold for pair in pairs}) < 2:
        raise DataError(
            f"suite {suite.name}: all {len(pairs)} gold scores are {pairs[0].gold:g}; a correlation needs "
            "scores that differ"
        )
    told = suite.settings.needs.pairs
    notes = (
        (f"{len(pairs):,} pairs were loaded, the suite says {told:,}",)
        if told not in (None, len(pairs))
        else ()
    )
    return PairsData(
        tuple(pairs), {"pairs": len(pairs), "pairs_unscored": skipped}, {"pairs": digest(pairs)}, notes
    )


def _of_file(path: Path, source: PairsSource | HubSource) -> tuple[list[SentencePair], int]:
    pairs: list[SentencePair] = []
    skipped = 0
    for number, row in rows.read(path, Columns(source.columns, _NEEDED, header=source.header)):
        if row["score"] is None or not str(row["score"]).strip():
            skipped += 1
            continue
        gold = _gold(row["score"], source.scale, path, number)
        for column in ("sentence1", "sentence2"):
            if not isinstance(row[column], str):
                raise DataError(f"{path}:{number}: {column} is not text")
            if not row[column].strip():
                raise DataError(f"{path}:{number}: {column} is empty")
        pairs.append(SentencePair(f"{path.name}:{number}", row["sentence1"], row["sentence2"], gold))
    if not pairs:
        raise DataError(f"{path}: holds no scored pairs")
    return pairs, skipped


def digest(pairs: list[SentencePair]) -> str:
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
