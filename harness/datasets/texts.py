"""Texts with labels: local files, or passages of the project's own corpus by the domain of their entity."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import model_validator

from harness.config import LoadedSuite
from harness.datasets import rows
from harness.datasets.factbook.corpus import sources
from harness.datasets.factbook.splits import split_of
from harness.datasets.rows import Columns
from harness.datasets.sources import EmbeddedSource, Files, Split, TableSource, paths_of, told_apart
from harness.errors import DataError, listed
from harness.settings import Settings

_NEEDED = ("text", "label")


class LabelledText(NamedTuple):
    """A text, the group it belongs to, and where it stands (file and line, or the corpus' name)."""

    id: str
    text: str
    label: str
    place: str


@dataclass(frozen=True)
class TextsData:
    """Texts to measure on, and those to learn from (none for clustering)."""

    texts: tuple[LabelledText, ...]
    train: tuple[LabelledText, ...]
    counts: dict[str, int]
    digests: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def all_texts(self) -> tuple[str, ...]:
        """What has to be encoded: the training texts, then the others."""
        return tuple(item.text for item in (*self.train, *self.texts))


class SplitFiles(TableSource):
    """Local files to learn from and to measure on."""

    columns: tuple[str, ...] = _NEEDED
    train: Files
    test: Files


class LabelledTextFiles(TableSource):
    """Local files to cluster."""

    columns: tuple[str, ...] = _NEEDED
    texts: Files


class EmbeddedSplits(Settings):
    """Passages of the project's own corpus, labelled by domain; their entities are in one split only."""

    embedded: Literal["factbook"]
    train: Split = "train"
    test: Split = "test"

    @model_validator(mode="after")
    def _apart(self) -> EmbeddedSplits:
        if self.train == self.test:
            raise ValueError(
                f"train and test are both {self.test!r}; a classifier would be asked what it was told"
            )
        return self


class EmbeddedTexts(EmbeddedSource):
    """Passages of one split of the project's own corpus, labelled by domain."""


def split_source(suite: LoadedSuite) -> SplitFiles | EmbeddedSplits:
    """Validate a classification suite's ``dataset``. Raises ConfigError."""
    kinds: dict[str, type[SplitFiles | EmbeddedSplits]]
    kinds = {"embedded": EmbeddedSplits, "train": SplitFiles, "test": SplitFiles}
    return suite.source(
        kinds,
        "labelled texts are {train: FILE or [FILES], test: FILE or [FILES], columns: [text, label], header: false} or "
        "{embedded: factbook}",
    )


def text_source(suite: LoadedSuite) -> LabelledTextFiles | EmbeddedTexts:
    """Validate a clustering suite's ``dataset``. Raises ConfigError."""
    kinds: dict[str, type[LabelledTextFiles | EmbeddedTexts]] = {
        "embedded": EmbeddedTexts,
        "texts": LabelledTextFiles,
    }
    return suite.source(
        kinds,
        "texts to cluster are {texts: FILE or [FILES], columns: [text, label], header: false} or {embedded: factbook}",
    )


def load_split(suite: LoadedSuite) -> TextsData:
    """Load a classification suite's texts.

    Raises DataError for one label only, or for a label to be predicted that there is nothing to learn from.
    """
    source = split_source(suite)
    if isinstance(source, EmbeddedSplits):
        train, test = _embedded(source.train), _embedded(source.test)
    else:
        train, test = (
            _of_files(paths_of(files, suite.folder), source.named) for files in (source.train, source.test)
        )
    known = {item.label for item in train}
    if len(known) < 2:
        raise DataError(
            f"suite {suite.name}: all {len(train):,} training texts have the label {train[0].label!r}; a classifier "
            "needs two labels or more"
        )
    strange = [item for item in test if item.label not in known]
    if strange:
        more = f" ({len(strange):,} such texts)" if len(strange) > 1 else ""
        raise DataError(
            f"{strange[0].place}: the label {strange[0].label!r} is not among the {len(known)} labels of the training "
            f"texts, so no classifier can predict it{more}; the training labels are {_some(sorted(known))}"
        )
    both = {item.text for item in train} & {item.text for item in test}
    notes = (f"{len(both):,} of the test texts are training texts too",) if both else ()
    counts = {
        "texts": len(test),
        "train_texts": len(train),
        "labels": len(known),
        "texts_also_in_train": len(both),
    }
    return TextsData(test, train, counts, {"train": digest(train), "test": digest(test)}, notes)


def load_texts(suite: LoadedSuite) -> TextsData:
    """Load a clustering suite's texts. Raises DataError for one label only."""
    source = text_source(suite)
    if isinstance(source, EmbeddedTexts):
        texts = _embedded(source.split)
    else:
        texts = _of_files(paths_of(source.texts, suite.folder), source.named)
    labels = Counter(item.label for item in texts)
    if len(labels) < 2:
        raise DataError(
            f"suite {suite.name}: all {len(texts):,} texts have the label {texts[0].label!r}; clusters are compared "
            "with two labels or more"
        )
    return TextsData(texts, (), {"texts": len(texts), "labels": len(labels)}, {"texts": digest(texts)})


def digest(texts: Iterable[LabelledText]) -> str:
    """SHA-256 over every text and label in order, each preceded by its length in bytes."""
    sha = hashlib.sha256()
    for item in texts:
        text, label = item.text.encode(), item.label.encode()
        sha.update(b"%d %d " % (len(text), len(label)))
        sha.update(text)
        sha.update(label)
    return sha.hexdigest()


def _embedded(split: str) -> tuple[LabelledText, ...]:
    splits = split_of()
    return tuple(
        LabelledText(source.id, source.text, source.entity.partition("/")[0], f"factbook {source.id}")
        for source in sources()
        if splits[source.entity] == split
    )


def _of_files(paths: Iterable[Path], columns: Columns) -> tuple[LabelledText, ...]:
    texts: list[LabelledText] = []
    for path in paths:
        before = len(texts)
        for number, row in rows.read(path, columns):
            text = rows.text_of(row, "text", path, number)
            label, place = _label(row["label"], path, number), f"{path}:{number}"
            texts.append(LabelledText(f"{path.name}:{number}", text, label, place))
        if len(texts) == before:
            raise DataError(f"{path}: holds no texts")
    return told_apart(texts)


def _label(given: object, path: Path, number: int) -> str:
    label = "" if given is None else str(given).strip()
    if not label:
        raise DataError(f"{path}:{number}: the label is empty")
    return label


def _some(names: Sequence[str]) -> str:
    return listed(names[:10]) + (f", ... ({len(names)} in all)" if len(names) > 10 else "")
