"""Tables of a report as data: columns that say what they hold, rows of plain values. Every writer takes these."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from harness.results.schema import Figure, Measured
from harness.units import size_text, span_text

_T = TypeVar("_T")
#: What a column holds: how it is aligned, sorted and written.
Kind = Literal[
    "text",
    "name",
    "number",
    "signed",
    "effect",
    "points",
    "deviation",
    "figures",
    "share",
    "count",
    "ms",
    "seconds",
    "span",
    "rate",
    "ratio",
    "bytes",
    "p",
    "money",
]
MISSING = "–"


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval and count; each None where the bundle has none.

    ``mark`` is a footnote's sign, such as † for a measure that looks deeper than the results reach.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    mark: str = ""

    @classmethod
    def of(cls, figure: Figure | Measured, mark: str = "") -> Estimate:
        """Return a figure of a bundle."""
        interval = figure.interval
        low, high = (None, None) if interval is None else (interval.low, interval.high)
        return cls(figure.value, low, high, figure.n, mark)

    @property
    def has_interval(self) -> bool:
        """Whether both limits are known."""
        return self.low is not None and self.high is not None

    @property
    def bare(self) -> Estimate:
        """The same without its interval."""
        return Estimate(self.value, n=self.n, mark=self.mark)


Value = str | int | float | Estimate | None


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: stable name, for CSV and JSON.
        title: for people.
        kind: how its values are written.
        better: whether ``higher`` or ``lower`` is better; None: neither.
        help: a sentence on what it is, or empty.
    """

    key: str
    title: str
    kind: Kind = "text"
    better: Literal["higher", "lower"] | None = None
    help: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its values are figures."""
        return self.kind not in ("text", "name")


@dataclass(frozen=True)
class DataTable:
    """A table: a key (stable, fit for a file name), a caption, columns, rows, footnotes.

    ``marked``: the row to point out (the recommended pipeline), or None.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    marked: int | None = None

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """The columns that need a word, and what they are; those with the same words together."""
        said: dict[str, list[str]] = {}
        for column in self.columns:
            if column.help:
                said.setdefault(column.help, []).append(column.title)
        return tuple((", ".join(titles), help_) for help_, titles in said.items())

    def best(self, column: int) -> frozenset[int]:
        """Rows that hold the best value of a column; empty where neither direction is better, or with one row."""
        better = self.columns[column].better
        values = {i: sort_value(row[column]) for i, row in enumerate(self.rows)}
        known = {i: v for i, v in values.items() if isinstance(v, float)}
        if better is None or len(self.rows) < 2 or not known:
            return frozenset()
        best = max(known.values()) if better == "higher" else min(known.values())
        # Sums of the same terms in another order differ in their last bits.
        return frozenset(i for i, v in known.items() if math.isclose(v, best, rel_tol=1e-9))

    def place(self, key: str) -> int:
        """Where the column of a key stands. Raises KeyError."""
        for i, column in enumerate(self.columns):
            if column.key == key:
                return i
        raise KeyError(key)


def picked(table: DataTable, titles: Mapping[str, str]) -> DataTable:
    """Those columns of a table that are named and there, in this order; an empty title keeps the column's own."""
    places = [i for key in titles for i, column in enumerate(table.columns) if column.key == key]
    columns = (
        replace(table.columns[i], title=titles[table.columns[i].key] or table.columns[i].title)
        for i in places
    )
    return replace(
        table,
        columns=tuple(columns),
        rows=tuple(tuple(row[i] for i in places) for row in table.rows),
    )


def merged(table: DataTable, keys: Sequence[str], column: Column, separator: str) -> DataTable:
    """Columns that stand side by side as one of text, in place of the first; as it is where one of them is missing."""
    there = {column.key for column in table.columns}
    if not there.issuperset(keys):
        return table
    places = [table.place(key) for key in keys]

    def cell(row: tuple[Value, ...]) -> str:
        return separator.join(main_text(row[i], table.columns[i].kind) for i in places)

    def taken(given: Sequence[_T], made: _T) -> tuple[_T, ...]:
        return tuple(made if i == places[0] else one for i, one in enumerate(given) if i not in places[1:])

    return replace(
        table,
        columns=taken(table.columns, column),
        rows=tuple(taken(row, cell(row)) for row in table.rows),
    )


def named(table: DataTable) -> list[dict[str, Value]]:
    """Every row as its values by the columns' keys."""
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows]


def table_of(
    key: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Value, ...]],
    notes: tuple[str, ...] = (),
) -> DataTable:
    """Make a table of those columns for which any row has a value; without rows it needs no notes."""
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


def sort_value(value: Value) -> float | str | None:
    """What a cell sorts by: a figure, or text; None last."""
    if isinstance(value, Estimate):
        value = value.value
    if isinstance(value, str) or value is None:
        return value
    return float(value) if math.isfinite(value) else None


def main_text(value: Value, kind: Kind) -> str:
    """A cell for people, rounded, without its interval."""
    if isinstance(value, Estimate):
        return main_text(value.value, kind) + (value.mark if value.value is not None else "")
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if isinstance(value, str):
        return value
    return _written(float(value), kind)


def interval_text(value: Value, kind: Kind) -> str:
    """A cell's interval in brackets, or an empty text."""
    if not isinstance(value, Estimate) or value.low is None or value.high is None or value.value is None:
        return ""
    if kind in ("number", "signed"):
        form = "+z.3f" if kind == "signed" else "z.3f"
        return f"[{value.low:{form}}, {value.high:{form}}]".replace("-", "−")
    return f"[{_written(value.low, kind)}, {_written(value.high, kind)}]"


def _written(value: float, kind: Kind) -> str:
    match kind:
        case "ratio":
            text = f"{value:.3f}"
        case "number":
            text = f"{value:z.4f}"
        case "signed":
            text = f"{value:+z.4f}"
        case "effect":
            text = f"{value:+z.2f}"
        case "points":
            text = f"{value:.2f}"
        case "deviation":
            text = f"{value:+z.1%}"
        case "share":
            text = f"{value:.0%}"
        case "count":
            text = f"{value:,.0f}"
        case "p":
            text = "< 0.001" if value < 0.001 else f"{value:.3f}"
        case "bytes":
            text = size_text(value)
        case "span":
            text = span_text(value)
        case "ms" | "seconds" | "rate" | "money":
            text = significant(value)
        case _:
            text = f"{value:g}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """A share in a sentence, such as 85 %."""
    return f"{100 * share:.0f} %"


def significant(value: float) -> str:
    """Three significant digits without an exponent: 0.0123, 1.23, 12.3, 1,234."""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) < 5e-7:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"
