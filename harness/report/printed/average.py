"""What ``average`` prints: a row a pipeline, with its interval and its difference to the first."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.average import MacroAverage
from harness.errors import counted
from harness.report.table import Column, DataTable, Estimate, table_of
from harness.stats.interval import Interval


def average(found: MacroAverage) -> Iterator[DataTable | str]:
    """A table, then sentences."""
    n_sets, n = len(found.sizes), sum(found.sizes.values())
    columns = [
        Column("pipeline", "pipeline", "name"),
        Column("mean", f"mean {found.measure}", "number", "higher"),
        Column("difference", "to the first", "signed"),
        *(Column(suite, suite, "number", "higher") for suite in found.sizes),
    ]
    rows = []
    for one in found.averages:
        apart = None
        if one.difference is not None:
            apart = _estimate(one.difference, one.paired, n)
        own = [one.by_set[suite] for suite in found.sizes]
        rows.append((one.pipeline, _estimate(one.value, one.interval, n), apart, *own))
    yield f"{found.name or 'macro average'}: {counted(n_sets, 'set')}, {counted(n, 'item')}"
    yield table_of("average", "", columns, rows)
    yield ""
    alike = len(set(found.weights.values())) == 1
    yield (
        f"Each set counts {'alike' if alike else 'by its weight (a group inside a group counts as one)'}, whatever its "
        "size. In brackets: 95 % by the bootstrap, items resampled within each set (stratified): it holds for other "
        "items of these sets, not for other sets. Differences are paired, each at 95 % by itself."
    )
    if found.left_out:
        yield f"Not in every set, and so left out: {', '.join(found.left_out)}."
    for system, figures in found.reference.items():
        if found.measure in figures:
            yield f"Published: {system}, {found.measure} {figures[found.measure]} ({figures['source']})."


def _estimate(value: float, interval: Interval | None, n: int) -> Estimate:
    return Estimate(value, n=n) if interval is None else Estimate(value, interval.low, interval.high, n)
