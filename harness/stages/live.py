"""A stage that answers one query at a time, with live models, and what it loads; ``harness.serving`` brings that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from harness.datamodel import Query
    from harness.search.bm25 import Bm25Index
    from harness.search.passages import Passages
    from harness.search.settings import Approximate
    from harness.stages.service import Service
    from harness.stages.tree import Take


Positions = NDArray[np.int64]
#: (positions, scores) of each query, best first.
Lists = Sequence[tuple[Positions, NDArray[Any]]]
#: Called with a stage's name at the moment that it ends.
Mark = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Found:
    """What was found for each query; what searches read is counted only when asked for."""

    results: Lists
    bytes_read: Callable[[], int] = lambda: 0
    pairs: int = 0  # scored by cross-encoders


#: Returns the passages of each of some documents' texts.
Cutter = Callable[[Sequence[str]], Sequence[Sequence[str]]]


class Source(Protocol):
    """A stage that finds documents."""

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Return at most ``depth`` documents a query, in canonical order, and mark the stages on the way."""


class Answering(Protocol):
    """A stage that scores pairs of sentences, or encodes texts."""

    def answer(self, texts: Sequence[Sequence[str]], mark: Mark) -> NDArray[Any]:
        """Return a score of each pair, or an embedding of each text, and mark the stages on the way."""


class LiveEncoder(Protocol):
    """A bi-encoder. A lone request is tokenised apart, and says when; many are tokenised while others are encoded."""

    @property
    def similarity(self) -> str:
        """How its embeddings are compared."""

    def encode(self, texts: Sequence[str], role: Any, mark: Mark) -> NDArray[np.float32]:
        """Return embeddings, [n_texts, dimension]; marks what it can tell apart before it ends."""


class LiveScorer(Protocol):
    """A cross-encoder."""

    @property
    def batch_size(self) -> int:
        """Pairs of one forward pass."""

    def score(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> NDArray[np.float32]:
        """Return one score a pair; marks what it can tell apart before it ends."""


class VectorIndex(Protocol):
    """Vectors that can be searched: exactly, or through an index by a library."""

    @property
    def bytes_read(self) -> int:
        """Bytes that a search reads; 0 where that depends on the query and is not counted."""

    def search(self, queries: Any, depth: int) -> Lists:
        """Return (positions, scores) of each query, in canonical order."""


class ServiceAnswers(Protocol):
    """A search service behind HTTP."""

    def results(self, texts: Sequence[str], depth: int) -> Lists:
        """Return (positions, scores) of each query, as the service puts them."""


class Live(Protocol):
    """What a stage loads when a server starts; each thing is loaded once, and its time kept apart."""

    @property
    def ranks(self) -> NDArray[Any]:
        """Places of the documents' ids, to break ties, by position."""

    def texts(self, positions: Sequence[int]) -> list[str]:
        """Return documents' texts."""

    def stage(self, take: Take, name: str) -> Source:
        """Return a stage that others take from; its marks are called after the name, where there is one."""

    def first(self, source: Source) -> Source:
        """Return what begins a tree, without the query's own document where the suite leaves that out."""

    def encoder(self, model: str) -> LiveEncoder:
        """Load a bi-encoder."""

    def scorer(self, model: str) -> LiveScorer:
        """Load a cross-encoder."""

    def vectors(self, model: str, how: Approximate | None, passages: Passages | None) -> VectorIndex:
        """Load, or build, an index of an encoder's documents, or of their passages."""

    def cutter(self, model: str, passages: Passages) -> Cutter:
        """Return what cuts documents by a model's tokenizer."""

    def rows(self, model: str) -> Callable[[Positions], NDArray[np.float32]]:
        """Load, or make, a bi-encoder's embeddings of documents; they are looked up by position."""

    def service(self, service: Service) -> ServiceAnswers:
        """Open what leads to a search service."""

    def words(self, model: str) -> Bm25Index:
        """Load, or build, an index of words."""

    def candidates(self, path: str | None, depth: int) -> dict[str, tuple[Positions, NDArray[Any]]]:
        """Return the candidates of each query, by its id."""
