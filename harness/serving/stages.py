"""First stages of a served pipeline: from queries to (positions, scores), with live models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Query
from harness.errors import DataError
from harness.models.loading import finite
from harness.models.protocols import BiEncoder, EncodesInStages, Mark
from harness.search.bm25 import Bm25Index

Positions = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """(positions, scores) of each query; what the search read is counted, and checked, only when asked for."""

    results: Sequence[tuple[Positions, NDArray[Any]]]
    bytes_read: Callable[[], int] = lambda: 0


class FirstStage(Protocol):
    """Finds candidates."""

    @property
    def index_bytes(self) -> int:
        """Bytes of the index; 0 where there is none."""

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Return at most ``depth`` documents a query, in canonical order, and mark the stages on the way."""


class VectorIndex(Protocol):
    """Vectors that can be searched: exactly, or through an index by a library."""

    @property
    def nbytes(self) -> int:
        """Bytes of the vectors, and of the graph where there is one."""

    @property
    def bytes_read(self) -> int:
        """Bytes that a search reads; 0 where that depends on the query and is not counted."""

    def search(self, queries: Any, depth: int) -> Sequence[tuple[Positions, NDArray[Any]]]:
        """Return (positions, scores) of each query, in canonical order."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """A bi-encoder and the search of its vectors."""

    model: BiEncoder
    name: str
    index: VectorIndex

    @property
    def index_bytes(self) -> int:
        """Bytes of all embeddings."""
        return self.index.nbytes

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Encode and search. A lone query is tokenised apart; many are tokenised while others are encoded."""
        texts = [query.text for query in queries]
        if len(texts) == 1 and isinstance(self.model, EncodesInStages):
            encoded = self.model.encode_in_stages(texts, "query", mark)
        else:
            encoded = self.model.encode(texts, "query")
        encoded = finite(encoded, self.name, texts)
        mark("encode")
        found = self.index.search(encoded, depth)
        mark("search")
        return Found(found, lambda: self.index.bytes_read)


@dataclass(frozen=True, eq=False)
class Words:
    """BM25."""

    index: Bm25Index
    ranks: NDArray[Any]

    @property
    def index_bytes(self) -> int:
        """Bytes of the postings."""
        return self.index.nbytes

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Tokenise and search; what is read are the postings of the queries' words."""
        words = self.index.words([query.text for query in queries])
        mark("tokenise")
        found = self.index.find(words, depth, self.ranks)
        mark("search")
        return Found(found, lambda: self.index.bytes_read(words))


@dataclass(frozen=True, eq=False)
class Given:
    """Candidates that were found before: a run file's, or the data set's own. Only their reranking has a speed."""

    candidates: Mapping[str, tuple[Positions, NDArray[Any]]]
    index_bytes: int = 0

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Look the queries up. Raises DataError for one without candidates."""
        unknown = [query.id for query in queries if query.id not in self.candidates]
        if unknown:
            raise DataError(f"query {unknown[0]!r} has no candidates: it is none of the suite's queries")
        lists = [self.candidates[query.id] for query in queries]
        mark("search")
        return Found([(positions[:depth], scores[:depth]) for positions, scores in lists])


@dataclass(frozen=True, eq=False)
class Everything:
    """Every document for every query."""

    n_documents: int
    index_bytes: int = 0

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Return all documents, whatever the depth."""
        every = np.arange(self.n_documents, dtype=np.int64)
        mark("search")
        return Found([(every, np.zeros(self.n_documents, dtype=np.float32))] * len(queries))
