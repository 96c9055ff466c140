"""Everything: every document for every query, for a reranker over the whole of a small collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, Mark, Source
from harness.stages.tree import Planned, Reads, Results, Stage, Step
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from harness.datamodel import Query, Run

#: What stands under ``candidates:``.
NAME = "all"


@dataclass(frozen=True)
class Everything(Stage):
    """All documents, in no order yet."""

    reads: ClassVar[Reads] = "all"
    ordered: ClassVar[bool] = False
    source: ClassVar[str] = NAME

    def steps(self, depth: int) -> Iterable[Step]:
        """Naming them."""
        return (Naming(self),)

    def make(self, results: Results) -> Any:
        """Return them all."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Source:
        """They are at hand."""
        return live.first(Served(len(live.ranks)))


@dataclass(frozen=True)
class Naming(Step):
    """Every document for every query."""

    stage: Everything
    order: ClassVar[int] = 2
    keeps: ClassVar[bool] = False

    @property
    def shared(self) -> Everything:
        """There is one everything."""
        return self.stage

    def do(self, work: Work) -> Run:
        """Name them."""
        return work.everything()

    def planned(self, view: View) -> Iterable[Planned]:
        """No work."""
        return (Planned(f"candidates: {NAME}", total=view.n_queries, unit="queries"),)

    def foreseen(self, view: View) -> Run | None:
        """It is known beforehand."""
        return view.everything()


@dataclass(frozen=True)
class Served:
    """Every document for every query."""

    n_documents: int

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Return all documents, whatever the depth."""
        every = np.arange(self.n_documents, dtype=np.int64)
        mark("search")
        return Found([(every, np.zeros(self.n_documents, dtype=np.float32))] * len(queries))


KIND = Kind(forms=(), stages=(Everything,), told=(), said=())
