"""All pairs: told apart or not."""

from __future__ import annotations

from dataclasses import replace

from harness.report.blocks.base import FigurePart, Folded, Part, Section, filled
from harness.report.blocks.comparison import without
from harness.report.model import ReportView
from harness.report.table import DataTable
from harness.report.tables import comparisons, pairs


def section(view: ReportView) -> Section | None:
    """The comparisons declared in advance (else each with the first), and every pair by the primary measure."""
    if not view.all_pairs:
        return None
    same = [row for row in view.all_pairs if row.verdict == "cannot be told apart"]
    n = len(view.all_pairs)
    if n == 1:
        (row,) = view.all_pairs
        lead = f"By {view.primary}, {row.first} and {row.second} {'cannot' if same else 'can'} be told apart."
    elif same:
        names = "; ".join(f"{row.first} – {row.second}" for row in same[:8])
        more = f"; and {len(same) - 8} more" if len(same) > 8 else ""
        lead = f"By {view.primary}, {len(same)} of {n} pairs cannot be told apart: {names}{more}."
    else:
        lead = f"By {view.primary}, all {n} pairs can be told apart."
    parts: list[Part] = [*_declared(view)]
    if n > 1:
        caption = f"Every pair by {view.primary}, the row’s pipeline against the column’s."
        parts.append(FigurePart("pairs_matrix", caption, lead))
        parts.append(Folded(f"All {n} pairs in figures", tuple(map(unexplained, filled(pairs(view))))))
    return Section("pairs", "Told apart or not", (lead,), tuple(parts))


def _declared(view: ReportView) -> tuple[Part, ...]:
    """The declared comparisons: the primary measure in sight, the others folded."""
    (table,) = filled(comparisons(view)) or (None,)
    if table is None or table.columns[0].key != "measure":
        return () if table is None else (table,)
    first = tuple(row[1:] for row in table.rows if row[0] == view.primary)
    others = tuple(row for row in table.rows if row[0] != view.primary)
    shown: list[Part] = []
    if first:
        what = "Declared in advance" if view.declared else "Each against the first"
        caption = f"{what}: by {view.primary}, corrected over every pair and measure (max-t)"
        own = replace(table, caption=caption, columns=table.columns[1:], rows=first)
        # The values stand in the table of all pipelines, and p in that of all pairs; without them this one fits.
        shown.append(without(own, frozenset({"first_value", "second_value", "p"})))
    if others:
        rest = unexplained(replace(table, key=f"{table.key}-others", rows=others))
        shown.append(Folded("The same by the other measures", (rest,)))
    return tuple(shown)


def unexplained(table: DataTable) -> DataTable:
    """The same table without the words on its columns, where another one beside it has them."""
    return replace(table, columns=tuple(replace(column, help="") for column in table.columns))
