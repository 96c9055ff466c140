"""Quality against latency: which pipelines are worth their time."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from harness.report.figures.labels import Label, beside_points
from harness.report.figures.style import (
    GRID,
    INK,
    MUTED,
    SURFACE,
    Drawing,
    axes,
    drawing,
    log_ticks,
    looks,
    short,
)
from harness.report.model import ReportView, TradeOff
from harness.report.table import Estimate, significant

_HEIGHT = 440.0


def quality_latency(view: ReportView) -> Drawing | None:
    """The primary measure against p95 latency, both with intervals, and the Pareto front; None without timings."""
    points = [p for p in view.trade_offs if p.quality.value is not None and _positive(p.latency.value)]
    if not points:
        return None
    figure = drawing("quality_latency", f"{view.primary} against p95 latency", _HEIGHT)
    one = axes(figure, (64, 52, 670, _HEIGHT - 76))
    look = looks(tuple(p.name for p in view.pipelines))
    times = [t for p in points for t in (p.latency.value, p.latency.low, p.latency.high) if _positive(t)]
    low, high = min(t for t in times if t), max(t for t in times if t)
    log_ticks(one, "x", low / 1.8, high * 2.2)
    values = [v for p in points for v in (p.quality.value, p.quality.low, p.quality.high) if v is not None]
    pad = 0.08 * (max(values) - min(values)) or 0.05
    one.set_ylim(min(values) - pad, max(values) + pad)
    one.grid(axis="y")
    obstacles = _front(one, points)
    for point in points:
        x, y = _at(point)
        style = look[point.pipeline]
        for (left, right), (bottom, top) in (
            ((x, x), _limits(point.quality)),
            (_limits(point.latency), (y, y)),
        ):
            one.plot(
                [left, right], [bottom, top], color=style.colour, lw=1.3, solid_capstyle="butt", zorder=3
            )
            ends = one.transData.transform([(left, bottom), (right, top)])
            obstacles.append(Bbox(ends).padded(3))
        one.plot(
            x, y, marker=style.marker, ms=9 if point.recommended else 7.5, mew=1.2, ls="none", zorder=4,
            mfc=style.colour if point.on_front else SURFACE, mec=style.colour,
        )  # fmt: skip
        if point.recommended:
            one.plot(x, y, marker="o", ms=17, mfc="none", mec=INK, mew=1.1, ls="none", zorder=4)
    texts = [f"{short(p.pipeline)}{' (recommended)' if p.recommended else ''}" for p in points]
    labels = [Label(*_at(p), t, MUTED, p.recommended) for p, t in zip(points, texts, strict=True)]
    beside_points(one, labels, obstacles)
    one.set_xlabel("p95 latency, ms (log scale; less is better)")
    one.set_ylabel(f"{view.primary} (more is better)")
    figure.marks = tuple(_legend(points))
    one.text(
        1, 1.015, " · ".join(figure.marks[:2]), transform=one.transAxes, ha="right", fontsize=10, color=MUTED
    )
    figure.description = "; ".join(
        f"{p.pipeline}: {view.primary} {p.quality.value:.4f} at {significant(p.latency.value or 0)} ms"
        + (", on the front" if p.on_front else "")
        for p in sorted(points, key=lambda p: p.latency.value or 0)
    )
    return figure


def _legend(points: list[TradeOff]) -> Iterator[str]:
    if any(p.on_front for p in points):
        yield "filled, on the dashed line: no other is better and faster (the Pareto front)"
    if any(p.quality.has_interval or p.latency.has_interval for p in points):
        yield "bars: 95 % intervals"
    if any(p.recommended for p in points):
        yield "ringed: recommended"


def _front(one: Axes, points: list[TradeOff]) -> list[Bbox]:
    """Draw the front as steps; returns the boxes of their flat and upright parts, for labels to avoid."""
    front = sorted(_at(p) for p in points if p.on_front)
    if not front:
        return []
    right = one.get_xlim()[1]
    xs, ys = [x for x, _ in front] + [right], [y for _, y in front] + [front[-1][1]]
    one.plot(xs, ys, drawstyle="steps-post", color=MUTED, lw=1.2, ls=(0, (4, 2)), zorder=2)
    one.fill_between(xs, ys, one.get_ylim()[0], step="post", color=GRID, alpha=0.35, lw=0, zorder=1)
    steps = list(zip(xs, ys, xs[1:], ys[1:], strict=False))
    flat = [Bbox(one.transData.transform([(a, b), (c, b)])).padded(2) for a, b, c, _ in steps]
    return flat + [Bbox(one.transData.transform([(c, b), (c, d)])).padded(2) for _, b, c, d in steps]


def _at(point: TradeOff) -> tuple[float, float]:
    assert point.latency.value is not None
    assert point.quality.value is not None
    return point.latency.value, point.quality.value


def _limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.value is not None
    if estimate.low is None or estimate.high is None or estimate.high == float("inf"):
        return estimate.value, estimate.value
    return estimate.low, estimate.high


def _positive(value: float | None) -> bool:
    return value is not None and 0.0 < value < float("inf")
