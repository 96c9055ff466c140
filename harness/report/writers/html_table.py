"""A table as the page's template takes it: rounded text, what to sort by, and small interval plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.report.blocks.base import joined
from harness.report.table import Column, DataTable, Estimate, Value, interval_text, main_text, sort_value

#: Table -> the column that gets interval plots: what one decides by.
_PLOTTED = {"comparisons": "delta", "pairs": "delta"}
#: Columns that stand under the one before them, in small.
_UNDER = {"what"}
_PLOT = Column("drawn", "drawn")
_WIDTH, _MARGIN = 110.0, 4.0
#: So many columns are named where they are explained.
_NAMED = 5
#: A name up to this long is kept on one line.
_SHORT = 26


def table_context(table: DataTable) -> dict[str, Any]:
    """Return what the template needs of a table."""
    shown = [i for i, column in enumerate(table.columns) if column.key not in _UNDER]
    under = next((i for i, column in enumerate(table.columns) if column.key in _UNDER), None)
    plotted = _plotted(table)
    best = {i: table.best(i) for i in shown}
    scale = (
        _scale([row[plotted] for row in table.rows], signed=table.columns[plotted].kind == "signed")
        if plotted is not None
        else None
    )
    rows = []
    for r, row in enumerate(table.rows):
        cells = [_cell(table.columns[i], row[i], r in best[i]) for i in shown]
        if plotted is not None and scale is not None:
            drawn = {**_cell(_PLOT, None, best=False), "text": "", "plot": _plot(row[plotted], *scale)}
            cells.insert(shown.index(plotted) + 1, drawn)
        if under is not None:
            cells[0]["note"] = main_text(row[under], "text")
        if r == table.marked:
            cells[0]["tag"] = "recommended"
        rows.append({"cells": cells, "marked": r == table.marked})
    sorted_by = _sorted_by(table, shown)
    header: list[dict[str, Any]] = [
        {
            "title": table.columns[i].title,
            "numeric": table.columns[i].numeric,
            "help": table.columns[i].help,
            "sorted": "descending" if i == sorted_by else "",
            "plot": False,
        }
        for i in shown
    ]
    if plotted is not None and scale is not None:
        ends = f"{main_text(scale[0], 'number')} to {main_text(scale[1], 'number')}"
        drawn_header = {
            "title": f"{table.columns[plotted].title}, drawn from {ends}",
            "numeric": False,
            "help": "",
            "sorted": "",
            "plot": True,
        }
        header.insert(shown.index(plotted) + 1, drawn_header)
    return {
        "is": "table",
        "id": f"table-{table.key}",
        "caption": table.caption,
        "sortable": len(table.rows) > 1,
        "header": header,
        "rows": rows,
        "notes": table.notes,
        "terms": table.terms,
        "terms_summary": _summary([title for title, _ in table.terms]),
    }


def _summary(titles: Sequence[str]) -> str:
    """What the explanation of the columns is called: by name where they are few."""
    if len(titles) > _NAMED:
        return "What the columns mean"
    return f"What {joined(titles)} mean{'' if len(titles) > 1 or ',' in titles[0] else 's'}" if titles else ""


def _cell(column: Column, value: Value, best: bool) -> dict[str, Any]:
    key = sort_value(value)
    return {
        "text": main_text(value, column.kind),
        "interval": interval_text(value, column.kind),
        "note": "",
        "tag": "",
        "sort": "" if key is None else key if isinstance(key, str) else f"{key:.12g}",
        "numeric": column.numeric,
        "kind": _class(column, value),
        "best": best,
        "plot": None,
    }


def _class(column: Column, value: Value) -> str:
    if column is _PLOT:
        return "drawn"
    if column.numeric:
        return "num"
    if column.key == "group":
        return "middle"
    return "name" if isinstance(value, str) and len(value) <= _SHORT else "words"


def _plotted(table: DataTable) -> int | None:
    """The column to plot: as named, or the first measure of the table of pipelines."""
    if table.key == "pipelines":
        candidates = [
            i for i, c in enumerate(table.columns) if any(isinstance(r[i], Estimate) for r in table.rows)
        ]
        return candidates[0] if candidates else None
    wanted = _PLOTTED.get(table.key)
    return next((i for i, column in enumerate(table.columns) if column.key == wanted), None)


def _sorted_by(table: DataTable, shown: Sequence[int]) -> int | None:
    """The column of figures by which the rows already stand, highest first."""
    if table.key != "pipelines" or len(table.rows) < 2:
        return None
    for i in shown:
        keys = [sort_value(row[i]) for row in table.rows]
        figures = [key for key in keys if isinstance(key, float)]
        if (
            len(figures) == len(keys)
            and figures == sorted(figures, reverse=True)
            and table.columns[i].numeric
        ):
            return i
    return None


def _scale(values: Sequence[Value], *, signed: bool) -> tuple[float, float, bool] | None:
    ends = [
        end
        for value in values
        if isinstance(value, Estimate) and value.value is not None
        for end in (value.value, value.low, value.high)
        if end is not None
    ]
    if not ends or not any(isinstance(value, Estimate) and value.has_interval for value in values):
        return None
    low, high = min(ends), max(ends)
    if signed:
        low, high = min(low, 0.0), max(high, 0.0)
    return (low, high, signed) if high > low else None


def _plot(value: Value, low: float, high: float, signed: bool) -> dict[str, float | None] | None:
    if not isinstance(value, Estimate) or value.value is None:
        return None

    def place(x: float) -> float:
        return round(_MARGIN + (_WIDTH - 2 * _MARGIN) * (x - low) / (high - low), 1)

    ends = (
        (value.low, value.high)
        if value.low is not None and value.high is not None
        else (value.value, value.value)
    )
    return {
        "value": place(value.value),
        "low": place(ends[0]),
        "high": place(ends[1]),
        "zero": place(0.0) if signed else None,
    }
