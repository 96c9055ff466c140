"""JSON of a table, unrounded. NaN is null, and infinity (a dropped query's latency) the text "Infinity"."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from harness.report.table import DataTable, Estimate, Value
from harness.text import json_text


def content(table: DataTable) -> dict[str, Any]:
    """A table as JSON can hold it: key, caption, columns, rows in the columns' order, notes, marked row."""
    return {
        "key": table.key,
        "caption": table.caption,
        "columns": [asdict(column) for column in table.columns],
        "rows": [[_value(value) for value in row] for row in table.rows],
        "notes": list(table.notes),
        "marked": table.marked,
    }


def document(table: DataTable) -> str:
    """The same as text."""
    return json_text(content(table), allow_nan=False) + "\n"


def _value(value: Value) -> Any:
    if isinstance(value, Estimate):
        return {key: _value(part) for key, part in asdict(value).items() if part is not None and part != ""}
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
