"""The curve of a power analysis: the smallest difference shown, against the number of queries."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from harness.errors import UsageError
from harness.power import Power, spread
from harness.report.figures.labels import Label, at_line_ends
from harness.report.figures.style import (
    DPI,
    INK,
    SERIES,
    SMALL,
    WIDTH,
    Drawing,
    axes,
    drawing,
    log_ticks,
    short,
    styled,
)
from harness.report.figures.svg import save

_HEIGHT, _MOST = 280.0, 4


def save_curve(found: Power, path: Path) -> None:
    """Write the curve as SVG or PNG. Raises UsageError for a file that cannot be written."""
    with styled():
        figure = _drawn(found)
        try:
            if path.suffix == ".png":
                figure.savefig(path, dpi=2 * DPI)
            else:
                save(figure, path)
        except OSError as error:
            raise UsageError(f"--plot {path}: cannot be written ({error.strerror})") from None


def _drawn(found: Power) -> Drawing:
    by_measure = [(m, list(rows)) for m, rows in groupby(found.pairs, key=lambda pair: pair.measure)]
    height = _HEIGHT * len(by_measure)
    figure = drawing("power", "The smallest difference that so many queries show", height)
    for place, (measure, rows) in enumerate(by_measure):
        one = axes(figure, (64, height - _HEIGHT * (place + 1) + 48, WIDTH - 64 - 180, _HEIGHT - 84))
        one.set_xscale("log")
        one.set_yscale("log")
        one.set_title(measure, loc="left", color=INK)
        shown = [row for row in spread(rows, _MOST) if row.sd > 0.0]
        for i, row in enumerate(shown):
            one.plot(
                list(row.detectable), list(row.detectable.values()), color=SERIES[i % len(SERIES)], lw=1.6
            )
        one.axvline(found.pairs[0].n, color=INK, lw=0.8, ls=":")
        counts = list(rows[0].detectable)
        log_ticks(one, "x", min(counts), max(counts))
        values = [value for row in shown for value in row.detectable.values()]
        if values:
            log_ticks(one, "y", min(values), max(values))
        one.set_xlabel(f"queries (dotted: the {rows[0].n:,} at hand)", fontsize=SMALL)
        at_line_ends(
            one,
            [
                Label(
                    max(counts),
                    row.detectable[max(counts)],
                    short(f"{row.first} – {row.second}", 28),
                    SERIES[i],
                )
                for i, row in enumerate(shown)
            ],
        )
    return figure
