"""How deep to rerank: quality, where it is lost, and what it costs, against depth."""

from __future__ import annotations

import math
from collections.abc import Iterator

from matplotlib.axes import Axes

from harness.report.figures.labels import Label, at_line_ends
from harness.report.figures.style import (
    DPI,
    FONT,
    INK,
    MUTED,
    SERIES,
    SMALL,
    SURFACE,
    Drawing,
    axes,
    drawing,
    log_ticks,
    plain,
    short,
)
from harness.report.model import DepthSweep, ReportView
from harness.report.table import Estimate

#: More sweeps than these would be too small to read; the table holds all.
MOST = 4
_ROW, _TIMED = 280.0, 140.0


def depth_sweep(view: ReportView) -> Drawing | None:
    """Quality with the perfect reranker's ceiling, the loss split and p95 latency, a row for each sweep."""
    sweeps = [s for s in view.sweeps if any(p.quality.value is not None for p in s.points)][:MOST]
    if not sweeps:
        return None
    heights = [_ROW + (_TIMED if _timed(s) else 0.0) for s in sweeps]
    height = sum(heights)
    figure = drawing("depth_sweep", f"{view.primary} and latency against depth", height)
    top = height
    for sweep, tall in zip(sweeps, heights, strict=True):
        _row(figure, sweep, view.primary, (top, tall))
        top -= tall
    figure.description = "; ".join(_words(s, view.primary) for s in sweeps)
    figure.marks = tuple(_legend(sweeps, view.primary))
    return figure


def _legend(sweeps: list[DepthSweep], measure: str) -> Iterator[str]:
    points = [p for s in sweeps for p in s.points]
    if any(p.quality.has_interval for p in points):
        yield "upright lines are 95 % intervals"
    if any(_ceilings(s) for s in sweeps):
        yield "dashed is what a perfect reranker of the same results would reach"
    if any(s.ideal is not None for s in sweeps):
        yield "dotted is the best ranking of all judged documents"
    if any(s.alone is not None and s.alone.value is not None for s in sweeps):
        yield "dash-dotted is the first stage alone"
    if any(p.loss is not None for p in points):
        yield f"the columns divide the ideal into what is reached and where {measure} is lost"
    if any(map(_timed, sweeps)):
        yield "triangles are p95 latency"


def _ceilings(sweep: DepthSweep) -> dict[int, float]:
    """What a perfect reranker would reach at the depths that are drawn."""
    depths = [p.depth for p in sweep.points if p.quality.value is not None]
    return {d: v for d, v in sweep.ceilings.items() if min(depths) <= d <= max(depths)}


def _row(figure: Drawing, sweep: DepthSweep, measure: str, place: tuple[float, float]) -> None:
    """Quality above latency on the left, the loss split on the right, within (top, height) in pixels."""
    top, tall = place
    width, height = figure.get_size_inches() * DPI
    figure.text(4 / width, (top - 20) / height, short(sweep.family, 60), fontsize=FONT, weight="bold")
    timed = _timed(sweep)
    low, high = top - tall + 48, top - 52
    middle = low + _TIMED if timed else low
    split = any(p.loss is not None for p in sweep.points)
    wide = 270.0 if split else 480.0
    depths = [p.depth for p in sweep.points if p.quality.value is not None]
    quality = axes(figure, (52, middle, wide, high - middle))
    _quality(quality, sweep, measure)
    _depth_axis(quality, depths, labelled=not timed)
    if timed:
        latency = axes(figure, (52, low, wide, _TIMED - 46))
        _latency(latency, sweep)
        _depth_axis(latency, depths, labelled=True)
    if split:
        _losses(axes(figure, (474, low, 200, high - low)), sweep, measure)


def _quality(one: Axes, sweep: DepthSweep, measure: str) -> None:
    points = [p for p in sweep.points if p.quality.value is not None]
    depths = [p.depth for p in points]
    ceilings = _ceilings(sweep)
    _depth_axis(one, depths, labelled=False)
    values = [p.quality.value or 0.0 for p in points]
    labels = [Label(depths[-1], values[-1], "measured", SERIES[0], True)]
    for p in points:
        if p.quality.has_interval:
            one.plot([p.depth] * 2, [p.quality.low or 0, p.quality.high or 0], color=SERIES[0], lw=1.3)
    one.plot(depths, values, color=SERIES[0], marker="o", ms=5.5, lw=1.8)
    if ceilings:
        xs, ys = list(ceilings), list(ceilings.values())
        one.plot(xs, ys, color=SERIES[1], marker="s", ms=4.5, mfc=SURFACE, lw=1.4, ls=(0, (5, 2)))
        labels.append(Label(xs[-1], ys[-1], "perfect reranker", SERIES[1]))
    right = one.get_xlim()[1]
    measured = [v for p in points for v in (p.quality.value, p.quality.low) if v is not None]
    lowest = min([*measured, *([sweep.alone.value] if sweep.alone and sweep.alone.value is not None else [])])
    highest = max(
        [1e-9, sweep.ideal or 0.0, *ceilings.values(), *(p.quality.high or 0.0 for p in points), *values]
    )
    one.set_ylim(lowest - 0.06 * (highest - lowest), highest + 0.05 * (highest - lowest))
    for value, text, dash in (
        (sweep.ideal, "ideal", (0, (1.5, 1.5))),
        (sweep.alone.value if sweep.alone else None, "first stage alone", (0, (6, 2, 1.5, 2))),
    ):
        if value is not None:
            one.axhline(value, color=MUTED, lw=1.1, ls=dash)
            labels.append(Label(right, value, text, MUTED))
    one.grid(axis="y")
    one.set_title(measure, fontsize=SMALL, color=MUTED, pad=6)
    at_line_ends(one, labels, 6)


def _losses(one: Axes, sweep: DepthSweep, measure: str) -> None:
    """Bars of 1: reached, misordered, missed; hatches tell them apart in grey."""
    points = [p for p in sweep.points if p.loss is not None]
    names = [str(p.depth) for p in points]
    base = [0.0] * len(points)
    parts = (
        ("reached", [p.loss.value for p in points if p.loss], SERIES[0], ""),
        ("misordered", [p.loss.misordered for p in points if p.loss], SERIES[4], "///"),
        ("missed", [p.loss.missed for p in points if p.loss], SERIES[3], "\\\\\\"),
    )
    for title, heights, colour, hatch in parts:
        one.bar(names, heights, 0.62, bottom=base, color=colour, hatch=hatch, edgecolor=SURFACE, lw=0.8)
        for i, (low, height) in enumerate(zip(base, heights, strict=True)):
            if height > 0.09:
                one.text(
                    i, low + height / 2, f"{height:.2f}", ha="center", va="center", fontsize=9, color=INK,
                    bbox={"facecolor": SURFACE, "edgecolor": "none", "pad": 1.2},
                )  # fmt: skip
        if heights and max(heights[-1], 0) >= 0:
            one.annotate(
                title, (len(points) - 0.62, base[-1] + heights[-1] / 2), (6, 0), textcoords="offset points",
                fontsize=SMALL, va="center", annotation_clip=False,
            )  # fmt: skip
        base = [low + height for low, height in zip(base, heights, strict=True)]
    one.set_ylim(0, max(base) * 1.02)
    one.set_xlim(-0.6, max(len(points), 3) - 0.4)
    one.tick_params(axis="x", length=0)
    one.set_xlabel("depth")
    one.set_title(f"where {measure} is lost", fontsize=SMALL, color=MUTED, pad=6)


def _latency(one: Axes, sweep: DepthSweep) -> None:
    points = [(p.depth, p.latency) for p in sweep.points if _known(p.latency)]
    values = [(t.value or 0.0) if t else 0.0 for _, t in points]
    for depth, t in points:
        if t is not None and t.has_interval:
            one.plot([depth] * 2, [t.low or 0, t.high or 0], color=SERIES[2], lw=1.3)
    one.plot([d for d, _ in points], values, color=SERIES[2], marker="^", ms=6, lw=1.8)
    one.set_ylim(0, max(max(values), *(t.high or 0 for _, t in points if t)) * 1.1)
    one.grid(axis="y")
    one.set_title("p95 latency, ms", fontsize=SMALL, color=MUTED, pad=6)


def _depth_axis(one: Axes, depths: list[int], *, labelled: bool) -> None:
    """A logarithmic axis over the sweep's depths, each of them a tick as far as there is room."""
    low, high = min(depths), max(depths)
    log_ticks(one, "x", low / 1.25, high * 1.25)
    kept: list[int] = []
    for depth in sorted(set(depths)):
        if not kept or math.log(depth / kept[-1]) > 0.1 * math.log(1.6 * high / low):
            kept.append(depth)
    one.set_xticks(kept, [plain(depth) if labelled else "" for depth in kept])
    if labelled:
        one.set_xlabel("depth (log scale)")


def _timed(sweep: DepthSweep) -> bool:
    return any(_known(p.latency) for p in sweep.points)


def _known(latency: Estimate | None) -> bool:
    return latency is not None and latency.value is not None and latency.value != float("inf")


def _words(sweep: DepthSweep, measure: str) -> str:
    reached = ", ".join(
        f"{p.quality.value:.4f} at {p.depth}" for p in sweep.points if p.quality.value is not None
    )
    ceilings = ", ".join(f"{v:.4f} at {d}" for d, v in sweep.ceilings.items())
    perfect = f"; a perfect reranker would reach {ceilings}" if ceilings else ""
    return f"{sweep.family}: {measure} {reached}{perfect}"
