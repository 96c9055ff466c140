"""Every pipeline's run, derived from what the steps found: cut to its depth, reranked, or fused of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from harness import stats
from harness.config import LoadedConfig, PipelineSettings
from harness.datamodel import Floats, Run
from harness.datasets.retrieval import RetrievalData
from harness.errors import NotComparableError
from harness.measures import fusion
from harness.measures.overlap import overlap
from harness.pipelines import PairScores
from harness.search.ann import Facts
from harness.tasks.base import BuildIndex, Candidates, ReadRun, Rerank, Retrieve, Step
from harness.tasks.first_stages import EVERYTHING, Source, depths, expanded, source_of

_OVERLAP_DEPTH = 10
_K = 60


@dataclass(frozen=True, eq=False)
class Made:
    """One pipeline's final run and what is said of it.

    Attributes:
        limit: measures deeper than this see only what is there.
        first, first_stage: what a reranker was given, and what is said of that.
        index: of a pipeline that searches through an index by a library: what it is, and what it misses.
    """

    run: Run
    kind: str
    stages: dict[str, Any]
    limit: int | None
    first: Run | None = None
    first_stage: dict[str, Any] | None = None
    index: dict[str, Any] | None = None


def all_made(config: LoadedConfig, data: RetrievalData, results: Mapping[Step, Any]) -> dict[str, Made]:
    """Derive every pipeline's run, in the config's order. Raises NotComparableError for a run of other queries."""
    done = _Done(config, data, results)
    given = config.settings.pipelines
    own = {
        full: done.made(name, pipeline, depth)
        for name, pipeline in given.items()
        if pipeline.fuse is None
        for full, depth in expanded(name, pipeline)
    }
    return {
        full: own[full] if full in own else _fused(pipeline, own, data)
        for name, pipeline in given.items()
        for full, _ in expanded(name, pipeline)
    }


@dataclass(frozen=True, eq=False)
class _Done:
    """The steps' results, by what a pipeline knows of them."""

    config: LoadedConfig
    data: RetrievalData
    results: Mapping[Step, Any]
    _overlaps: dict[tuple[Source, int], Floats] = field(default_factory=dict)

    def made(self, name: str, pipeline: PipelineSettings, depth: int) -> Made:
        """Derive one pipeline, at one depth."""
        if pipeline.run is not None:
            return self._given(pipeline.run, depth)
        source = source_of(self.config, name, pipeline)
        found, index = self._first(source), self._index(source, depth)
        if pipeline.rerank is None:
            stages = {"retrieve": source.name, **self._told(source), "depth": depth}
            return Made(found.top(depth), self._kind(source), stages, depth, index=index)
        scores = self._scores(pipeline.rerank)
        stages = {"rerank": pipeline.rerank, "depth": depth}
        if pipeline.candidates == "all":
            run = scores.apply(found).top(depth)
            return Made(run, "cross-encoder", {"candidates": "all", **stages}, depth)
        first_stage = {"source": source.name, "depth": depth, "run": f"runs/first-stage/{source.label}.trec"}
        two = pipeline.retrieve is not None
        stages = {"retrieve" if two else "candidates": source.name, **self._told(source), **stages}
        kind = "two-stage" if two else "cross-encoder"
        return Made(scores.apply(found.top(depth)), kind, stages, depth, found, first_stage, index)

    def _given(self, path: str, depth: int) -> Made:
        run = cast(Run, self.results[ReadRun(path)]).select(self.data.query_ids).top(depth)
        if not run.n_rows:
            raise NotComparableError(
                f"{self.config.folder / path}: none of its queries is among the {len(self.data.queries)} judged ones "
                f"of suite {self.config.suite.name}"
            )
        limit = depth if depth != EVERYTHING else None
        return Made(run, "run", {"run": path, "depth": int(run.counts.max())}, limit)

    def _first(self, source: Source) -> Run:
        """The run of a first stage, at its greatest depth."""
        for step, result in self.results.items():
            if isinstance(step, Retrieve | Candidates) and step == source.step(step.depth):
                return cast(Run, result)
        raise KeyError(source)

    def _scores(self, model: str) -> PairScores:
        found = (r for s, r in self.results.items() if isinstance(s, Rerank) and s.model == model)
        return cast(PairScores, next(found))

    def _kind(self, source: Source) -> str:
        model = self.config.settings.models.get(source.name)
        return "bm25" if model is None or model.kind == "bm25" else "bi-encoder"

    def _told(self, source: Source) -> dict[str, Any]:
        return {} if source.how is None else {"index": source.how.as_dict()}

    def _index(self, source: Source, depth: int) -> dict[str, Any] | None:
        """What the index of a source is, and the share of the exact first results that it finds."""
        if source.how is None:
            return None
        facts = cast(Facts, self.results[BuildIndex(source.name, source.how.build)])
        seen = sorted({min(_OVERLAP_DEPTH, depth), depth})
        return {
            **source.how.as_dict(),
            "faiss": facts.faiss,
            "index_bytes": facts.n_bytes,
            "build_s": facts.build_s,
            "overlap": {f"overlap@{at}": self._overlap(source, at) for at in seen},
        }

    def _overlap(self, source: Source, depth: int) -> dict[str, Any]:
        if (source, depth) not in self._overlaps:
            self._overlaps[source, depth] = overlap(self._first(source), self._first(source.exact), depth)
        shares = self._overlaps[source, depth]
        seed = self.config.settings.seed
        interval = stats.bootstrap_mean(shares, seed=seed) if len(shares) > 1 else None
        return {
            "value": float(shares.mean()),
            "n": len(shares),
            "interval": None if interval is None else vars(interval).copy(),
        }


def _fused(pipeline: PipelineSettings, own: Mapping[str, Made], data: RetrievalData) -> Made:
    names = cast(tuple[str, ...], pipeline.fuse)
    runs = [own[name].run.select(data.query_ids) for name in names]
    depth = depths(pipeline)[0]
    stages: dict[str, Any] = {"fuse": list(names), "method": pipeline.method or "rrf", "depth": depth}
    if pipeline.method == "weighted":
        weights = pipeline.weights or (1.0 / len(names),) * len(names)
        normalisation = pipeline.normalisation or "min-max"
        run = fusion.weighted(runs, weights, normalisation, depth)
        stages |= {"weights": list(weights), "normalisation": normalisation}
    else:
        run = fusion.reciprocal_rank(runs, pipeline.k or _K, depth)
        stages |= {"k": pipeline.k or _K}
    return Made(run, "fusion", stages, depth)
