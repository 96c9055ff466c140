"""Retrieval data as everybody else sees it, and the first stages that need no searching."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.datamodel import Qrels, Query, Run
from harness.datasets.corpus import Corpus


@dataclass(frozen=True, eq=False)
class RetrievalData:
    """What a retrieval suite measures on: only judged queries, in a fixed order.

    ``corpus`` is the whole collection, a sample of it, or only the documents that are candidates: ``part``
    says which (empty for the whole). ``other`` says what it has that the suite says otherwise: then it is another
    data set, whose figures are not those of the suite.
    """

    queries: tuple[Query, ...]
    qrels: Qrels
    corpus: Corpus | None
    candidates: Run | None
    exclude_self: bool = False
    max_tokens: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part: str = ""
    other: str = ""

    @property
    def query_ids(self) -> tuple[str, ...]:
        """Ids of the judged queries."""
        return tuple(query.id for query in self.queries)


@dataclass(frozen=True, eq=False)
class Given:
    """A first stage that nobody has to search for, and the depths to which it is used.

    ``run`` is None for the data set's own candidates.
    """

    run: Run | None
    depths: tuple[int, ...]
