"""What ``power`` prints: the queries that margins need, what numbers of queries show, and blocks of a speed ratio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.power import PairPower, Power, spread
from harness.report.table import MISSING, Column, DataTable, table_of

#: Of more pairs than these the smallest, the middle and the largest deviation are shown; JSON has all.
MOST = 6


def power(found: Power) -> Iterator[DataTable | str]:
    """Two tables a measure, then sentences."""
    asked = found.asked
    yield found.title
    for measure, rows in groupby(found.pairs, key=lambda pair: pair.measure):
        shown = spread(list(rows), MOST)
        yield _needed(measure, shown)
        yield ""
        yield _detectable(measure, shown)
        yield ""
    yield (
        f"Each is shown with probability {asked.power:g} by a one-sided test at {asked.alpha:g}, as a gate's; where a "
        "gate makes k checks, expect about what alpha / k gives."
    )
    yield (
        "The deviations are those of these pipelines: a small change to one pipeline usually differs less from it, and "
        "needs fewer queries."
    )
    if found.speed is not None:
        speed = found.speed
        blocks = "no number of blocks" if speed.blocks is None else f"{speed.blocks} blocks"
        yield (
            f"Speed: {blocks} pass what is no slower than {speed.slowdown:g} allows and fail what is slower by twice "
            f"that, each with probability {asked.power:g} (deviation between {speed.n} blocks of {speed.pipeline}: "
            f"{speed.sd:.2%})."
        )


def _needed(measure: str, rows: Sequence[PairPower]) -> DataTable:
    margins = list(rows[0].needed)
    columns = [*_who(measure), *(Column(f"margin_{m:g}", f"for {m:g}", "figures") for m in margins)]
    values = [(*_names(row), *(_count(row, m) for m in margins)) for row in rows]
    return table_of("power_needed", "", columns, values, ("queries needed to show a difference of so much",))


def _detectable(measure: str, rows: Sequence[PairPower]) -> DataTable:
    counts = list(rows[0].detectable)
    columns = [*_who(measure), *(Column(f"n_{n}", f"{n:,}", "figures") for n in counts)]
    values = [
        (*_names(row), *(f"{row.detectable[n]:.4f}" if row.sd else MISSING for n in counts)) for row in rows
    ]
    note = f"the smallest difference that so many queries show; {rows[0].n:,} are at hand"
    return table_of("power_detectable", "", columns, values, (note,))


def _who(measure: str) -> list[Column]:
    return [
        Column("first", measure, "name"),
        Column("second", "", "name"),
        Column("sd", "deviation", "figures"),
    ]


def _names(row: PairPower) -> tuple[str, str, str]:
    return row.first, row.second, f"{row.sd:.4f}"


def _count(row: PairPower, margin: float) -> str:
    needed = row.needed[margin]
    if needed is None:
        return "over 10⁹" if row.sd else MISSING
    return f"{needed:,}"
