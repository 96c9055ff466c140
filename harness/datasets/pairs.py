"""Sentence pairs with gold scores: CSV (quoted) or TSV (never quoted), one file or several."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from harness import settings
from harness.config import LoadedSuite
from harness.datamodel import SentencePair
from harness.datasets.textfiles import decoded, kind_of, lines, opened, split_columns
from harness.errors import DataError, listed
from harness.settings import Settings

_NEEDED = ("sentence1", "sentence2", "score")


class PairsSource(Settings):
    """Files of sentence pairs; columns beyond those named are ignored."""

    pairs: str | tuple[str, ...]
    columns: tuple[str, ...] = _NEEDED
    header: bool = False
    scale: Annotated[tuple[float, ...], Field(min_length=2, max_length=2)] = (0.0, 5.0)

    @model_validator(mode="after")
    def _complete(self) -> PairsSource:
        missing = [name for name in _NEEDED if name not in self.columns]
        if missing:
            raise ValueError(f"columns: {listed(missing)} must be among them; given are {listed(self.columns)}")
        if not self.scale[0] < self.scale[1]:
            raise ValueError(f"scale: {self.scale[0]} is not below {self.scale[1]}")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """Every file, in the order they are concatenated."""
        return (self.pairs,) if isinstance(self.pairs, str) else self.pairs


@dataclass(frozen=True)
class PairsData:
    """Scored pairs of one or several files, concatenated."""

    pairs: tuple[SentencePair, ...]
    counts: dict[str, int]
    digests: dict[str, str]


def source_of(suite: LoadedSuite) -> PairsSource:
    """Validate an STS suite's ``dataset``. Raises ConfigError."""
    content = suite.file.content["dataset"]
    if "pairs" not in content:
        raise suite.fail(
            f"dataset has the keys {listed(content) or 'none'}; an STS data set is {{pairs: FILE or [FILES], columns: "
            "[sentence1, sentence2, score], header: false, scale: [0, 5]}",
            "dataset",
        )
    return settings.build(PairsSource, content, suite.file, ("dataset",))


def load(suite: LoadedSuite) -> PairsData:
    """Load an STS suite's pairs; one with an empty score is skipped and counted. Raises DataError, ConfigError."""
    source = source_of(suite)
    pairs: list[SentencePair] = []
    skipped = 0
    for name in source.files:
        path = suite.folder / name
        before = len(pairs)
        for number, row in _rows(path, source):
            if not row["score"].strip():
                skipped += 1
                continue
            gold = _gold(row["score"], source.scale, path, number)
            for column in ("sentence1", "sentence2"):
                if not row[column].strip():
                    raise DataError(f"{path}:{number}: {column} is empty")
            pairs.append(SentencePair(f"{path.name}:{number}", row["sentence1"], row["sentence2"], gold))
        if len(pairs) == before:
            raise DataError(f"{path}: holds no scored pairs")
    if len({pair.id for pair in pairs}) != len(pairs):
        pairs = [pair._replace(id=f"{i}:{pair.id}") for i, pair in enumerate(pairs)]
    if len({pair.gold for pair in pairs}) < 2:
        raise DataError(
            f"suite {suite.name}: all {len(pairs)} gold scores are {pairs[0].gold:g}; a correlation needs scores that differ"
        )
    return PairsData(tuple(pairs), {"pairs": len(pairs), "pairs_unscored": skipped}, {"pairs": digest(pairs)})


def digest(pairs: list[SentencePair]) -> str:
    """SHA-256 over every pair in order: sentences, each preceded by its length in bytes, and gold score."""
    sha = hashlib.sha256()
    for pair in pairs:
        first, second = pair.first.encode(), pair.second.encode()
        sha.update(b"%d %d %s " % (len(first), len(second), repr(pair.gold).encode()))
        sha.update(first)
        sha.update(second)
    return sha.hexdigest()


def _gold(text: str, scale: tuple[float, ...], path: Path, number: int) -> float:
    try:
        gold = float(text)
    except ValueError:
        raise DataError(f"{path}:{number}: the score {text!r} is not a number; is 'header' or 'columns' right?") from None
    if not (math.isfinite(gold) and scale[0] <= gold <= scale[1]):
        raise DataError(f"{path}:{number}: the score {text} is outside the scale {scale[0]:g} to {scale[1]:g}")
    return gold


def _rows(path: Path, source: PairsSource) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row); columns after those named are ignored."""
    kind = kind_of(path)
    if kind not in ("csv", "tsv"):
        raise DataError(f"{path}: unknown format {kind!r}; sentence pairs are .csv (quoted) or .tsv, plain or with .gz")
    rows = _csv_rows(path) if kind == "csv" else ((n, text.split("\t")) for n, text in lines(path))
    width = len(source.columns)
    for i, (number, parts) in enumerate(rows):
        if i == 0 and source.header:
            continue
        if len(parts) < width:
            split_columns("\t".join(parts), source.columns, path, number)  # raises, saying what is expected
        yield number, dict(zip(source.columns, parts, strict=False))


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with opened(path) as file:
        numbered = (decoded(raw, path, number) for number, raw in enumerate(file, start=1))
        reader = csv.reader(numbered, strict=True)
        try:
            for parts in reader:
                if parts:
                    yield reader.line_num, parts
        except csv.Error as error:
            raise DataError(f"{path}:{reader.line_num}: not valid CSV ({error}); is the file complete?") from None
