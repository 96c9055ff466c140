"""Sentence pairs: gold against score, and how many pairs lie where."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from harness.report.figures.style import INK, MUTED, SERIES, SMALL, Drawing, axes, drawing, short
from harness.report.model import FloatArray, ReportView

#: More pipelines would be too small to read.
MOST = 6
_BINS, _SHADES = 24, 10
_PANEL, _COLUMNS = 246.0, 3
_CELL = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]


def sts_scatter(view: ReportView) -> Drawing | None:
    """Gold against score for each pipeline: darker where more pairs lie, with the median of each band of gold."""
    part = view.pair_scores
    if part is None or len(part.gold) < 2 or not part.pipelines:
        return None
    names = part.pipelines[:MOST]
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    height = _PANEL * rows + 34
    figure = drawing("sts_scatter", "Gold scores against the pipelines' own", height)
    wide = (760 - 50) / columns
    for i, name in enumerate(names):
        left, bottom = 50 + (i % columns) * wide, height - _PANEL * (i // columns + 1) + 8
        one = axes(figure, (left, bottom, wide - 42, _PANEL - 52))
        _panel(one, part.gold, part.scores[i])
        estimate = view.pipeline(name).measures.get(view.primary)
        value = estimate.value if estimate is not None else None
        shown = "" if value is None else f": {view.primary} {value:.4f}"
        one.set_title(f"{short(name, 22)}{shown}", fontsize=SMALL + 0.5, pad=6)
    hidden = len(part.pipelines) - len(names)
    figure.marks = ("across: score given", "up: gold", "darker: more pairs", "line: median score")
    if hidden:
        figure.marks += (f"{hidden} more pipelines are not drawn",)
    figure.text(50 / 760, 6 / height, " · ".join(figure.marks), fontsize=10, color=MUTED)
    figure.description = "; ".join(
        f"{name}: {view.primary} {view.pipeline(name).measures[view.primary].value:.4f}"
        for name in names
        if view.primary in view.pipeline(name).measures
        and view.pipeline(name).measures[view.primary].value is not None
    )
    return figure


def _panel(one: Axes, gold: FloatArray, scores: FloatArray) -> None:
    counts, across, up = np.histogram2d(scores, gold, bins=(_BINS, min(_BINS, 20)))
    most = counts.max()
    # The square root keeps a single pair visible beside a crowd; one path a shade keeps the drawing small.
    shades = np.ceil(np.sqrt(counts / most) * _SHADES).astype(int)
    for shade in range(1, _SHADES + 1):
        cells = [
            Path([(left, low), (right, low), (right, high), (left, high), (0, 0)], _CELL)
            for i, j in np.argwhere(shades == shade)
            for left, right, low, high in [(across[i], across[i + 1], up[j], up[j + 1])]
        ]
        if cells:
            alpha = 0.1 + 0.9 * shade / _SHADES
            one.add_patch(PathPatch(Path.make_compound_path(*cells), color=SERIES[0], alpha=alpha, lw=0))
    bands = np.array_split(np.argsort(gold, kind="stable"), min(8, max(1, len(gold) // 10)))
    medians = [(float(np.median(scores[b])), float(np.mean(gold[b]))) for b in bands if len(b)]
    xs, ys = [x for x, _ in medians], [y for _, y in medians]
    one.plot(xs, ys, color=INK, lw=1.4, marker="o", ms=3.5)
    one.set_ylim(up[0], up[-1])
    one.set_xlim(across[0], across[-1])
    one.locator_params(nbins=5)
    one.tick_params(labelsize=9.5)
