"""Retrieval: runs against judgments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from harness import stats
from harness.config import LoadedConfig, LoadedSuite
from harness.datamodel import Floats, Run
from harness.datasets import retrieval, trec
from harness.datasets.retrieval import Given, RetrievalData
from harness.errors import ConfigError
from harness.measures import registry
from harness.measures.names import Measure
from harness.measures.retrieval import Judged
from harness.pipelines import Collection
from harness.results import tables
from harness.results.runs import place_of
from harness.stages import EVERYTHING, Data, Pipeline
from harness.tasks import figures, remarks
from harness.tasks.base import Done, Outcome, told

JUDGED_DEPTH = 10
TEXTS_DEPTH = 10  # texts of so many first results of each pipeline are kept in the bundle


class RetrievalTask:
    """Queries, documents and judgments."""

    name = "retrieval"
    data: Data = "queries"

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset."""
        for i, measure in enumerate(suite.settings.measures):
            try:
                registry.parse(measure)
            except ConfigError as error:
                raise suite.fail(str(error), "measures", i) from None
        figures.no_protocol(suite)
        retrieval.source_of(suite)

    def load(self, config: LoadedConfig) -> RetrievalData:
        """Load queries and judgments; documents only where something reads them, or only those that are given."""
        reading = [one for one in config.pipelines.values() if any(s.reads != "none" for s in one.stages)]
        given = [
            Given(None if path is None else trec.read_run(config.folder / path), (take.depth,))
            for pipeline in reading
            for stage in pipeline.stages
            for take in stage.inputs
            for path in take.stage.files
        ]
        search = any(stage.reads == "all" for pipeline in reading for stage in pipeline.stages)
        return retrieval.load(config.suite, need_text=bool(reading), given=given, search=search)

    def assemble(self, config: LoadedConfig, data: RetrievalData, done: Done) -> Outcome:
        """Measure every pipeline's run."""
        return _measured(config, data, {name: _made(config, p, done) for name, p in config.pipelines.items()})


@dataclass(frozen=True, eq=False)
class _Made:
    """One pipeline's run and what is said of it.

    Attributes:
        limit: measures deeper than this see only what is there.
        first: what was given to its last stage, where the bundle does not hold that as another pipeline's run.
        first_stage: what is said of that.
        index: of a pipeline that searches through an index by a library: what it is, and what it misses.
    """

    run: Run
    told: dict[str, Any]
    limit: int | None
    first: Run | None
    first_stage: dict[str, Any] | None
    index: dict[str, Any] | None


def _made(config: LoadedConfig, pipeline: Pipeline, done: Done) -> _Made:
    run, depth, kept = done.of(pipeline), pipeline.root.depth, pipeline.stage.kept
    first = first_stage = None
    if kept is not None:
        whole = done.run(replace(kept, depth=EVERYTHING))
        of = config.pipelines.get(kept.pipeline)
        place = place_of(kept.pipeline or f"first-stage/{kept.stage.label}", done.of(of) if of else whole)
        first_stage = {"source": kept.name, "depth": kept.depth, "run": place}
        first = None if kept.pipeline else whole
    index = pipeline.stage.index(done, depth, config.settings.seed)
    limit = None if depth == EVERYTHING else depth
    return _Made(run, told(pipeline, run), limit, first, first_stage, index)


def _measured(config: LoadedConfig, data: RetrievalData, made: Mapping[str, _Made]) -> Outcome:
    measures = [registry.parse(text) for text in config.suite.settings.measures]
    primary = registry.parse(config.suite.settings.primary)
    parts: dict[str, dict[str, Any]] = {}
    runs: dict[str, Run] = {}
    notes: list[str] = []
    warnings: list[str] = []
    values: list[Floats] = []  # [n_measures, n_queries] of each pipeline
    columns: dict[str, list[Any]] = {"pipeline": [], "measure": [], "query_id": [], "value": []}
    for name, pipeline in made.items():
        judged = Judged.of(pipeline.run, data.qrels)
        scores, ties = judged.scores(measures), judged.ties(primary)
        place = place_of(name, pipeline.run)
        parts[name] = {
            **pipeline.told,
            "run": place,
            "first_stage": pipeline.first_stage,
            "index": pipeline.index,
            "measures": {},
            "unanswered": scores.unanswered,
            "results": pipeline.run.n_rows,
            "judged": {f"judged@{JUDGED_DEPTH}": judged.share(JUDGED_DEPTH)},
            "ties": {"measure": str(primary), **vars(ties)},
            "timing": None,
        }
        runs[place] = pipeline.run
        if pipeline.first is not None and pipeline.first_stage is not None:
            runs[pipeline.first_stage["run"]] = pipeline.first
        notes += remarks.notes_of(pipeline.run, pipeline.first)
        warnings += remarks.warnings_of(name, judged, data, (primary, ties))
        for m in measures:
            columns["pipeline"] += [name] * len(data.qrels)
            columns["measure"] += [str(m)] * len(data.qrels)
            columns["query_id"] += data.qrels.query_ids
            columns["value"] += scores.column(m).tolist()
        values.append(scores.values.T)
    _add_figures(
        parts, np.concatenate(values), measures, {n: p.limit for n, p in made.items()}, config.settings.seed
    )
    made_tables = {tables.SCORES: columns, **_texts_and_judgments(config, data, made)}
    return Outcome(parts, made_tables, runs, tuple(warnings), tuple(dict.fromkeys(notes)))


def _add_figures(
    parts: Mapping[str, dict[str, Any]],
    scores: Floats,
    measures: Sequence[Measure],
    limits: Mapping[str, int | None],
    seed: int,
) -> None:
    """Add every figure to its pipeline's part; scores are [n_pipelines * n_measures, n_queries]."""
    of = [(name, measure) for name in parts for measure in measures]
    for (name, measure), values, interval in zip(
        of, scores, stats.bootstrap_each(scores, seed=seed), strict=True
    ):
        limit = limits[name]
        shallow = limit is not None and (measure.depth == 0 or measure.depth > limit)
        parts[name]["measures"][str(measure)] = {
            "value": float(np.mean(values)),
            "n": len(values),
            "interval": None if interval is None else vars(interval).copy(),
            "limited_by_depth": limit if shallow else None,
        }


def _texts_and_judgments(
    config: LoadedConfig, data: RetrievalData, made: Mapping[str, _Made]
) -> dict[tables.Table, dict[str, Any]]:
    texts, qrels = config.settings.texts, data.qrels
    # The rest of a pool is kept where a measure looks at it, so that its figures can be computed again.
    kept = [qrels, qrels.pool] if registry.any_pooled(config.suite.settings.measures) else [qrels]
    judgments = [table for table in kept if table is not None]
    columns: dict[tables.Table, dict[str, Any]] = {
        tables.QRELS: {
            "query_id": pa.concat_arrays([table.query_id_column() for table in judgments]),
            "doc_id": pa.concat_arrays([table.doc_id_column() for table in judgments]),
            "grade": np.concatenate([table.grades for table in judgments]),
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
