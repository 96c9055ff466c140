"""What ``run`` and ``score`` print: the table everybody looks at first, and published figures beside it."""

from __future__ import annotations

from dataclasses import replace

from harness.report import speed
from harness.report.table import DataTable, Estimate, Value, picked
from harness.report.tables import pipeline_rows, reference_rows
from harness.report.view.pipelines import pipelines_of
from harness.report.view.references import references_of
from harness.results.bundle import Bundle
from harness.units import size_text, span_text

#: Columns that speed takes here; of the latter two the interval is in the report.
_SPEED = {"p50_ms": "p50 ms", "p95_ms": "p95 ms", "queries_per_s": "queries/s"}
_BARE = ("p95_ms", "queries_per_s")


def summary_tables(bundle: Bundle) -> tuple[DataTable, ...]:
    """The summary, and where the suite names published figures, these."""
    summary = summary_table(bundle)
    published = reference_rows(references_of(bundle, pipelines_of(bundle, samples=False)))
    return (summary, published) if published.rows else (summary,)


def summary_table(bundle: Bundle) -> DataTable:
    """Pipelines by measures, with intervals and counts; fewer columns than the report has."""
    pipelines = pipelines_of(bundle, samples=False)
    whole = pipeline_rows(pipelines, bundle.measures, bundle.primary, bundle.items.many)
    judged = sorted({key for one in pipelines for key in one.judged})
    shown = dict.fromkeys(("pipeline", "what", *bundle.measures, *judged), "") | _SPEED
    table = picked(whole, shown)
    bare = {i for i, column in enumerate(table.columns) if column.key in _BARE}
    return replace(
        table,
        key="summary",
        caption=f"{bundle.result.suite.title}: {bundle.items.described(bundle.result.counts)}",
        rows=tuple(tuple(_bare(v) if i in bare else v for i, v in enumerate(row)) for row in table.rows),
        notes=_notes(bundle, table),
    )


def _bare(value: Value) -> Value:
    return value.bare if isinstance(value, Estimate) else value


def _notes(bundle: Bundle, table: DataTable) -> tuple[str, ...]:
    estimates = [value for row in table.rows for value in row if isinstance(value, Estimate)]
    notes = []
    if any(one.has_interval for one in estimates):
        over = bundle.items.many + (" and repeats" if _repeated(bundle) else "")
        notes.append(f"In brackets: 95 % interval over {over}.")
    if any(one.mark for one in estimates):
        notes.append(
            "† the measure looks deeper than the pipeline's results reach; computed on what is there."
        )
    if any(part.timing for part in bundle.pipelines.values()):
        notes += speed.notes(bundle)
    notes += _missed(bundle)
    notes += [f"Note: {text}." for text in bundle.result.notes]
    notes += [f"Warning: {text}." for text in bundle.result.warnings]
    return tuple(notes)


def _repeated(bundle: Bundle) -> bool:
    figures = (figure for part in bundle.pipelines.values() for figure in part.measures.values())
    return any(figure.repeats for figure in figures)


def _missed(bundle: Bundle) -> list[str]:
    """For each pipeline that searches through an index: what that holds, and how much of the exact results it finds."""
    notes = []
    for name, part in bundle.pipelines.items():
        index = part.index
        if index is not None and index.count is not None:
            each = f"{index.per_document:.4g} a document, {index.per_query:.4g} a query"
            notes.append(
                f"{name}: searched are {index.count:,} {index.kind}, {size_text(index.index_bytes)}; {each}."
            )
        if index is None or not index.overlap:
            continue
        measure, figure = next(iter(index.overlap.items()))
        depth, interval = measure.partition("@")[2], figure.interval
        between = f" [{interval.low:.2%}, {interval.high:.2%}]" if interval else ""
        built = f"{size_text(index.index_bytes)}, built in {span_text(index.build_s)} by one thread"
        notes.append(
            f"{name}: its index ({index.kind}, {built}) finds {figure.value:.2%}{between} of the exact first {depth}."
        )
    return notes
