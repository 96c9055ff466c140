"""Retrieval: runs against judgments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from harness import stats
from harness.config import LoadedConfig, LoadedSuite, location_of
from harness.datamodel import Run
from harness.datasets import retrieval, trec
from harness.datasets.retrieval import Given, RetrievalData
from harness.errors import ConfigError
from harness.measures import registry
from harness.measures import retrieval as measuring
from harness.measures.names import Measure
from harness.pipelines import Collection
from harness.results import tables
from harness.tasks import figures
from harness.tasks.base import BuildIndex, Candidates, Outcome, ReadRun, Rerank, Step
from harness.tasks.derived import Made, all_made
from harness.tasks.first_stages import EVERYTHING, Source, depths, searched, source_of

JUDGED_DEPTH = 10
TEXTS_DEPTH = 10  # texts of so many first results of each pipeline are kept in the bundle


class RetrievalTask:
    """Queries, documents and judgments."""

    name = "retrieval"

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset."""
        for i, measure in enumerate(suite.settings.measures):
            try:
                registry.parse(measure)
            except ConfigError as error:
                raise suite.fail(str(error), "measures", i) from None
        figures.no_protocol(suite)
        retrieval.source_of(suite)

    def steps(self, config: LoadedConfig) -> tuple[Step, ...]:
        """One search a source at its greatest depth, one scoring a cross-encoder of the union of its pairs."""
        searches: dict[Source, int] = {}
        reranks: dict[str, list[tuple[Source, int]]] = {}
        reads: dict[Step, None] = {}
        builds: dict[Step, None] = {}
        for name, pipeline in config.settings.pipelines.items():
            if pipeline.score is not None:
                raise config.fail(
                    f"suite {config.suite.name} has the task retrieval; {{score: MODEL}} is for sts",
                    *location_of(name),
                )
            if pipeline.run is not None:
                reads[ReadRun(pipeline.run)] = None
            if pipeline.run is not None or pipeline.fuse is not None:
                continue
            if pipeline.candidates == "all" and isinstance(pipeline.depth, tuple):
                raise config.fail("candidates: all has no depths to sweep over", *location_of(name, "depth"))
            key = source_of(config, name, pipeline)
            # Over all documents the depth says how many results are kept; every pair is scored.
            deepest = EVERYTHING if pipeline.candidates == "all" else max(depths(pipeline))
            searches[key] = max(searches.get(key, 0), deepest)
            if key.how is not None:  # what it finds is held against what there is to find
                searches[key.exact] = max(searches.get(key.exact, 0), deepest)
                builds[BuildIndex(key.name, key.how.build)] = None
            if pipeline.rerank is not None:
                reranks.setdefault(pipeline.rerank, []).append((key, deepest))
        stages = {key: key.step(depth) for key, depth in searches.items()}
        scored = [
            Rerank(model, tuple(dict.fromkeys((stages[key], depth) for key, depth in wanted)))
            for model, wanted in reranks.items()
        ]
        return (*reads, *builds, *stages.values(), *scored)

    def load(self, config: LoadedConfig) -> RetrievalData:
        """Load queries and judgments; documents only where something is searched, or only the candidates' own."""
        needing = searched(config)
        given = []
        for name, pipeline in needing.items():
            source = source_of(config, name, pipeline)
            if source.kind is Candidates and source.name != "all":
                run = None if source.name == "dataset" else trec.read_run(config.folder / source.name)
                given.append(Given(run, depths(pipeline)))
        return retrieval.load(
            config.suite, need_text=bool(needing), given=given, search=len(given) < len(needing)
        )

    def assemble(self, config: LoadedConfig, data: RetrievalData, results: Mapping[Step, Any]) -> Outcome:
        """Derive every pipeline's run, and measure it."""
        return _measured(config, data, all_made(config, data, results))

    def runs(self, config: LoadedConfig, data: RetrievalData, results: Mapping[Step, Any]) -> dict[str, Run]:
        """Derive every pipeline's run."""
        return {name: made.run for name, made in all_made(config, data, results).items()}


def _measured(config: LoadedConfig, data: RetrievalData, made: Mapping[str, Made]) -> Outcome:
    measures = [registry.parse(text) for text in config.suite.settings.measures]
    primary = registry.parse(config.suite.settings.primary)
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
            "index": pipeline.index,
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
        if ties.spread > figures.TIES_MATTER:
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
    config: LoadedConfig, data: RetrievalData, made: Mapping[str, Made]
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
