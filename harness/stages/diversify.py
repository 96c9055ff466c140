"""Diversify: the first results of another stage in an order in which they differ, by maximal marginal relevance.

Carbonell and Goldstein 1998. Of the results that are left, the next is the one with the highest

    relevance * r - (1 - relevance) * s

where r is its score among the query's results, brought to 0 to 1, and s its greatest cosine with a result that stands
before it; a negative cosine counts as 0. So the values fall from rank to rank, and are the new scores.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from harness.search.exact import normalised
from harness.search.settings import IndexSettings
from harness.stages.forms import Depth, Form, Names
from harness.stages.inputs import After, after
from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, Mark, Positions, Source
from harness.stages.passages import ELSEWHERE
from harness.stages.searching import index_words
from harness.stages.told import HOW, Sentence, Stages, Told
from harness.stages.tree import Planned, Results, Step, Take
from harness.stages.work import Vectors, View, Work

if TYPE_CHECKING:
    from harness.datamodel import Query

_RELEVANCE = 0.5
_LEAST = 1e-9  # of a range that scores are divided by


class DiversifyForm(Form):
    """The first results of a search, or of another pipeline, or given candidates, in an order in which they differ."""

    retrieve: str | None = None
    diversify: str
    candidates: str | None = None
    depth: Depth | None = None
    index: IndexSettings | None = None
    relevance: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None  # default: 0.5

    needed = (("retrieve", "diversify"), ("diversify", "candidates"), ("retrieve", "diversify", "index"))
    optional = frozenset({"depth", "relevance"})
    refused = (("passages", ELSEWHERE),)
    sweeps = ("depth",)
    written = (
        (
            "{retrieve: MODEL or PIPELINE, diversify: MODEL, relevance: 0 to 1, depth: N or [N, ...]}",
            "its first results in an order in which they differ (MMR), by a bi-encoder's embeddings",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return one tree a depth."""
        names.check_model("diversify", self.diversify, ("bi_encoder",))
        if self.candidates == "all":
            names.problem(
                "all documents are in no order to begin with; give a search, a pipeline or a run",
                "candidates",
            )
            return None
        relevance = _RELEVANCE if self.relevance is None else self.relevance
        return after(self, names, lambda key, taken: Diversify(self.diversify, relevance, taken, key))


@dataclass(frozen=True)
class Diversify(After):
    """What it takes, in an order in which it differs."""

    model: str
    relevance: float
    taken: Take
    key: str

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder whose embeddings say what is alike."""
        return (self.model,)

    def steps(self, depth: int) -> Iterable[Step]:
        """The embeddings of the documents."""
        return (Embedding(self.model),)

    def make(self, results: Results) -> Any:
        """Put every query's results in order."""
        from harness.datamodel import Run

        run = results.run(self.taken)
        vectors: Vectors = results.result((Embedding, self.model))
        rows = vectors.rows(run)
        scores = np.empty(run.n_rows)
        for low, high in zip(run.offsets[:-1].tolist(), run.offsets[1:].tolist(), strict=True):
            order, values = marginal(run.scores[low:high], rows[low:high], self.relevance, run.docs[low:high])
            scores[low + order] = values
        return Run.from_positions(run.query_ids, run.counts, run.docs, scores, run.doc_ids)

    def serve(self, live: Live, depth: int) -> Source:
        """Load the embeddings."""
        return Served(live, self.first(live), live.rows(self.model), self)

    @property
    def kind(self) -> str:
        """A pipeline whose results differ."""
        return "diversified"

    @property
    def does(self) -> dict[str, Any]:
        """By which bi-encoder, and how much relevance counts against difference."""
        return {"diversify": self.model, "relevance": self.relevance}


def marginal(
    scores: NDArray[Any], vectors: NDArray[np.float32], relevance: float, ranks: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the order of some results, and the value with which each was chosen, falling.

    Args:
        scores: [n] of the results.
        vectors: [n, dimension] of their documents.
        relevance: 1 keeps the order of the scores, 0 looks at differences alone.
        ranks: [n] places of the documents' ids, to break ties, higher first.
    """
    n = len(scores)
    order, values = np.empty(n, dtype=np.int64), np.empty(n)
    if not n:
        return order, values
    given = np.asarray(scores, dtype=np.float64)
    worth = relevance * (given - given.min()) / max(given.max() - given.min(), _LEAST)
    unit = normalised(vectors)
    alike = np.zeros(n)
    left = np.ones(n, dtype=np.bool_)
    for place in range(n):
        value = np.where(left, worth - (1.0 - relevance) * alike, -np.inf)
        ties = np.flatnonzero(value == value.max())
        chosen = int(ties[np.argmax(ranks[ties])])
        order[place], values[place] = chosen, value[chosen]
        left[chosen] = False
        alike = np.maximum(alike, unit @ unit[chosen])
    return order, values


@dataclass(frozen=True)
class Embedding(Step):
    """Every document encoded by one bi-encoder, so that those of results are at hand."""

    model: str
    order: ClassVar[int] = 2

    @property
    def shared(self) -> Hashable:
        """By the model."""
        return (Embedding, self.model)

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder."""
        return (self.model,)

    @property
    def row(self) -> str:
        """Encoding, as for a search."""
        return f"{self.model}: encoding"

    def do(self, work: Work) -> Vectors:
        """Encode."""
        return work.vectors(self.model)

    def foreseen(self, view: View) -> None:
        """Nobody needs to know it beforehand."""

    def planned(self, view: View) -> Iterable[Planned]:
        """The documents."""
        return (view.encoding(self.model, "document"),)


@dataclass(frozen=True, eq=False)
class Served:
    """What another stage finds, put in order."""

    live: Live
    first: Source
    rows: Callable[[Positions], NDArray[np.float32]]
    stage: Diversify

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Find, look the embeddings up, and put in order."""
        found = self.first.find(queries, self.stage.taken.depth, mark)
        ordered = []
        for positions, scores in found.results:
            ranks = self.live.ranks[positions]
            order, values = marginal(scores, self.rows(positions), self.stage.relevance, ranks)
            ordered.append((positions[order][:depth], values[:depth]))
        mark("diversify")
        return Found(ordered, found.bytes_read, found.pairs)


def _words(stages: Stages) -> str:
    source = stages.get("retrieve") or stages.get("candidates")
    by = f"by {stages['diversify']} (relevance {stages['relevance']:g})"
    return f"{source}{index_words(stages)} → diversified {by}, depth {stages['depth']}"


_DIVERSIFIED = Sentence(
    "{} puts the first results of a first stage in an order in which they differ (maximal marginal relevance).",
    "{} put the first results of a first stage in an order in which they differ (maximal marginal relevance).",
)

KIND = Kind(
    forms=(DiversifyForm,),
    stages=(Diversify,),
    told=(
        Told(
            "diversified",
            _words,
            lambda part: _DIVERSIFIED,
            ("retrieve", "candidates", "diversify"),
            ("diversify",),
            keys={
                "retrieve": str | None,
                "candidates": str | None,
                "index": HOW,
                "diversify": str,
                "relevance": float,
                "depth": int,
            },
        ),
    ),
    said=(_DIVERSIFIED,),
)
