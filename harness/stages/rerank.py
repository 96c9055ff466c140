"""Rerank: a cross-encoder gives the first results of another stage new scores."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.search.settings import IndexSettings
from harness.search.topk import best
from harness.stages.forms import Depth, Form, Names
from harness.stages.inputs import After, after
from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, LiveScorer, Mark, Source
from harness.stages.searching import index_words
from harness.stages.told import HOW, Sentence, Stages, Told
from harness.stages.tree import Planned, Results, Stage, Step, Take
from harness.stages.work import Scores, View, Work

if TYPE_CHECKING:
    from harness.datamodel import Query

#: Pairs whose texts are fetched at once, rounded down to whole batches.
_PAIRS_AT_ONCE = 1024


class RerankForm(Form):
    """The first results of a search, or of another pipeline, or given candidates, in a cross-encoder's order."""

    retrieve: str | None = None
    rerank: str
    candidates: str | None = None
    depth: Depth | None = None
    index: IndexSettings | None = None

    needed = (("retrieve", "rerank"), ("rerank", "candidates"), ("retrieve", "rerank", "index"))
    optional = frozenset({"depth"})
    sweeps = ("depth",)
    written = (
        (
            "{retrieve: MODEL or PIPELINE, rerank: MODEL, depth: N or [N, ...]}",
            "two-stage; a list of depths is a sweep",
        ),
        (
            "{rerank: MODEL, candidates: all|dataset|bm25|MODEL|PIPELINE|RUN, depth: N}",
            "a cross-encoder of candidates",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return one tree a depth."""
        names.check_model("rerank", self.rerank, ("cross_encoder", "multi_vector"))
        return after(self, names, lambda key, taken: Rerank(self.rerank, taken, key))


@dataclass(frozen=True)
class Rerank(After):
    """A cross-encoder's order of what it takes."""

    model: str
    taken: Take
    key: str
    waits: ClassVar[bool] = True

    @property
    def models(self) -> tuple[str, ...]:
        """The cross-encoder."""
        return (self.model,)

    @property
    def throughputs(self) -> tuple[tuple[str, str], ...]:
        """How fast it scores pairs."""
        return (("pair", self.model),)

    def steps(self, depth: int) -> Iterable[Step]:
        """A scoring of the pairs."""
        return (Scoring(self.model, self.wave, {self.taken.stage: self.taken}),)

    def make(self, results: Results) -> Any:
        """Return what it takes, with the cross-encoder's scores."""
        scores: Scores = results.result((Scoring, self.model, self.wave))
        return scores.apply(results.run(self.taken))

    def serve(self, live: Live, depth: int) -> Source:
        """Load the cross-encoder."""
        return Served(live, self.first(live), live.scorer(self.model), self.taken.depth)

    @property
    def kind(self) -> str:
        """Two stages; or a cross-encoder alone, where somebody else found the candidates."""
        return "two-stage" if self.key == "retrieve" else "cross-encoder"

    @property
    def does(self) -> dict[str, Any]:
        """By which cross-encoder."""
        return {"rerank": self.model}


@dataclass(frozen=True)
class Scoring(Step):
    """Each pair of a query and a result of any of some stages, scored once by one cross-encoder."""

    model: str
    in_wave: int
    takes: Mapping[Stage, Take]  # by stage, to the greatest depth
    order: ClassVar[int] = 3

    @property
    def shared(self) -> Hashable:
        """By the model; what comes after another reranking is scored later."""
        return (Scoring, self.model, self.in_wave)

    @property
    def wave(self) -> int:
        """After the scorings that it builds on."""
        return self.in_wave

    def merged(self, other: Any) -> Scoring:
        """The union of the pairs."""
        takes = dict(self.takes)
        for stage, take in other.takes.items():
            takes[stage] = max(take, takes.get(stage, take), key=lambda one: one.depth)
        return Scoring(self.model, self.in_wave, takes)

    @property
    def models(self) -> tuple[str, ...]:
        """The cross-encoder."""
        return (self.model,)

    @property
    def row(self) -> str:
        """Scoring."""
        return f"{self.model}: scoring"

    def do(self, work: Work) -> Scores:
        """Score them."""
        return work.scored(self.model, [work.run(take) for take in self.takes.values()])

    def foreseen(self, view: View) -> Scores | None:
        """Where all pairs are known and scored."""
        return view.scored(self.model, [view.run(take) for take in self.takes.values()])

    def planned(self, view: View) -> Iterable[Planned]:
        """The pairs; a later round's may be known from the rounds before."""
        rounds = f" (round {self.in_wave + 1})" if self.in_wave else ""
        planned = view.pairs(self.model, tuple(self.takes.values()))
        return (replace(planned, step=f"score pairs with {self.model}{rounds}"),)


@dataclass(frozen=True, eq=False)
class Served:
    """A cross-encoder over what another stage finds."""

    live: Live
    first: Source
    scorer: LiveScorer
    depth: int

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Find, fetch the texts, score, and put into the new order."""
        found = self.first.find(queries, self.depth, mark)
        counts = [len(positions) for positions, _ in found.results]
        flat = np.concatenate([positions for positions, _ in found.results])
        of_query = np.repeat(np.arange(len(queries)), counts)
        scores = np.empty(len(flat), dtype=np.float32)
        size = max(1, _PAIRS_AT_ONCE // self.scorer.batch_size) * self.scorer.batch_size
        for low in range(0, len(flat), size):
            rows = slice(low, low + size)
            texts = self.live.texts(flat[rows].tolist())
            pairs = [(queries[q].text, text) for q, text in zip(of_query[rows].tolist(), texts, strict=True)]
            mark("fetch")
            # Its tokenising counts as reranking, as it does where it is hidden behind the scoring.
            scores[rows] = self.scorer.score(pairs, lambda stage: None)
            mark("rerank")
        reranked = []
        for end, count in zip(np.cumsum(counts).tolist(), counts, strict=True):
            positions, given = flat[end - count : end], scores[end - count : end]
            order = best(given, min(depth, count), self.live.ranks[positions])
            reranked.append((positions[order], given[order]))
        mark("rerank")
        return Found(reranked, found.bytes_read, found.pairs + len(flat))


def _two_stage(stages: Stages) -> str:
    return f"{stages['retrieve']}{index_words(stages)} → {stages['rerank']}, depth {stages['depth']}"


def _over(stages: Stages) -> str:
    everything = stages["candidates"] == "all"
    of = "all documents" if everything else f"{stages['candidates']}, depth {stages['depth']}"
    return f"{stages['rerank']} over {of}"


_TIMED = ("fetch", "rerank")
_TWO_KEYS = {"retrieve": str, "index": HOW, "rerank": str, "depth": int}
_KEYS = {"candidates": str, "rerank": str, "depth": int}
_TWO = Sentence(
    "{} reranks the first results of a first stage; every depth is derived from the deepest, and each pair of a query "
    "and a document is scored once.",
    "{} rerank the first results of a first stage; every depth is derived from the deepest, and each pair of a query "
    "and a document is scored once.",
)
_ALONE = Sentence(
    "{} ranks given candidates by a cross-encoder alone.",
    "{} rank given candidates by a cross-encoder alone.",
)

KIND = Kind(
    forms=(RerankForm,),
    stages=(Rerank,),
    told=(
        Told(
            "two-stage",
            _two_stage,
            lambda part: _TWO,
            ("retrieve", "rerank"),
            _TIMED,
            keys=_TWO_KEYS,
            pairs=1,
        ),
        Told(
            "cross-encoder",
            _over,
            lambda part: _ALONE,
            ("candidates", "rerank"),
            _TIMED,
            keys=_KEYS,
            pairs=1,
        ),
    ),
    said=(_TWO, _ALONE),
)
