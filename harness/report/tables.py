"""Every table of a report, made from the view model here and nowhere else, so that all formats say the same.

Columns for which no row has a value are left out: a bundle without timings has no latency columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.compare.paired import Paired
from harness.measures import registry
from harness.report.model import PipelineView, Reference, ReportView, TimingView
from harness.report.table import Column, DataTable, Estimate, Value, table_of
from harness.report.timings import latency, load, resources, speed, stages
from harness.stats.interval import Interval

#: A table with more rows is cut, with a count, where it is for reading; CSV and JSON hold all of them.
MOST_ROWS = 25
#: Letters of ``pipelines`` that share no letter can be told apart; writers may fold them into the column before.
GROUP = "group"

_COUNTED = "how many queries the pipeline does better on, alike and worse than the other"


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
    made = pipeline_rows(view.pipelines, view.measures, view.primary, view.unit)
    marked = next((i for i, p in enumerate(view.pipelines) if p.recommended), None)
    caption = f"{view.title}: {view.n:,} {view.unit}"
    return replace(made, caption=caption, notes=_summary_notes(view), marked=marked)


def pipeline_rows(
    given: Sequence[PipelineView], measures: Sequence[str], primary: str, unit: str
) -> DataTable:
    """The figures of pipelines, without a caption; ``unit`` is what the figures are of, in the plural."""
    columns: list[tuple[Column, Callable[[PipelineView], Value]]] = [
        (Column("pipeline", "pipeline", "name"), lambda p: p.name),
        (Column("what", "what"), lambda p: p.what),
    ]
    for measure in measures:
        column = Column(measure, measure, "number", registry.better(measure))
        columns.append((column, lambda p, m=measure: p.measures.get(m)))  # type: ignore[misc]
        if measure == primary:
            told = f"pipelines that share a letter cannot be told apart by {primary}"
            columns.append((Column(GROUP, "group", help=told), lambda p: p.groups or None))
    for key in dict.fromkeys(key for p in given for key in p.judged):
        first = key.partition("@")[2]
        told = (
            f"the share of the first {first} results that anybody judged; the others count as not relevant, so where "
            "it is low a pipeline’s figures may be too low"
        )
        columns.append((Column(key, key, "share", help=told), lambda p, k=key: p.judged.get(k)))  # type: ignore[misc]
    for key in ("p50", "p95", "p99"):
        column = Column(
            f"{key}_ms", f"{key} (ms)", "ms", "lower", "latency of one query at a time, in a closed loop"
        )
        columns.append((column, lambda p, k=key: _latency(p, k)))  # type: ignore[misc]
    rate = Column("queries_per_s", "queries/s", "rate", "higher", "throughput in batches, offline")
    columns += [
        (rate, lambda p: None if _timing(p).invalid else _timing(p).throughput.get("queries_per_s")),
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
                help=f"the share of 10,000 resamples of the {unit} in which it has the highest {primary}",
            ),
            lambda p: p.best_probability,
        ),
    ]
    rows = [tuple(read(p) for _, read in columns) for p in given]
    return table_of("pipelines", "", [column for column, _ in columns], rows)


def comparisons(view: ReportView) -> DataTable:
    """The comparisons declared in advance, or else of each pipeline with the first, every measure."""
    what = "Comparisons declared in advance" if view.declared else "Each pipeline against the first"
    caption = f"{what}, corrected over every pair and measure (max-t)"
    return paired_rows("comparisons", caption, view.comparisons)


def pairs(view: ReportView) -> DataTable:
    """Every pair of pipelines by the primary measure."""
    caption = f"All pairs by {view.primary}, corrected over every pair and measure (max-t)"
    return paired_rows("pairs", caption, view.all_pairs)


def depth_sweep(view: ReportView) -> DataTable:
    """Quality, latency, the perfect reranker's ceiling and the loss split, for every depth."""
    columns = [
        Column("family", "sweep", "name"),
        Column("pipeline", "pipeline", "name"),
        Column("depth", "depth", "count"),
        Column("quality", view.primary, "number", registry.better(view.primary)),
        Column("p95_ms", "p95 (ms)", "ms", "lower"),
        Column(
            "ceiling",
            "perfect reranker",
            "number",
            help="what the best order of the same results would reach",
        ),
        Column(
            "missed",
            "missed by the first stage",
            "number",
            help="what relevant documents cost that the first stage did not hand on",
        ),
        Column(
            "misordered",
            "misordered by the reranker",
            "number",
            help="what the reranker’s order of the documents handed on costs; with what was missed it is the distance "
            "to the best ranking of all judged documents",
        ),
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
    return table_of("depth_sweep", "Depth sweep", columns, rows)


def recall(view: ReportView) -> DataTable:
    """Recall at k, of every pipeline and first stage."""
    curves = view.recall
    if curves is None:
        return DataTable("recall", "", (), ())
    columns = [Column("pipeline", "pipeline", "name")]
    columns += [Column(f"recall@{k}", f"@{k}", "number", "higher") for k in curves.depths]
    rows = [(curve.pipeline, *curve.values) for curve in curves.curves]
    caption = f"Recall at k (relevant: grade {curves.level} or above)"
    notes = (
        ("Beyond what a pipeline returns there is no figure.",) if any(None in row for row in rows) else ()
    )
    return table_of("recall", caption, columns, rows, notes)


def references(view: ReportView) -> DataTable:
    """Published figures beside measured ones."""
    return reference_rows(view.references)


def reference_rows(given: Sequence[Reference]) -> DataTable:
    """Published figures, each with what the same system reached."""
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
        for r in given
    ]
    return table_of("references", "Published figures beside measured ones", columns, rows)


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
    return table_of("queries", f"{view.primary} of every query", columns, rows)


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
    return table_of("worst_pairs", "Pairs placed farthest from gold", columns, rows)


def manifest(view: ReportView) -> DataTable:
    """What was run, on what."""
    columns = [Column("part", "part"), Column("key", "key"), Column("value", "value")]
    rows = [(part.title, key, value or None) for part in view.manifest for key, value in part.rows]
    return table_of("manifest", "Manifest", columns, rows)


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


def paired_rows(key: str, caption: str, rows: Sequence[Paired]) -> DataTable:
    """Paired comparisons."""
    columns = [
        Column("measure", "measure"),
        Column("first", "pipeline", "name"),
        Column("second", "against", "name"),
        Column("first_value", "value", "number"),
        Column("second_value", "its value", "number"),
        Column("delta", "difference", "signed"),
        Column("p", "p", "p"),
        Column(
            "p_family",
            "p (family)",
            "p",
            help="p corrected for every pair and measure that could be compared (max-t), as the intervals are; two "
            "pipelines are told apart where it is at most 0.05",
        ),
        Column(
            "effect_size",
            "d_z",
            "effect",
            help="the mean difference over the standard deviation of the queries’ differences (Hedges’ correction): "
            "whatever the unit, 0.2 is small, 0.5 is medium and 0.8 is large",
        ),
        Column("wins", "wins", "count", help=_COUNTED),
        Column("ties", "ties", "count", help=_COUNTED),
        Column("losses", "losses", "count", help=_COUNTED),
        Column(
            "detectable",
            "detectable",
            "number",
            help="the smallest true difference that so many would show in 4 of 5 cases; smaller ones may stay unseen",
        ),
        Column("verdict", "verdict"),
    ]
    made = []
    for r in rows:
        delta = _estimate(r.delta, r.interval, r.n)
        counts = (r.wins, r.ties, r.losses)
        values = (r.measure, r.first, r.second, r.first_value, r.second_value)
        made.append((*values, delta, r.p_value, r.p_adjusted, r.effect_size, *counts, r.detectable, r.words))
    return table_of(key, caption, columns, made)


def _summary_notes(view: ReportView) -> tuple[str, ...]:
    notes = []
    estimates = [figure for p in view.pipelines for figure in p.measures.values()]
    if any(figure.has_interval for figure in estimates):
        speed = "; those of speed are over calls and repeats" if any(p.timing for p in view.pipelines) else ""
        notes.append(f"In brackets: 95 % interval over {view.unit}{speed}.")
    if any(figure.mark == "†" for figure in estimates):
        notes.append("† the measure looks deeper than the results reach; computed on what is there.")
    apart = {row.measure: row.note for row in reversed((*view.comparisons, *view.all_pairs)) if row.note}
    notes += [f"Not all figures of {m} compare: {apart[m]}." for m in view.measures if m in apart]
    if any(p.groups for p in view.pipelines):
        notes.append(f"Pipelines that share a letter cannot be told apart by {view.primary}.")
    if not any(p.timing for p in view.pipelines):
        notes.append("Speed was not measured.")
    return (*notes, *view.notes, *(f"Warning: {text}" for text in view.warnings))


def _estimate(value: float | None, interval: Interval | None, n: int) -> Estimate:
    if interval is None:
        return Estimate(value, n=n)
    return Estimate(value, interval.low, interval.high, n)


def _latency(pipeline: PipelineView, key: str) -> Value:
    """A latency; in place of the first, the word where nothing of the timing can be believed."""
    timing = _timing(pipeline)
    if timing.invalid:
        return "invalid" if key == "p50" else None
    return timing.latency.get(key)


def _timing(pipeline: PipelineView) -> TimingView:
    return pipeline.timing if pipeline.timing is not None else TimingView()
