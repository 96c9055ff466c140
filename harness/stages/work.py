"""What a step can use: while it is done, and while it is only foreseen. ``harness.plan`` brings both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from harness.stages.tree import Planned, Results, Take

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.datamodel import Run
    from harness.search.ann import Facts
    from harness.search.passages import Passages
    from harness.search.settings import Approximate, Build
    from harness.stages.service import Service

Role = Literal["document", "query"]


class Scores(Protocol):
    """A cross-encoder's scores of (query, document) pairs, each scored once."""

    def apply(self, run: Run) -> Run:
        """Return a run's results with these scores, in canonical order."""


class Vectors(Protocol):
    """A bi-encoder's embeddings of documents."""

    def rows(self, run: Run) -> NDArray[np.float32]:
        """Return the embedding of each result's document, [n_rows, dimension]."""


class Work(Results, Protocol):
    """Doing, on a suite's data. What is computed goes through the store where there is one."""

    def search(self, model: str, how: Approximate | None, depth: int, passages: Passages | None) -> Run:
        """Search all documents by BM25 or an encoder: exactly or through an index, whole or in passages."""

    def built(self, model: str, build: Build) -> Facts:
        """Build an index of a bi-encoder's documents; return what it is."""

    def vectors(self, model: str) -> Vectors:
        """Encode every document."""

    def candidates(self, path: str | None, depth: int) -> Run:
        """Read candidates from a run file, or the data set's own."""

    def everything(self) -> Run:
        """Return every document for every query."""

    def given(self, path: str) -> Run:
        """Read an existing run of the suite's queries."""

    def service(self, service: Service, depth: int) -> Run:
        """Ask a search service every query."""

    def scored(self, model: str, runs: Sequence[Run], passages: Passages | None) -> Scores:
        """Score each pair of a query and a result of any of the runs, or of each passage of that, once."""

    def similarities(self, model: str, names: Sequence[str | None]) -> dict[str | None, NDArray[Any]]:
        """Score a suite's pairs of sentences, [n_pairs] for each similarity; None is the model's own."""

    def encoded(self, model: str) -> NDArray[np.float32]:
        """Encode a suite's texts, [n_texts, dimension]."""


class View(Results, Protocol):
    """Foreseeing. ``run`` and ``result`` raise :class:`Unknown` for what the store does not hold."""

    @property
    def n_documents(self) -> int:
        """Documents, as far as they are known."""

    @property
    def n_queries(self) -> int:
        """Queries, as far as they are known."""

    def found(self, model: str, how: Approximate | None, depth: int, passages: Passages | None) -> Run | None:
        """Return the results of a search that the store holds."""

    def read(self, path: str | None) -> Run | None:
        """Return the run of a file, or the data set's own candidates."""

    def everything(self) -> Run | None:
        """Return every document for every query; None where that is too much to look at."""

    def scored(self, model: str, runs: Sequence[Run], passages: Passages | None) -> Scores | None:
        """Return the scores of all pairs of some runs where the store holds them."""

    def encoding(self, model: str, role: Role, passages: Passages | None = None) -> Planned:
        """Return what encoding every document, or its passages, or every query, comes to."""

    def per_document(self, model: str, passages: Passages) -> float:
        """Return about how many passages a document has."""

    def dimension(self, model: str) -> int:
        """Return the dimension of an encoder's embeddings, as far as it is known."""

    def numbers(self, model: str) -> float:
        """Return about how many numbers a document is to an encoder."""

    def building(self, model: str, build: Build, what: str) -> Planned:
        """Return what building an index comes to."""

    def pairs(self, model: str, takes: Sequence[Take], passages: Passages | None) -> Planned:
        """Return what scoring the pairs of some stages' results, or of their passages, comes to."""

    def sentences(self, model: str) -> Planned:
        """Return what scoring a suite's pairs, or encoding its texts, comes to."""


class Unknown(Exception):  # noqa: N818
    """The store does not hold it."""
