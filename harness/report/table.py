"""Tables of a report as data: columns that say what they hold, rows of plain values. Every writer takes these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.report.model import Estimate
from harness.selection.needs import size_text

#: What a column holds: how it is aligned, sorted and written.
Kind = Literal[
    "text",
    "name",
    "number",
    "signed",
    "share",
    "count",
    "ms",
    "seconds",
    "rate",
    "ratio",
    "bytes",
    "p",
    "money",
]
Value = str | int | float | Estimate | None

MISSING = "–"


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
        case "share":
            text = f"{value:.0%}"
        case "count":
            text = f"{value:,.0f}"
        case "p":
            text = "< 0.001" if value < 0.001 else f"{value:.3f}"
        case "bytes":
            text = size_text(value)
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
    if abs(value) < 5e-7:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"
