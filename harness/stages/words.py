"""Words: the documents that share words with a query, by BM25."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.stages.forms import Names
from harness.stages.live import Found, Live, Mark, Source
from harness.stages.searching import Asked, Search, searches
from harness.stages.told import Models, Part, Sentence, Stages, plain
from harness.stages.tree import Planned
from harness.stages.work import View

if TYPE_CHECKING:
    from harness.datamodel import Query
    from harness.search.bm25 import Bm25Index

# Documents indexed a second, within a factor of two on any machine of today; and bytes of each.
_PACE, _BYTES = 15_000, 400


@dataclass(frozen=True)
class Words(Search):
    """BM25 over the whole collection."""

    model: str

    @property
    def row(self) -> str:
        """Most of it is indexing."""
        return f"{self.model}: indexing"

    def work(self, view: View) -> Iterable[Planned]:
        """The index."""
        n = view.n_documents
        return (Planned(f"index {self.model}", (), n, "documents", disk_bytes=n * _BYTES, seconds=n / _PACE),)

    def seconds(self, view: View) -> float:
        """Next to nothing."""
        return 0.0

    def serve(self, live: Live, depth: int) -> Source:
        """Load the index."""
        return live.first(ServedWords(live.words(self.model), live.ranks))

    @property
    def kind(self) -> str:
        """BM25."""
        return "bm25"


@dataclass(frozen=True, eq=False)
class ServedWords:
    """BM25."""

    index: Bm25Index
    ranks: Any

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Tokenise and search; what is read are the postings of the queries' words."""
        words = self.index.words([query.text for query in queries])
        mark("tokenise")
        found = self.index.find(words, depth, self.ranks)
        mark("search")
        return Found(found, lambda: self.index.bytes_read(words))


def _words(stages: Stages) -> str:
    source = f" {stages['retrieve']}" if stages["retrieve"] != "bm25" else ""
    return f"bm25{source}, depth {stages['depth']}"


def _is_bm25(system: str, pipeline: str, part: Part, models: Models) -> bool:
    return plain(system).startswith("bm25")


_BM25 = Sentence("{} ranks by BM25.", "{} rank by BM25.")


def _make(names: Names, name: str, asked: Asked) -> Words:
    asked.refuse_index(names, "; BM25 has an index of its own")
    asked.refuse_passages(names, ", and BM25 reads whole documents")
    return Words(name)


SEARCHES = searches(
    "bm25",
    _make,
    Words,
    "bm25",
    _words,
    (_BM25,),
    keys={"retrieve": str, "depth": int},
    is_system=_is_bm25,
)
