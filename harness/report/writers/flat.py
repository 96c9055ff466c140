"""Tables as flat records: one plain value a field, an estimate as value, limits, count and mark."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.report.table import Column, DataTable, Estimate, Value

Scalar = str | int | float | None

#: What an estimate becomes beside its value: suffix of the field -> attribute.
PARTS = {"_low": "low", "_high": "high", "_n": "n", "_mark": "mark"}


def fields(table: DataTable) -> tuple[tuple[str, bool], ...]:
    """Every field with whether it is a figure, in order; names are unique."""
    found: list[tuple[str, bool]] = []
    for place, column in enumerate(table.columns):
        found.append((column.key, column.numeric))
        found += [(column.key + suffix, suffix != "_mark") for suffix in _parts(table, place)]
    names: set[str] = set()
    unique = []
    for name, numeric in found:
        fresh, count = name, 2
        while fresh in names:  # a pipeline may be named as a column is
            fresh, count = f"{name}_{count}", count + 1
        names.add(fresh)
        unique.append((fresh, numeric))
    return tuple(unique)


def records(table: DataTable) -> list[tuple[Scalar, ...]]:
    """Every row's values, one a field. NaN and empty text are None."""
    parts = [_parts(table, place) for place in range(len(table.columns))]
    return [_record(row, table.columns, parts) for row in table.rows]


def _record(
    row: Sequence[Value], columns: Sequence[Column], parts: Sequence[Sequence[str]]
) -> tuple[Scalar, ...]:
    values: list[Scalar] = []
    for value, _, suffixes in zip(row, columns, parts, strict=True):
        estimate = value if isinstance(value, Estimate) else None
        values.append(known(estimate.value if estimate is not None else value))  # type: ignore[arg-type]
        values += [None if estimate is None else known(getattr(estimate, PARTS[s])) for s in suffixes]
    return tuple(values)


def known(value: Scalar) -> Scalar:
    """The value, or None for NaN and for an empty text."""
    if value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def _parts(table: DataTable, place: int) -> tuple[str, ...]:
    """Suffixes of which any row of a column knows the part."""
    estimates = [row[place] for row in table.rows]
    return tuple(
        suffix
        for suffix, attribute in PARTS.items()
        if any(isinstance(e, Estimate) and known(getattr(e, attribute)) is not None for e in estimates)
    )
