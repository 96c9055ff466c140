"""The tables of a report that are about speed, made from the view model."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.report.model import LoadPoint, PipelineView, ReportView, TimingView
from harness.report.table import Column, DataTable, Kind, table_of
from harness.stages import in_passing_order

_PERCENTILES = ("mean", "p50", "p90", "p95", "p99")


def latency(view: ReportView) -> DataTable:
    """Closed-loop latency, cold starts, and whether they can be believed."""
    columns = [Column("pipeline", "pipeline", "name")]
    columns += [Column(f"{key}_ms", f"{key} (ms)", "ms", "lower") for key in _PERCENTILES]
    columns += [
        Column("cold_start_ms", "cold start (ms)", "ms", "lower"),
        Column("first_query_ms", "first query (ms)", "ms", "lower"),
        Column("samples", "samples", "count"),
        Column(
            "autocorrelation",
            "lag-1 autocorrelation",
            "signed",
            help="how much one query’s latency says of the next one’s: 0 nothing, 1 all; where it is high, the exact "
            "intervals, which take queries to be independent, are too narrow",
        ),
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
    return table_of("latency", "Latency of one query at a time", columns, rows)


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
    dropped = any(x.dropped for _, timing in _timed(view) for x in timing.load)
    late = "; a dropped query counts as infinitely late" if dropped else ""
    notes = [f"Counted from the scheduled arrival{late}."]
    if any(
        x.valid and None in (x.p50.value, x.p90.value, x.p99.value) for _, t in _timed(view) for x in t.load
    ):
        notes.append(
            "Left empty is what has no interval: queries that wait for each other say little of each other’s share, "
            "and the closer to the capacity, the more it takes, by 1 / (1 − load)²."
        )
    return table_of("load", "Latency against load", columns, rows, tuple(notes))


def stages(view: ReportView) -> DataTable:
    """Where the time goes: a column a stage."""
    known = in_passing_order(stage for _, timing in _timed(view) for stage in timing.stages)
    columns = [Column("pipeline", "pipeline", "name")]
    columns += [Column(f"{stage}_ms", f"{stage} (ms)", "ms") for stage in known]
    columns.append(Column("sum_ratio", "sum / whole", "share"))
    rows = [
        (p.name, *(timing.stages.get(stage) for stage in known), timing.sum_ratio)
        for p, timing in _timed(view)
        if timing.stages
    ]
    return table_of("stages", "Where the time goes, mean of a query", columns, rows)


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
    said = "Hodges-Lehmann estimate over blocks"
    if any(r.latency.has_interval for r in view.ratios):
        said += (
            ", with its signed-rank interval over blocks, or from three sets of processes on the wider of that and "
            "Student’s over the sets"
        )
    elif view.ratios:
        said += "; an interval needs six"
    notes = (f"{said}.",)
    return table_of("speed", "Speed of one pipeline against another, block by block", columns, rows, notes)


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
    return table_of("resources", "Throughput, memory, index and work", columns, rows if places else [])


def _invalid(point: LoadPoint) -> str | None:
    return None if point.valid else point.reason or "not valid"


def _timed(view: ReportView) -> list[tuple[PipelineView, TimingView]]:
    return [(p, p.timing) for p in view.pipelines if p.timing is not None]
