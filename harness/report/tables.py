"""Every table of a report, made from the view model here and nowhere else, so that all formats say the same.

Columns for which no row has a value are left out: a bundle without timings has no latency columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from harness.compare.paired import Paired
from harness.measures import registry
from harness.report.model import Estimate, LoadPoint, PipelineView, ReportView, TimingView
from harness.report.table import Column, DataTable, Kind, Value
from harness.stats.interval import Interval

#: A table with more rows is cut, with a count, where it is for reading; CSV and JSON hold all of them.
MOST_ROWS = 25
#: Letters of ``pipelines`` that share no letter can be told apart; writers may fold them into the column before.
GROUP = "group"

_STAGES = ("tokenise", "encode", "search", "rerank", "results", "other")
_PERCENTILES = ("mean", "p50", "p90", "p95", "p99")


def tables(view: ReportView) -> tuple[DataTable, ...]:
    """Every table that has a row, in the order of the page."""
    made = (make(view) for make in TABLES.values())
    return tuple(table for table in made if table.rows)


def shortened(table: DataTable, most: int = MOST_ROWS) -> DataTable:
    """A table for reading: at most so many rows, and a note that says how many are left out."""
    left = len(table.rows) - most
    if left <= 0:
        return table
    note = f"{left:,} more rows are left out here; {table.key}.csv holds all {len(table.rows):,}."
    marked = table.marked if table.marked is not None and table.marked < most else None
    return replace(table, rows=table.rows[:most], notes=(*table.notes, note), marked=marked)


def pipelines(view: ReportView) -> DataTable:
    """Every pipeline with its figures: the table that people decide from."""
    columns: list[tuple[Column, Callable[[PipelineView], Value]]] = [
        (Column("pipeline", "pipeline", "name"), lambda p: p.name),
        (Column("what", "what"), lambda p: p.what),
    ]
    for measure in view.measures:
        column = Column(measure, measure, "number", registry.better(measure))
        columns.append((column, lambda p, m=measure: p.measures.get(m)))  # type: ignore[misc]
        if measure == view.primary:
            told = f"pipelines that share a letter cannot be told apart by {view.primary}"
            columns.append((Column(GROUP, "group", help=told), lambda p: p.groups or None))
    for key in dict.fromkeys(key for p in view.pipelines for key in p.judged):
        columns.append((Column(key, key, "share"), lambda p, k=key: p.judged.get(k)))  # type: ignore[misc]
    for key in ("p50", "p95", "p99"):
        column = Column(f"{key}_ms", f"{key} (ms)", "ms", "lower", "closed-loop latency")
        columns.append((column, lambda p, k=key: _timing(p).latency.get(k)))  # type: ignore[misc]
    rate = Column("queries_per_s", "queries/s", "rate", "higher", "offline throughput")
    columns += [
        (rate, lambda p: _timing(p).throughput.get("queries_per_s")),
        (
            Column("peak_rss_bytes", "memory", "bytes", "lower", "peak resident memory of the process tree"),
            lambda p: _timing(p).memory.get("peak_rss_bytes"),
        ),
        (
            Column("peak_device_bytes", "device memory", "bytes", "lower"),
            lambda p: _timing(p).memory.get("peak_device_bytes"),
        ),
        (Column("per_million", "cost per million", "money", "lower"), lambda p: p.costs.per_million),
        (
            Column(
                "best_probability",
                "best in",
                "share",
                help="share of 10,000 resamples in which it has the highest value",
            ),
            lambda p: p.best_probability,
        ),
    ]
    rows = [tuple(read(p) for _, read in columns) for p in view.pipelines]
    marked = next((i for i, p in enumerate(view.pipelines) if p.recommended), None)
    caption = f"{view.title}: {view.n:,} {view.unit}"
    made = _table("pipelines", caption, [column for column, _ in columns], rows, _summary_notes(view))
    return replace(made, marked=marked)


def comparisons(view: ReportView) -> DataTable:
    """The comparisons declared in advance, every measure."""
    return _paired(
        "comparisons", "Comparisons declared in advance, corrected (Holm) within a measure", view.comparisons
    )


def pairs(view: ReportView) -> DataTable:
    """Every pair of pipelines by the primary measure."""
    caption = f"All pairs by {view.primary}, corrected (Holm) over all of them"
    return _paired("pairs", caption, view.all_pairs)


def depth_sweep(view: ReportView) -> DataTable:
    """Quality, latency, the perfect reranker's ceiling and the loss split, for every depth."""
    columns = [
        Column("family", "sweep", "name"),
        Column("pipeline", "pipeline", "name"),
        Column("depth", "depth", "count"),
        Column("quality", view.primary, "number", registry.better(view.primary)),
        Column("p95_ms", "p95 (ms)", "ms", "lower"),
        Column("ceiling", "perfect reranker", "number"),
        Column("missed", "missed by the first stage", "number"),
        Column("misordered", "misordered by the reranker", "number"),
    ]
    rows: list[tuple[Value, ...]] = []
    for sweep in view.sweeps:
        for point in sweep.points:
            loss = point.loss
            split: tuple[Value, ...] = (sweep.ceilings.get(point.depth), None, None)
            if loss is not None:
                split = (
                    loss.ceiling,
                    _estimate(loss.missed, loss.missed_interval, loss.n),
                    _estimate(loss.misordered, loss.misordered_interval, loss.n),
                )
            row = (sweep.family, point.pipeline, point.depth, point.quality, point.latency)
            rows.append((*row, *split))
    notes = ("missed + misordered is the distance to the best ranking of all judged documents.",)
    return _table("depth_sweep", "Depth sweep", columns, rows, notes)


def recall(view: ReportView) -> DataTable:
    """Recall at k, of every pipeline and first stage."""
    curves = view.recall
    if curves is None:
        return DataTable("recall", "", (), ())
    columns = [Column("pipeline", "pipeline", "name")]
    columns += [Column(f"recall@{k}", f"@{k}", "number", "higher") for k in curves.depths]
    rows = [(curve.pipeline, *curve.values) for curve in curves.curves]
    caption = f"Recall at k (relevant: grade {curves.level} or above)"
    notes = ("Beyond what a pipeline returns there is no figure.",)
    return _table("recall", caption, columns, rows, notes)


def latency(view: ReportView) -> DataTable:
    """Closed-loop latency, cold starts, and whether they can be believed."""
    columns = [Column("pipeline", "pipeline", "name")]
    columns += [Column(f"{key}_ms", f"{key} (ms)", "ms", "lower") for key in _PERCENTILES]
    columns += [
        Column("cold_start_ms", "cold start (ms)", "ms", "lower"),
        Column("first_query_ms", "first query (ms)", "ms", "lower"),
        Column("samples", "samples", "count"),
        Column("autocorrelation", "lag-1 autocorrelation", "signed"),
        Column("steady", "steady"),
        Column("invalid", "invalid because"),
    ]
    rows = []
    for p, timing in _timed(view):
        figures = [timing.latency.get(key) for key in _PERCENTILES]
        n = next((figure.n for figure in figures if figure is not None and figure.n is not None), None)
        cold = (timing.cold.get("start"), timing.cold.get("first_query"))
        steady = None if timing.steady is None else "yes" if timing.steady else "no"
        rows.append((p.name, *figures, *cold, n, timing.autocorrelation, steady, timing.invalid or None))
    return _table("latency", "Latency of one query at a time", columns, rows)


def load(view: ReportView) -> DataTable:
    """Open-loop latency against the rate of arrival."""
    columns = [
        Column("pipeline", "pipeline", "name"),
        Column("rate_per_s", "arrivals/s", "rate"),
        Column("fraction", "of capacity", "share"),
        *(Column(f"{key}_ms", f"{key} (ms)", "ms") for key in ("p50", "p90", "p99")),
        Column("n", "queries", "count"),
        Column("dropped", "dropped", "count"),
        Column("invalid", "invalid because"),
    ]
    rows = [
        (p.name, x.rate_per_s, x.fraction, x.p50, x.p90, x.p99, x.n, x.dropped, _invalid(x))
        for p, timing in _timed(view)
        for x in timing.load
    ]
    notes = ("Counted from the scheduled arrival; a dropped query counts as infinitely late.",)
    return _table("load", "Latency against load", columns, rows, notes)


def stages(view: ReportView) -> DataTable:
    """Where the time goes: a column a stage."""
    known = sorted(
        dict.fromkeys(stage for _, timing in _timed(view) for stage in timing.stages),
        key=lambda stage: _STAGES.index(stage) if stage in _STAGES else len(_STAGES),
    )
    columns = [Column("pipeline", "pipeline", "name")]
    columns += [Column(f"{stage}_ms", f"{stage} (ms)", "ms") for stage in known]
    columns.append(Column("sum_ratio", "sum / whole", "share"))
    rows = [
        (p.name, *(timing.stages.get(stage) for stage in known), timing.sum_ratio)
        for p, timing in _timed(view)
        if timing.stages
    ]
    return _table("stages", "Where the time goes, mean of a query", columns, rows)


def resources(view: ReportView) -> DataTable:
    """Throughput, memory, index and exact work."""
    parts: tuple[tuple[str, str, Kind, Callable[[TimingView], Iterable[str]]], ...] = (
        ("throughput", "", "rate", lambda t: t.throughput),
        ("memory", "", "bytes", lambda t: t.memory),
        ("index", "", "seconds", lambda t: t.index),
        ("counters", "", "count", lambda t: t.counters),
    )
    columns = [Column("pipeline", "pipeline", "name")]
    places: list[tuple[str, str]] = []
    for part, _, kind, keys in parts:
        for key in dict.fromkeys(key for _, timing in _timed(view) for key in keys(timing)):
            columns.append(Column(key, key.replace("_per_s", "/s").replace("_", " "), kind))
            places.append((part, key))
    rows = [(p.name, *(getattr(timing, part).get(key) for part, key in places)) for p, timing in _timed(view)]
    return _table("resources", "Throughput, memory, index and work", columns, rows if places else [])


def speed(view: ReportView) -> DataTable:
    """How many times as slow one pipeline is as another, measured side by side."""
    columns = [
        Column("first", "pipeline", "name"),
        Column("second", "against", "name"),
        Column("latency_ratio", "latency, times", "ratio"),
        Column("blocks", "blocks", "count"),
        Column("memory_ratio", "memory, times", "ratio"),
        Column("verdict", "verdict"),
        Column("reason", "reason"),
    ]
    rows = [
        (r.first, r.second, r.latency, r.latency.n, r.memory, r.verdict or None, r.reason or None)
        for r in view.ratios
    ]
    notes = ("Hodges-Lehmann estimate over blocks, with its signed-rank interval.",)
    return _table("speed", "Speed of one pipeline against another, block by block", columns, rows, notes)


def references(view: ReportView) -> DataTable:
    """Published figures beside measured ones."""
    columns = [
        Column("system", "system", "name"),
        Column("measure", "measure"),
        Column("published", "published", "number"),
        Column("measured", "measured", "number"),
        Column("difference", "difference", "signed"),
        Column("pipeline", "measured as", "name"),
        Column("source", "source"),
    ]
    rows = [
        (r.system, r.measure, r.published, r.measured, r.difference, r.pipeline, r.source or None)
        for r in view.references
    ]
    return _table("references", "Published figures beside measured ones", columns, rows)


def queries(view: ReportView) -> DataTable:
    """The primary measure of every query under every pipeline."""
    part = view.per_query
    if part is None or view.primary not in part.measures:
        return DataTable("queries", "", (), ())
    columns = [
        Column("query_id", "query", "name"),
        Column("text", "text"),
        Column("relevant", "judged relevant", "count"),
        *(Column(name, name, "number", "higher") for name in part.pipelines),
    ]
    values = part.values[:, part.measures.index(view.primary)].T.tolist()
    relevant: Sequence[int | None] = [None] * len(part.ids)
    if part.relevant is not None:
        relevant = part.relevant.tolist()
    rows = [
        (query, text or None, count, *scores)
        for query, text, count, scores in zip(part.ids, part.texts, relevant, values, strict=True)
    ]
    return _table("queries", f"{view.primary} of every query", columns, rows)


def worst_pairs(view: ReportView) -> DataTable:
    """Sentence pairs that a pipeline places farthest from gold."""
    columns = [
        Column("pipeline", "pipeline", "name"),
        Column("pair_id", "pair", "name"),
        Column("first", "first"),
        Column("second", "second"),
        Column("gold", "gold", "rate"),
        Column("score", "score", "signed"),
        Column("rank_difference", "rank difference", "signed", help="rank share given minus gold's"),
    ]
    part = view.pair_scores
    rows = [
        (w.pipeline, w.pair_id, w.first or None, w.second or None, w.gold, w.score, w.rank_difference)
        for w in (part.worst if part is not None else ())
    ]
    return _table("worst_pairs", "Pairs placed farthest from gold", columns, rows)


def manifest(view: ReportView) -> DataTable:
    """What was run, on what."""
    columns = [Column("part", "part"), Column("key", "key"), Column("value", "value")]
    rows = [(part.title, key, value or None) for part in view.manifest for key, value in part.rows]
    return _table("manifest", "Manifest", columns, rows)


#: Key -> maker, in the order of the page.
TABLES: dict[str, Callable[[ReportView], DataTable]] = {
    "pipelines": pipelines,
    "comparisons": comparisons,
    "depth_sweep": depth_sweep,
    "recall": recall,
    "latency": latency,
    "load": load,
    "stages": stages,
    "speed": speed,
    "resources": resources,
    "pairs": pairs,
    "queries": queries,
    "worst_pairs": worst_pairs,
    "references": references,
    "manifest": manifest,
}


def _paired(key: str, caption: str, rows: Sequence[Paired]) -> DataTable:
    columns = [
        Column("measure", "measure"),
        Column("first", "pipeline", "name"),
        Column("second", "against", "name"),
        Column("first_value", "value", "number"),
        Column("second_value", "its value", "number"),
        Column("delta", "difference", "signed"),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("effect_size", "d_z", "signed"),
        Column("wins", "wins", "count"),
        Column("ties", "ties", "count"),
        Column("losses", "losses", "count"),
        Column("detectable", "detectable", "number", help="the smallest difference that would be seen"),
        Column("verdict", "verdict"),
    ]
    made = []
    for r in rows:
        delta = _estimate(r.delta, r.interval, r.n)
        counts = (r.wins, r.ties, r.losses)
        values = (r.measure, r.first, r.second, r.first_value, r.second_value)
        made.append((*values, delta, r.p_value, r.p_adjusted, r.effect_size, *counts, r.detectable, r.words))
    return _table(key, caption, columns, made)


def _table(
    key: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Value, ...]],
    notes: tuple[str, ...] = (),
) -> DataTable:
    kept = [i for i in range(len(columns)) if any(_known(row[i]) for row in rows)]
    return DataTable(
        key,
        caption,
        tuple(columns[i] for i in kept),
        tuple(tuple(row[i] for i in kept) for row in rows),
        notes if rows else (),
    )


def _known(value: Value) -> bool:
    return (value.value if isinstance(value, Estimate) else value) is not None


def _summary_notes(view: ReportView) -> tuple[str, ...]:
    notes = []
    estimates = [figure for p in view.pipelines for figure in p.measures.values()]
    if any(figure.has_interval for figure in estimates):
        notes.append(f"In brackets: 95 % bootstrap interval over {view.unit}.")
    if any(figure.mark == "†" for figure in estimates):
        notes.append("† the measure looks deeper than the results reach; computed on what is there.")
    if any(p.groups for p in view.pipelines):
        notes.append(f"Pipelines that share a letter cannot be told apart by {view.primary}.")
    if not any(p.timing for p in view.pipelines):
        notes.append("Speed was not measured.")
    return (*notes, *view.notes, *(f"Warning: {text}" for text in view.warnings))


def _estimate(value: float | None, interval: Interval | None, n: int) -> Estimate:
    if interval is None:
        return Estimate(value, n=n)
    return Estimate(value, interval.low, interval.high, n)


def _invalid(point: LoadPoint) -> str | None:
    return None if point.valid else point.reason or "not valid"


def _timing(pipeline: PipelineView) -> TimingView:
    return pipeline.timing if pipeline.timing is not None else TimingView()


def _timed(view: ReportView) -> list[tuple[PipelineView, TimingView]]:
    return [(p, p.timing) for p in view.pipelines if p.timing is not None]
