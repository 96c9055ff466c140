"""Every measure of a ranking, one row each, in ``harness/measures/families/``.

To add one is to add a row there, with its formula. From the rows come parsing, computing, ``harness verify``,
``harness list measures``, the page's sentence on the method and the table in docs/measures.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.measures.families import gains, judged, relevant
from harness.measures.families.row import Ranked
from harness.measures.names import Measure
from harness.plugins import MEASURES, Extended

#: This package's own, by name.
ROWS: Mapping[str, Ranked] = {row.name: row for row in (*gains.ROWS, *relevant.ROWS, *judged.ROWS)}


def _plugged(name: str, row: object) -> Ranked:
    if not isinstance(row, Ranked):
        raise ValueError(f"it is a {type(row).__name__}")
    if row.name != name:
        raise ValueError(f"its row is called {row.name!r}")
    return row


#: Every measure of a ranking by name, those of plug-ins too.
RANKED: Extended[Ranked] = Extended(ROWS, MEASURES, _plugged)


def examples() -> list[Measure]:
    """Every measure in each way that it can be written: with and without a depth, at two relevance levels."""
    return [
        Measure(row.name, depth, level, "80" if row.parameter else "")
        for row in RANKED.values()
        for depth in {"needed": (3, 10), "optional": (0, 3, 10), "none": (0,)}[row.depth]
        for level in ((1, 2) if row.level else (1,))
    ]
