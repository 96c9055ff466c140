"""Retrieval: runs against judgments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa

from harness import stats
from harness.config import LoadedConfig, LoadedSuite, PipelineSettings, location_of
from harness.datamodel import Run
from harness.datasets import retrieval, trec
from harness.datasets.retrieval import Given, RetrievalData
from harness.errors import ConfigError, NotComparableError
from harness.measures import names
from harness.measures import retrieval as measuring
from harness.measures.names import Measure
from harness.pipelines import Collection, PairScores
from harness.results import tables
from harness.tasks.base import Candidates, Outcome, ReadRun, Rerank, Retrieve, Step

DEFAULT_DEPTH = 1000
DEFAULT_RERANK_DEPTH = 100
JUDGED_DEPTH = 10
TEXTS_DEPTH = 10  # texts of so many first results of each pipeline are kept in the bundle
_TIES_MATTER = 1e-4
_EVERYTHING = 2**31 - 1


class RetrievalTask:
    """Queries, documents and judgments."""

    name = "retrieval"

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset."""
        for i, measure in enumerate(suite.settings.measures):
            try:
                names.parse(measure)
            except ConfigError as error:
                raise suite.fail(str(error), "measures", i) from None
        retrieval.source_of(suite)

    def steps(self, config: LoadedConfig) -> tuple[Step, ...]:
        """One search a source at its greatest depth, one scoring a cross-encoder of the union of its pairs."""
        searches: dict[tuple[type, str], int] = {}
        reranks: dict[str, list[tuple[tuple[type, str], int]]] = {}
        reads: dict[Step, None] = {}
        for name, pipeline in config.settings.pipelines.items():
            if pipeline.score is not None:
                raise config.fail(
                    f"suite {config.suite.name} has the task retrieval; {{score: MODEL}} is for sts",
                    *location_of(name),
                )
            if pipeline.run is not None:
                reads[ReadRun(pipeline.run)] = None
                continue
            if pipeline.candidates == "all" and isinstance(pipeline.depth, tuple):
                raise config.fail("candidates: all has no depths to sweep over", *location_of(name, "depth"))
            key = _source(config, pipeline)
            # Over all documents the depth says how many results are kept; every pair is scored.
            deepest = _EVERYTHING if pipeline.candidates == "all" else max(depths(pipeline))
            searches[key] = max(searches.get(key, 0), deepest)
            if pipeline.rerank is not None:
                reranks.setdefault(pipeline.rerank, []).append((key, deepest))
        stages = {key: key[0](key[1], depth) for key, depth in searches.items()}
        scored = [
            Rerank(model, tuple(dict.fromkeys((stages[key], depth) for key, depth in wanted)))
            for model, wanted in reranks.items()
        ]
        return (*reads, *stages.values(), *scored)

    def load(self, config: LoadedConfig) -> RetrievalData:
        """Load queries and judgments; documents only where something is searched, or only the candidates' own."""
        needing = [pipeline for pipeline in config.settings.pipelines.values() if pipeline.run is None]
        given = []
        for pipeline in needing:
            kind, source = _source(config, pipeline)
            if kind is Candidates and source != "all":
                run = None if source == "dataset" else trec.read_run(config.folder / source)
                given.append(Given(run, depths(pipeline)))
        return retrieval.load(
            config.suite, need_text=bool(needing), given=given, search=len(given) < len(needing)
        )

    def assemble(self, config: LoadedConfig, data: RetrievalData, results: Mapping[Step, Any]) -> Outcome:
        """Derive every pipeline's run, and measure it."""
        return _measured(config, data, _all_made(config, data, results))

    def runs(self, config: LoadedConfig, data: RetrievalData, results: Mapping[Step, Any]) -> dict[str, Run]:
        """Derive every pipeline's run."""
        return {name: made.run for name, made in _all_made(config, data, results).items()}


@dataclass(frozen=True, eq=False)
class _Made:
    """One pipeline's final run and what is said of it."""

    run: Run
    kind: str
    stages: dict[str, Any]
    limit: int | None  # measures deeper than this see only what is there
    first: Run | None = None
    first_stage: dict[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class _Done:
    """The steps' results, by what a pipeline knows of them."""

    results: Mapping[Step, Any]

    def first(self, key: tuple[type, str]) -> Run:
        """The run of a first stage, at its greatest depth."""
        found = next(
            r
            for s, r in self.results.items()
            if isinstance(s, Retrieve | Candidates) and (type(s), s.source) == key
        )
        return cast(Run, found)

    def scores(self, model: str) -> PairScores:
        """A cross-encoder's scores."""
        return cast(
            PairScores, next(r for s, r in self.results.items() if isinstance(s, Rerank) and s.model == model)
        )


def _all_made(config: LoadedConfig, data: RetrievalData, results: Mapping[Step, Any]) -> dict[str, _Made]:
    done = _Done(results)
    made: dict[str, _Made] = {}
    for name, pipeline in config.settings.pipelines.items():
        for full_name, depth in _expanded(name, pipeline):
            made[full_name] = (
                _given(config, data, pipeline, done, depth)
                if pipeline.run is not None
                else _derived(config, pipeline, done, depth)
            )
    return made


def _given(
    config: LoadedConfig, data: RetrievalData, pipeline: PipelineSettings, done: _Done, depth: int
) -> _Made:
    path = cast(str, pipeline.run)
    run = cast(Run, done.results[ReadRun(path)]).select(data.query_ids).top(depth)
    if not run.n_rows:
        raise NotComparableError(
            f"{config.folder / path}: none of its queries is among the {len(data.queries)} judged ones of "
            f"suite {config.suite.name}"
        )
    limit = depth if depth != _EVERYTHING else None
    return _Made(run, "run", {"run": path, "depth": int(run.counts.max())}, limit)


def _derived(config: LoadedConfig, pipeline: PipelineSettings, done: _Done, depth: int) -> _Made:
    key = _source(config, pipeline)
    found = done.first(key)
    if pipeline.rerank is None:
        source = cast(str, pipeline.retrieve)
        return _Made(found.top(depth), _kind_of(config, source), {"retrieve": source, "depth": depth}, depth)
    scores = done.scores(pipeline.rerank)
    stages = {"rerank": pipeline.rerank, "depth": depth}
    if pipeline.candidates == "all":
        return _Made(scores.apply(found).top(depth), "cross-encoder", {"candidates": "all", **stages}, depth)
    first_stage = {"source": key[1], "depth": depth, "run": f"runs/first-stage/{_safe(key[1])}.trec"}
    two = pipeline.retrieve is not None
    stages = {"retrieve" if two else "candidates": key[1], **stages}
    kind = "two-stage" if two else "cross-encoder"
    return _Made(scores.apply(found.top(depth)), kind, stages, depth, found, first_stage)


def _kind_of(config: LoadedConfig, source: str) -> str:
    model = config.settings.models.get(source)
    return "bm25" if model is None or model.kind == "bm25" else "bi-encoder"


def depths(pipeline: PipelineSettings) -> tuple[int, ...]:
    """Return a pipeline's depths; a sweep has several."""
    if isinstance(pipeline.depth, tuple):
        return pipeline.depth
    if pipeline.depth is not None:
        return (pipeline.depth,)
    if pipeline.run is not None:
        return (_EVERYTHING,)
    if pipeline.rerank is None or pipeline.candidates == "all":
        return (DEFAULT_DEPTH,)
    return (DEFAULT_RERANK_DEPTH,)


def _expanded(name: str, pipeline: PipelineSettings) -> list[tuple[str, int]]:
    sweep = isinstance(pipeline.depth, tuple)
    return [(f"{name}@{depth}" if sweep else name, depth) for depth in depths(pipeline)]


def _source(config: LoadedConfig, pipeline: PipelineSettings) -> tuple[type, str]:
    """Return the step type and source of a pipeline's first stage."""
    if pipeline.retrieve is not None:
        return Retrieve, pipeline.retrieve
    candidates = cast(str, pipeline.candidates)
    model = config.settings.models.get(candidates)
    if candidates == "bm25" or (model is not None and model.kind in ("bm25", "bi_encoder")):
        return Retrieve, candidates
    return Candidates, candidates


def _safe(source: str) -> str:
    return source.replace("/", "_").lstrip(".") or "run"


def _measured(config: LoadedConfig, data: RetrievalData, made: Mapping[str, _Made]) -> Outcome:
    measures = [names.parse(text) for text in config.suite.settings.measures]
    primary = names.parse(config.suite.settings.primary)
    parts: dict[str, dict[str, Any]] = {}
    runs: dict[str, Run] = {}
    warnings: list[str] = []
    columns: dict[str, list[Any]] = {"pipeline": [], "measure": [], "query_id": [], "value": []}
    for name, pipeline in made.items():
        scores = measuring.evaluate(pipeline.run, data.qrels, measures)
        ties = measuring.tie_sensitivity(pipeline.run, data.qrels, primary)
        parts[name] = {
            "kind": pipeline.kind,
            "stages": pipeline.stages,
            "run": f"runs/{name}.trec",
            "first_stage": pipeline.first_stage,
            "measures": {
                str(m): _figure(scores.column(m), m, pipeline.limit, config.settings.seed) for m in measures
            },
            "unanswered": scores.unanswered,
            "results": pipeline.run.n_rows,
            "judged": {f"judged@{JUDGED_DEPTH}": measuring.judged_at(pipeline.run, data.qrels, JUDGED_DEPTH)},
            "ties": {"measure": str(primary), **vars(ties)},
            "timing": None,
        }
        runs[f"runs/{name}.trec"] = pipeline.run
        if pipeline.first is not None and pipeline.first_stage is not None:
            runs[pipeline.first_stage["run"]] = pipeline.first
        if scores.unanswered:
            warnings.append(
                f"{name}: {scores.unanswered} of {len(data.qrels)} judged queries have no result and count 0"
            )
        if ties.spread > _TIES_MATTER:
            warnings.append(
                f"{name}: the order of tied scores can move {primary} from {ties.worst:.4f} to {ties.best:.4f}; shown "
                f"is the canonical order, {ties.canonical:.4f}"
            )
        for m in measures:
            columns["pipeline"] += [name] * len(data.qrels)
            columns["measure"] += [str(m)] * len(data.qrels)
            columns["query_id"] += data.qrels.query_ids
            columns["value"] += scores.column(m).tolist()
    made_tables = {tables.SCORES: columns, **_texts_and_judgments(config, data, made)}
    return Outcome(parts, made_tables, runs, tuple(warnings))


def _figure(values: Any, measure: Measure, limit: int | None, seed: int) -> dict[str, Any]:
    interval = stats.bootstrap_mean(values, seed=seed) if len(values) > 1 else None
    shallow = limit is not None and (measure.depth == 0 or measure.depth > limit)
    return {
        "value": float(np.mean(values)),
        "n": len(values),
        "interval": None if interval is None else vars(interval).copy(),
        "limited_by_depth": limit if shallow else None,
    }


def _texts_and_judgments(
    config: LoadedConfig, data: RetrievalData, made: Mapping[str, _Made]
) -> dict[tables.Table, dict[str, Any]]:
    texts, qrels = config.settings.texts, data.qrels
    columns: dict[tables.Table, dict[str, Any]] = {
        tables.QRELS: {
            "query_id": qrels.query_id_column(),
            "doc_id": qrels.doc_id_column(),
            "grade": qrels.grades,
        },
        tables.QUERIES: {"query_id": data.query_ids, "text": [q.text if texts else "" for q in data.queries]},
    }
    if texts and data.corpus is not None:
        collection = Collection(data.corpus)
        shown = [collection.known_positions(pipeline.run.top(TEXTS_DEPTH)) for pipeline in made.values()]
        positions = np.unique(np.concatenate(shown))
        columns[tables.DOCUMENTS] = {
            "doc_id": collection.ids.take(pa.array(positions)),
            "text": data.corpus.fetch(positions.tolist()),
        }
    return columns
