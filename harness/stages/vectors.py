"""Vectors: the documents nearest to a query by a bi-encoder, exactly or through an index by FAISS."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from harness.search.passages import Passages
from harness.search.settings import LEAST_EF, Approximate, Build, Hnsw, HnswIndex
from harness.stages.encoded import Encoded
from harness.stages.forms import Names
from harness.stages.passages import CUT
from harness.stages.searching import Asked, Searching, index_words, searches
from harness.stages.told import HOW, Sentence, Stages
from harness.stages.tree import Planned, Results, Step, Take
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from harness.datamodel import Run

_OVERLAP_DEPTH = 10


@dataclass(frozen=True)
class Vectors(Encoded):
    """A bi-encoder over the whole collection: exactly, or through an index by a library."""

    model: str
    through: Approximate | None = None
    passages: Passages | None = None

    @property
    def how(self) -> Approximate | None:
        """The index."""
        return self.through

    @property
    def label(self) -> str:
        """The model, and how its vectors are searched."""
        told = {} if self.how is None else self.how.as_dict()
        settings = [f"{key.replace('ef_construction', 'efc')}{told[key]}" for key in told if key != "kind"]
        return "-".join([super().label, *([str(told["kind"])] if told else []), *settings])

    @property
    def exact(self) -> Vectors:
        """The same vectors, searched exactly: what an index is held against."""
        return Vectors(self.model)

    def steps(self, depth: int) -> Iterable[Step]:
        """A search; through an index also the building of that, and the exact search that it is held against."""
        searching = Searching(self, depth)
        if self.how is None:
            return (searching,)
        return (Building(self.model, self.how.build), searching, Searching(self.exact, depth))

    def looked_at(self, view: View) -> float:
        """All documents, or those that a graph is walked through."""
        return (
            view.n_documents
            if self.how is None or self.how.ef is None
            else min(100 * self.how.ef, view.n_documents)
        )

    @property
    def kind(self) -> str:
        """A bi-encoder."""
        return "bi-encoder"

    def index(self, results: Results, depth: int, seed: int) -> dict[str, Any] | None:
        """Return what the index is, and the share of the exact first results that it finds."""
        if self.how is None:
            return None if self.passages is None else super().index(results, depth, seed)
        facts = results.result(("index", self.model, self.how.build))
        found, exact = results.run(Take(self)), results.run(Take(self.exact))
        seen = sorted({min(_OVERLAP_DEPTH, depth), depth})
        return {
            **self.how.as_dict(),
            "faiss": facts.faiss,
            "index_bytes": facts.n_bytes,
            "build_s": facts.build_s,
            "overlap": {f"overlap@{at}": _overlap(found, exact, at, seed) for at in seen},
        }


def _make(names: Names, name: str, asked: Asked) -> Vectors:
    how = _how(names, asked)
    if how is not None:
        asked.refuse_passages(
            names, ", whose vectors are then searched exactly, without index, dimensions or quantization"
        )
    return Vectors(name, how, asked.passages)


def _how(names: Names, asked: Asked) -> Approximate | None:
    index, derived = asked.index, (asked.dimensions, asked.quantization)
    if index in (None, "exact", "flat"):
        if asked.rescore is not None and derived == (None, None):
            names.problem(
                "rescore puts in order what a coarser search finds; give dimensions or quantization beside it",
                "rescore",
            )
        build = Build(None, None, *derived)
        return Approximate(build, rescore=asked.rescore) if index == "flat" or build != Build() else None
    if asked.quantization is not None:
        names.problem("quantization is for vectors that are all looked at: leave index out", "quantization")
    hnsw = index.hnsw if isinstance(index, HnswIndex) else Hnsw()
    deepest = asked.deepest
    ef = max(LEAST_EF, deepest) if hnsw.ef is None else hnsw.ef
    if ef < deepest:
        names.problem(
            f"ef {ef} is below the depth {deepest}{'' if asked.depth else ' (the default)'}: HNSW finds no more than "
            "the ef candidates it keeps; raise ef to the depth or above, or lower the depth",
            "index",
            "hnsw",
            "ef",
        )
    return Approximate(Build(hnsw.m, hnsw.ef_construction, asked.dimensions), ef, asked.rescore)


def _overlap(found: Run, exact: Run, depth: int, seed: int) -> dict[str, Any]:
    from harness import stats
    from harness.measures.overlap import overlap

    shares = overlap(found, exact, depth)
    interval = stats.bootstrap_mean(shares, seed=seed) if len(shares) > 1 else None
    return {
        "value": float(shares.mean()),
        "n": len(shares),
        "interval": None if interval is None else vars(interval).copy(),
    }


@dataclass(frozen=True)
class Building(Step):
    """An index of a bi-encoder's documents, for the searches that go through it."""

    model: str
    build: Build
    order: ClassVar[int] = 1

    @property
    def shared(self) -> Hashable:
        """By model and settings; what it is searched with is no part of it."""
        return ("index", self.model, self.build)

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder."""
        return (self.model,)

    @property
    def row(self) -> str:
        """Building."""
        return f"{self.model}: building {self.build.kind}"

    def do(self, work: Work) -> Any:
        """Build it."""
        return work.built(self.model, self.build)

    def foreseen(self, view: View) -> Any:
        """Nobody needs to know it beforehand."""
        return None

    def planned(self, view: View) -> Iterable[Planned]:
        """The building."""
        m = f" (m {self.build.m})" if self.build.m else ""
        return (view.building(self.model, self.build, f"build {self.build.kind} index of {self.model}{m}"),)


def _words(stages: Stages) -> str:
    return f"bi-encoder {stages['retrieve']}{index_words(stages)}, depth {stages['depth']}"


_EXACT = Sentence(
    "{} searches exactly, over every document’s embedding.",
    "{} search exactly, over every document’s embedding.",
)
_INDEX = Sentence(
    "{} searches through an index by FAISS; what it misses of the exact results is shown as its overlap.",
    "{} search through an index by FAISS; what it misses of the exact results is shown as its overlap.",
)

SEARCHES = searches(
    "bi_encoder",
    _make,
    Vectors,
    "bi-encoder",
    _words,
    (_EXACT, _INDEX),
    said=lambda part: _INDEX if part.stages.get("index") else _EXACT,
    keys={"retrieve": str, "index": HOW, "passages": CUT, "depth": int},
)
