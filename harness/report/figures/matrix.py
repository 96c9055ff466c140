"""All pairs of pipelines: told apart or not."""

from __future__ import annotations

from harness.report.figures.style import (
    DPI,
    GRID,
    INK,
    MUTED,
    SERIES,
    SMALL,
    WIDTH,
    Drawing,
    axes,
    drawing,
    short,
    text_width,
)
from harness.report.model import ReportView

#: Beyond so many pipelines a cell holds a sign only.
_WORDS = 11
_MOST = 40


def pairs_matrix(view: ReportView) -> Drawing | None:
    """Each row's pipeline against each column's, best first; None with fewer than two pipelines."""
    found = {(r.first, r.second): r for r in view.all_pairs}
    measured = [p for p in view.pipelines if view.primary in p.measures]
    ranked = sorted(measured, key=lambda p: -(p.measures[view.primary].value or 0.0))
    names = [p.name for p in ranked if any(p.name in pair for pair in found)][:_MOST]
    n = len(names)
    if n < 2:
        return None
    figure = drawing("pairs_matrix", f"All pairs by {view.primary}: told apart or not", 100)
    labels = [f"{short(name, 32)}  {i + 1}" for i, name in enumerate(names)]
    room = text_width(figure, labels) + 18
    cell = min(96.0, (WIDTH - room - 12) / n)
    height = max(26.0, min(34.0, cell)) * n + 66
    width = max(room + cell * n + 12, 600.0)
    figure.set_size_inches(width / DPI, height / DPI)
    one = axes(figure, (room, 36, cell * n, height - 66))
    one.set_xlim(0, n)
    one.set_ylim(n, 0)
    told, signs = 0, set()
    for i, row in enumerate(names):
        for j, column in enumerate(names):
            if i == j:
                one.fill_between([j, j + 1], i, i + 1, color=GRID, alpha=0.4, lw=0)
                continue
            paired, sign = (
                (found[row, column], 1) if (row, column) in found else (found.get((column, row)), -1)
            )
            if paired is None or paired.delta is None:
                continue
            delta = sign * paired.delta
            apart = paired.verdict != "cannot be told apart" and paired.verdict != "not defined"
            told += apart and i < j
            colour = SERIES[0] if delta > 0 else SERIES[1]
            if apart:
                one.fill_between([j + 0.04, j + 0.96], i + 0.06, i + 0.94, color=colour, alpha=0.3, lw=0)
            sign_text = ("▲" if delta > 0 else "▼") if apart else "≈"
            signs.add(sign_text)
            text = f"{sign_text} {delta:+.3f}".replace("-", "−") if n <= _WORDS else sign_text
            size = min(SMALL, cell / 6.2) if n <= _WORDS else 10.0
            one.text(
                j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=size,
                color=INK if apart else MUTED, weight="bold" if apart and n <= _WORDS else "normal",
            )  # fmt: skip
    one.set_yticks([i + 0.5 for i in range(n)], labels)
    one.set_xticks([i + 0.5 for i in range(n)], [str(i + 1) for i in range(n)])
    one.xaxis.tick_top()
    one.tick_params(length=0, labelcolor=INK)
    for spine in one.spines.values():
        spine.set_visible(False)
    words = {"▲": "better", "▼": "worse", "≈": "cannot be told apart (max-t over all pairs and measures)"}
    figure.marks = tuple(f"{sign} {said}" for sign, said in words.items() if sign in signs)
    figure.text(
        (room if room < 150 else width / 2) / width, 14 / height,
        "   ".join(("row against column: ", *figure.marks)),
        fontsize=10, color=MUTED, ha="left" if room < 150 else "center",
    )  # fmt: skip
    figure.description = f"{told} of {n * (n - 1) // 2} pairs can be told apart; ranked: {', '.join(names)}"
    return figure
