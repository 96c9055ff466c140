"""The comparison table."""

from __future__ import annotations

from dataclasses import replace

from harness.report.blocks.base import Folded, Part, Prose, Section
from harness.report.model import ReportView
from harness.report.table import DataTable, sort_value
from harness.report.tables import pipelines

#: Columns that the section on latency shows, and this one would be too wide with.
_ELSEWHERE = frozenset({"p99_ms"})


def section(view: ReportView) -> Section | None:
    """Every pipeline with its figures, best first."""
    table = pipelines(view)
    if not table.rows:
        return None
    # Warnings stand by themselves, in sight.
    warned = {f"Warning: {text}" for text in view.warnings}
    kept = tuple(note for note in table.notes if note not in warned)
    shown = without(replace(table, notes=kept), _ELSEWHERE)
    parts: list[Part] = [best_first(shown, view.primary)]
    if view.warnings:
        parts.append(Prose(tuple(f"{text.rstrip('.')}." for text in view.warnings), "warning"))
    if view.reasons:
        parts.append(Folded("How the choice was made", (Prose((*view.reasons, *view.arithmetic)),)))
    return Section("comparison", "All pipelines", (), tuple(parts))


def without(table: DataTable, keys: frozenset[str]) -> DataTable:
    """The same table without some of its columns."""
    kept = [i for i, column in enumerate(table.columns) if column.key not in keys]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def best_first(table: DataTable, key: str) -> DataTable:
    """The same table with its rows by one column, highest first; missing figures last."""
    place = next((i for i, column in enumerate(table.columns) if column.key == key), None)
    if place is None:
        return table

    def height(row: int) -> float:
        value = sort_value(table.rows[row][place])
        return value if isinstance(value, float) else float("-inf")

    order = sorted(range(len(table.rows)), key=height, reverse=True)
    marked = None if table.marked is None else order.index(table.marked)
    return replace(table, rows=tuple(table.rows[i] for i in order), marked=marked)
