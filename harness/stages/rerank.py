"""Rerank: a cross-encoder gives the first results of another stage new scores."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.search.passages import Passages, reduced
from harness.search.settings import IndexSettings
from harness.search.topk import best
from harness.stages.forms import Depth, Form, Names
from harness.stages.inputs import After, after
from harness.stages.kinds import Kind
from harness.stages.live import Cutter, Found, Live, LiveScorer, Mark, Source
from harness.stages.passages import CUT, passage_words, told_passages
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
    passages: Passages | None = None  # of what is reranked; default: read as far as the model reads

    needed = (("retrieve", "rerank"), ("rerank", "candidates"), ("retrieve", "rerank", "index"))
    optional = frozenset({"depth", "passages"})
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
        (
            "{retrieve: MODEL or PIPELINE, rerank: MODEL, passages: {tokens: N, stride: N, score: ...}, depth: N}",
            "documents reranked in passages",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return one tree a depth."""
        names.check_model("rerank", self.rerank, ("cross_encoder", "multi_vector"))
        return after(self, names, lambda key, taken: Rerank(self.rerank, taken, key, self.passages))


@dataclass(frozen=True)
class Rerank(After):
    """A cross-encoder's order of what it takes."""

    model: str
    taken: Take
    key: str
    passages: Passages | None = None
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
        return (Scoring(self.model, self.wave, {self.taken.stage: self.taken}, self.passages),)

    def make(self, results: Results) -> Any:
        """Return what it takes, with the cross-encoder's scores."""
        scores: Scores = results.result((Scoring, self.model, self.wave, self.passages))
        return scores.apply(results.run(self.taken))

    def serve(self, live: Live, depth: int) -> Source:
        """Load the cross-encoder."""
        first, scorer = self.first(live), live.scorer(self.model)
        cutter = None if self.passages is None else live.cutter(self.model, self.passages)
        return Served(live, first, scorer, self.taken.depth, self.passages, cutter)

    @property
    def kind(self) -> str:
        """Two stages; or a cross-encoder alone, where somebody else found the candidates."""
        return "two-stage" if self.key == "retrieve" else "cross-encoder"

    @property
    def does(self) -> dict[str, Any]:
        """By which cross-encoder, and how it reads the documents."""
        return {"rerank": self.model, **told_passages(self.passages)}


@dataclass(frozen=True)
class Scoring(Step):
    """Each pair of a query and a result of any of some stages, scored once by one cross-encoder."""

    model: str
    in_wave: int
    takes: Mapping[Stage, Take]  # by stage, to the greatest depth
    passages: Passages | None = None
    order: ClassVar[int] = 3

    @property
    def shared(self) -> Hashable:
        """By the model and how it cuts; what comes after another reranking is scored later."""
        return (Scoring, self.model, self.in_wave, self.passages)

    @property
    def wave(self) -> int:
        """After the scorings that it builds on."""
        return self.in_wave

    def merged(self, other: Any) -> Scoring:
        """The union of the pairs."""
        takes = dict(self.takes)
        for stage, take in other.takes.items():
            takes[stage] = max(take, takes.get(stage, take), key=lambda one: one.depth)
        return replace(self, takes=takes)

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
        return work.scored(self.model, [work.run(take) for take in self.takes.values()], self.passages)

    def foreseen(self, view: View) -> Scores | None:
        """Where all pairs are known and scored."""
        return view.scored(self.model, [view.run(take) for take in self.takes.values()], self.passages)

    def planned(self, view: View) -> Iterable[Planned]:
        """The pairs; a later round's may be known from the rounds before."""
        rounds = f" (round {self.in_wave + 1})" if self.in_wave else ""
        planned = view.pairs(self.model, tuple(self.takes.values()), self.passages)
        cut = passage_words(told_passages(self.passages))
        return (replace(planned, step=f"score pairs with {self.model}{rounds}{cut}"),)


@dataclass(frozen=True, eq=False)
class Served:
    """A cross-encoder over what another stage finds."""

    live: Live
    first: Source
    scorer: LiveScorer
    depth: int
    passages: Passages | None = None
    cutter: Cutter | None = None

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Find, fetch the texts, score, and put into the new order."""
        found = self.first.find(queries, self.depth, mark)
        counts = [len(positions) for positions, _ in found.results]
        flat = np.concatenate([positions for positions, _ in found.results])
        of_query = np.repeat(np.arange(len(queries)), counts)
        scores = np.empty(len(flat), dtype=np.float32)
        size = max(1, _PAIRS_AT_ONCE // self.scorer.batch_size) * self.scorer.batch_size
        n_pairs = 0
        for low in range(0, len(flat), size):
            rows = slice(low, low + size)
            texts = self.live.texts(flat[rows].tolist())
            pairs = [(queries[q].text, text) for q, text in zip(of_query[rows].tolist(), texts, strict=True)]
            mark("fetch")
            scores[rows], scored = self._scores(pairs, mark)
            n_pairs += scored
            mark("rerank")
        reranked = []
        for end, count in zip(np.cumsum(counts).tolist(), counts, strict=True):
            positions, given = flat[end - count : end], scores[end - count : end]
            order = best(given, min(depth, count), self.live.ranks[positions])
            reranked.append((positions[order], given[order]))
        mark("rerank")
        return Found(reranked, found.bytes_read, found.pairs + n_pairs)

    def _scores(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> tuple[NDArray[np.float32], int]:
        """Return a score of each pair, and how many were computed for that."""
        # The tokenising counts as reranking, as it does where it is hidden behind the scoring.
        if self.passages is None or self.cutter is None:
            return self.scorer.score(pairs, lambda stage: None), len(pairs)
        cut = self.cutter([text for _, text in pairs])
        mark("cut")
        parts = [(query, part) for (query, _), parts in zip(pairs, cut, strict=True) for part in parts]
        counts = np.asarray([len(parts) for parts in cut], dtype=np.int64)
        given = self.scorer.score(parts, lambda stage: None)
        return reduced(given, counts, self.passages.score), len(parts)


def _two_stage(stages: Stages) -> str:
    return f"{stages['retrieve']}{index_words(stages)} → {_by(stages)}"


def _over(stages: Stages) -> str:
    everything = stages["candidates"] == "all"
    of = "all documents" if everything else f"{stages['candidates']}, depth {stages['depth']}"
    return f"{stages['rerank']} over {of}{passage_words(stages)}"


def _by(stages: Stages) -> str:
    return f"{stages['rerank']}, depth {stages['depth']}{passage_words(stages)}"


_TIMED = ("fetch", "cut", "rerank")
_TWO_KEYS = {"retrieve": str, "index": HOW, "rerank": str, "passages": CUT, "depth": int}
_KEYS = {"candidates": str, "rerank": str, "passages": CUT, "depth": int}
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
