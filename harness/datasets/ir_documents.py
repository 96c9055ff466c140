"""Documents of an ir_datasets collection: all of them, or some by id. Their texts stay in its own store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from harness.datamodel import Document
from harness.datasets.corpus import Contents, scan
from harness.errors import DataError

_CHUNK = 4096


class Documents(Protocol):
    """What gives documents: in its own order, or by id."""

    @property
    def name(self) -> str:
        """Its ir_datasets id."""

    def documents(self) -> Iterator[Document]:
        """Yield every document."""

    def fetch(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the texts of documents by id; one that is not there is left out."""


class IrCorpus:
    """Documents of an ir_datasets collection; texts stay on disk in its own store."""

    def __init__(self, collection: Documents) -> None:
        self._collection = collection

    @cached_property
    def contents(self) -> Contents:
        """Ids, count and digest; the first access reads the whole collection once."""
        return scan(self._collection.documents(), f"ir_datasets {self._collection.name}")

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return (document.text for document in self._collection.documents())

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        ids = [self.contents.ids[int(position)].as_py() for position in positions]
        texts = self._collection.fetch(ids)
        return [texts[doc_id] for doc_id in ids]


class IrPassages:
    """Some documents of a collection, fetched by id: nothing else of it is read, encoded or hashed.

    They stand in the order of their ids; count and digest are theirs alone.
    """

    def __init__(self, collection: Documents, ids: Sequence[str]) -> None:
        self._collection = collection
        self._ids = tuple(sorted(set(ids), key=str.encode))

    @cached_property
    def contents(self) -> Contents:
        """Ids, count and digest of these documents.

        Raises DataError for one that the collection does not have.
        """
        return scan(self._documents(), f"ir_datasets {self._collection.name}, candidates")

    def _documents(self) -> Iterator[Document]:
        for start in range(0, len(self._ids), _CHUNK):
            chunk = self._ids[start : start + _CHUNK]
            for doc_id, text in zip(chunk, self._fetched(chunk), strict=True):
                yield Document(doc_id, text)

    def _fetched(self, ids: Sequence[str]) -> list[str]:
        texts = self._collection.fetch(ids)
        missing = [doc_id for doc_id in ids if doc_id not in texts]
        if missing:
            raise DataError(
                f"ir_datasets {self._collection.name}: has no document {missing[0]!r}, which is among the candidates; "
                "do candidates and collection belong together?"
            )
        return [texts[doc_id] for doc_id in ids]

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return (document.text for document in self._documents())

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        return self._fetched([self._ids[int(position)] for position in positions])
