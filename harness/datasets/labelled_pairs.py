"""Sentence pairs with a label of 0 or 1: local files, or pairs of the project's own corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config import LoadedSuite
from harness.datamodel import SentencePair
from harness.datasets import factbook, rows
from harness.datasets.pairs import PairsData, digest
from harness.datasets.rows import Columns
from harness.datasets.sources import EmbeddedSource, Files, TableSource, paths_of, told_apart
from harness.errors import DataError

_NEEDED = ("sentence1", "sentence2", "label")


class LabelledFiles(TableSource):
    """Local files of labelled pairs."""

    columns: tuple[str, ...] = _NEEDED
    pairs: Files


class EmbeddedLabels(EmbeddedSource):
    """Inference pairs of the project's own corpus of facts: 1 where the second sentence follows from the first."""


Source = LabelledFiles | EmbeddedLabels
_SOURCES: dict[str, type[Source]] = {"pairs": LabelledFiles, "embedded": EmbeddedLabels}


def source_of(suite: LoadedSuite) -> Source:
    """Validate a pair-classification suite's ``dataset``. Raises ConfigError."""
    return suite.source(
        _SOURCES,
        "labelled pairs are {pairs: FILE or [FILES], columns: [sentence1, sentence2, label], header: false} or "
        "{embedded: factbook}",
    )


def load(suite: LoadedSuite) -> PairsData:
    """Load a suite's labelled pairs; ``gold`` is 0 or 1. Raises DataError, ConfigError."""
    source = source_of(suite)
    if isinstance(source, EmbeddedLabels):
        found = [
            SentencePair(item.id, item.premise, item.hypothesis, float(item.label == "entailment"))
            for item in factbook.inferences(source.split)
        ]
    else:
        paths = paths_of(source.pairs, suite.folder)
        found = [pair for path in paths for pair in _of_file(path, source.named)]
    pairs = told_apart(found)
    positive = sum(pair.gold == 1.0 for pair in pairs)
    if positive in (0, len(pairs)):
        raise DataError(
            f"suite {suite.name}: all {len(pairs):,} labels are {int(positive > 0)}; telling pairs apart needs both "
            "0 and 1"
        )
    counts = {"pairs": len(pairs), "pairs_positive": positive}
    return PairsData(pairs, counts, {"pairs": digest(pairs)})


def _of_file(path: Path, columns: Columns) -> list[SentencePair]:
    pairs = []
    for number, row in rows.read(path, columns):
        first, second = (rows.text_of(row, name, path, number) for name in ("sentence1", "sentence2"))
        pairs.append(SentencePair(f"{path.name}:{number}", first, second, _label(row["label"], path, number)))
    if not pairs:
        raise DataError(f"{path}: holds no pairs")
    return pairs


def _label(given: Any, path: Path, number: int) -> float:
    if isinstance(given, bool):
        return float(given)
    text = str(given).strip()
    if text not in ("0", "1", "0.0", "1.0"):
        raise DataError(
            f"{path}:{number}: the label {given!r} is neither 0 nor 1; is 'header' or 'columns' right?"
        )
    return float(text)
