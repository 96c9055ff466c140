"""What ``parity`` prints: a table of what was asked, and why answers differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.report.table import MISSING, Column, DataTable, table_of


def parity(found: Any) -> Iterator[DataTable | str]:
    """Yield the verdict, a table, and sentences. ``found``: a ``harness.parity.Parity``."""
    words = {"same": "the same", "differ": "they differ", "inconclusive": "it cannot be told"}
    yield f"parity of {found.first} and {found.second}: {words[found.verdict]}"
    if found.groups:
        yield _table(found)
    for cause in found.causes:
        about = f" ({', '.join(cause.groups)})" if cause.groups else ""
        left = "" if cause.left is None else f"; with that, {cause.left:.2g} is left" if cause.shown else ""
        yield f"{'Cause' if cause.shown else 'Likely'}: {cause.name}. {cause.what}{left}{about}."
    yield from (f"Note: {note}." for note in found.notes)


def _table(found: Any) -> DataTable:
    columns = [
        Column("what", "asked", "text"),
        Column("n", "n", "count"),
        Column("differ", "differ", "count"),
        Column("median", "median", "figures"),
        Column("largest", "largest", "figures"),
        Column("cosine_mean", "cosine", "figures"),
        Column("cosine_min", "least", "figures"),
    ]
    rows = [
        (
            one.what,
            one.n,
            one.differ,
            _share(one.median),
            _share(one.largest),
            MISSING if one.cosine_mean is None else f"{one.cosine_mean:.6f}",
            MISSING if one.cosine_min is None else f"{one.cosine_min:.6f}",
        )
        for one in found.groups
    ]
    note = (
        f"median and largest: distances as shares of an answer's size; up to {found.tolerance:g} is the same. "
        f"{found.second} itself moves by {found.noise:.2g} with the order of a request"
    )
    return table_of("parity", "", columns, rows, (note,))


def _share(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2g}"
