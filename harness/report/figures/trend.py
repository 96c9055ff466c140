"""One pipeline's measure over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.figures.style import INK, MUTED, SERIES, SURFACE, Drawing, axes, drawing, short, styled
from harness.report.table import Estimate

_HEIGHT = 300.0
_MARKS = {"pass": "pass", "fail": "fail", "inconclusive": "?", "not comparable": "n/c", "not judged": ""}


@dataclass(frozen=True)
class Point:
    """One bundle: its name, day, figure, whether it differs from the one before, and a gate's verdict or nothing."""

    name: str
    day: str
    value: Estimate
    told: bool
    gate: str = ""


def trend(pipeline: str, measure: str, points: Sequence[Point], name: str) -> Drawing | None:
    """The measure with its intervals, oldest first, a filled mark where a step can be told apart."""
    known = [(i, p) for i, p in enumerate(points) if p.value.value is not None]
    if not known:
        return None
    with styled():
        figure = drawing(name, f"{pipeline}: {measure} over time", _HEIGHT)
        one = axes(figure, (64, 62, 680, _HEIGHT - 96))
        xs, ys = [i for i, _ in known], [p.value.value or 0.0 for _, p in known]
        one.plot(xs, ys, color=SERIES[0], lw=1.5)
        for i, p in known:
            if p.value.has_interval:
                one.plot([i, i], [p.value.low or 0.0, p.value.high or 0.0], color=SERIES[0], lw=1.3)
            failed = p.gate == "fail"
            colour = SERIES[1] if failed else SERIES[0]
            one.plot(i, p.value.value or 0.0, marker="v" if failed else "o", ms=9 if failed else 7, color=colour,
                     mfc=colour if p.told or failed else SURFACE, mew=1.4, ls="none", zorder=4)  # fmt: skip
            if p.gate:
                one.annotate(_MARKS.get(p.gate, p.gate), (i, p.value.high or p.value.value or 0.0), (0, 6),
                             textcoords="offset points", ha="center", fontsize=10, color=INK)  # fmt: skip
        step = max(1, len(points) // 8)
        shown = list(range(0, len(points), step))
        labels = [f"{short(points[i].name, 90 // min(8, len(points)))}\n{points[i].day}" for i in shown]
        one.set_xticks(shown, labels)
        one.set_xlim(-0.5, len(points) - 0.5)
        one.margins(y=0.15)
        one.grid(axis="y")
        one.set_ylabel(measure)
        told = (
            ("bars: 95 % intervals", any(p.value.has_interval for _, p in known)),
            ("filled: differs from the one before", any(p.told for _, p in known)),
            ("▼ a gate failed", any(p.gate == "fail" for _, p in known)),
        )
        figure.marks = tuple(words for words, there in told if there)
        one.text(0, 1.04, " · ".join(figure.marks), transform=one.transAxes, fontsize=10, color=MUTED)
        figure.description = "; ".join(f"{p.name} {p.value.value:.4f}" for _, p in known)
    return figure
