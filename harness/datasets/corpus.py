"""A corpus: documents that stream in a fixed order, and can be fetched by their position in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from harness.datamodel import Document
from harness.errors import DataError

_CHUNK = 65_536


@dataclass(frozen=True, eq=False)
class Contents:
    """What one pass over a corpus found: its ids by position, and its digest.

    The digest is SHA-256 over every document in order, id and text each preceded by its length in UTF-8
    bytes.
    """

    ids: pa.ChunkedArray
    sha256: str
    n_empty: int = 0
    longest: tuple[str, int] = ("", 0)  # a document's id, and its characters

    def __len__(self) -> int:
        return len(self.ids)


class Corpus(Protocol):
    """Documents of one collection. Memory does not grow with their text."""

    @property
    def contents(self) -> Contents:
        """Ids, count and digest, from one pass made when first asked for."""

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions, in the order given."""


def scan(documents: Iterable[Document], name: str) -> Contents:
    """Read documents once: ids, digest, and the check that no id is given twice."""
    sha = hashlib.sha256()
    chunks: list[pa.Array] = []
    ids: list[str] = []
    n_empty, longest = 0, ("", 0)
    for document in documents:
        doc_id, text = document.id.encode(), document.text.encode()
        sha.update(b"%d %d " % (len(doc_id), len(text)))
        sha.update(doc_id)
        sha.update(text)
        n_empty += not text.strip()
        if len(document.text) > longest[1]:
            longest = (document.id, len(document.text))
        ids.append(document.id)
        if len(ids) == _CHUNK:
            chunks.append(pa.array(ids, pa.string()))
            ids = []
    column = pa.chunked_array([*chunks, pa.array(ids, pa.string())], pa.string())
    if not len(column):
        raise DataError(f"{name}: holds no documents")
    if pc.count_distinct(column).as_py() != len(column):
        counts = pc.value_counts(column.combine_chunks())
        twice = counts.filter(pc.greater(counts.field("counts"), 1))
        raise DataError(
            f"{name}: document id {twice[0]['values'].as_py()!r} is given {twice[0]['counts'].as_py()} times "
            f"({len(twice)} such id{'s' if len(twice) > 1 else ''})"
        )
    return Contents(column, sha.hexdigest(), n_empty, longest)


class MemoryCorpus:
    """A small corpus kept as it is; for what is generated, and for tests."""

    def __init__(self, documents: Iterable[Document], name: str = "documents") -> None:
        self._documents = list(documents)
        self.contents = scan(self._documents, name)

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return (document.text for document in self._documents)

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        return [self._documents[position].text for position in positions]
