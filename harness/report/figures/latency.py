"""Latency: how it is distributed, how it grows with load, and where the time goes."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from harness.report.figures.labels import Label, at_line_ends
from harness.report.figures.style import (
    DASHES,
    GRID,
    INK,
    MARKERS,
    MUTED,
    SERIES,
    SMALL,
    SURFACE,
    Drawing,
    axes,
    drawing,
    log_ticks,
    short,
    text_width,
)
from harness.report.model import FloatArray, PipelineView, ReportView, TimingView
from harness.report.table import Estimate, significant
from harness.stages import in_passing_order

Timed = list[tuple[PipelineView, TimingView]]

_ROW = 40.0
_BINS = 60
_MARKS = (("p50", "|"), ("p95", "d"), ("p99", ">"))
_PANEL, _COLUMNS = 232.0, 3
#: More panels would be too small to read; the table holds all.
MOST = 9


def latency_distribution(view: ReportView) -> Drawing | None:
    """Density of each pipeline's closed-loop latencies, with p50, p95 and p99; None without timings."""
    timed = [(p, t) for p, t in _timed(view) if len(_finite(t.samples)) or _value(t.latency.get("p50"))]
    if not timed:
        return None
    height = _ROW * len(timed) + 86
    figure = drawing("latency_distribution", "Latency of one query at a time", height)
    names = [short(p.name, 34) for p, _ in timed]
    room = text_width(figure, names) + 20
    one = axes(figure, (room, 46, 760 - room - 30, height - 82))
    ends = []
    for _, t in timed:
        samples = _finite(t.samples)
        figures = [v for v in (_value(t.latency.get(key)) for key, _ in _MARKS) if v]
        ends += [float(np.quantile(samples, q)) for q in (0.002, 0.998)] if len(samples) else []
        ends += figures
    low, high = min(ends) / 1.3, max(ends) * 1.3
    log_ticks(one, "x", low, high)
    one.set_ylim(len(timed) - 0.05, -0.85)
    one.grid(axis="x")
    for i, (_, t) in enumerate(timed):
        _ridge(one, i, _finite(t.samples), low, high)
        for key, marker in _MARKS:
            value = _value(t.latency.get(key))
            if value:
                size, edge = (15.0, 1.8) if marker == "|" else (5.5, 1.0)
                one.plot(value, i - 0.12, marker=marker, ms=size, mew=edge, color=INK, ls="none", zorder=4)
    one.set_yticks(range(len(timed)), names)
    one.tick_params(axis="y", length=0, labelcolor=INK)
    one.spines["left"].set_visible(False)
    one.set_xlabel("latency, ms (log scale)")
    figure.marks = tuple(
        f"{sign} {words}"
        for key, sign, words in (("p50", "|", "median"), ("p95", "◆", "p95"), ("p99", "▶", "p99"))
        if any(_value(t.latency.get(key)) for _, t in timed)
    )
    if any(len(_finite(t.samples)) > 1 for _, t in timed):
        figure.marks += ("height: share of the queries",)
    said = "   ".join(figure.marks)
    one.text(1, 1.0, said, transform=one.transAxes, ha="right", va="bottom", fontsize=10, color=MUTED)
    figure.description = "; ".join(
        f"{p.name}: "
        + ", ".join(f"{key} {significant(v)} ms" for key, _ in _MARKS if (v := _value(t.latency.get(key))))
        for p, t in timed
    )
    return figure


def latency_load(view: ReportView) -> Drawing | None:
    """p50, p90 and p99 against the rate of arrival, a panel a pipeline; None without open-loop timings."""
    loaded = [(p, t) for p, t in _timed(view) if t.load]
    if not loaded:
        return None
    shown = loaded[:MOST]
    rows = -(-len(shown) // _COLUMNS)
    height = _PANEL * rows + 30
    figure = drawing("latency_load", "Latency against load", height)
    values = [
        v
        for _, t in shown
        for point in t.load
        for one in (point.p50, point.p90, point.p99)
        for v in (one.value, one.low, one.high)
        if v is not None and 0 < v < math.inf
    ]
    if not values:
        return None
    low, high = min(values) / 1.5, max(values) * 1.5
    wide = 760 / _COLUMNS
    for i, (pipeline, timing) in enumerate(shown):
        left, bottom = (i % _COLUMNS) * wide + 50, height - _PANEL * (i // _COLUMNS + 1) + 42
        one = axes(figure, (left, bottom, wide - 96, _PANEL - 74))
        log_ticks(one, "y", low, high)
        _load_panel(one, timing, high)
        one.set_title(short(pipeline.name, 28), fontsize=SMALL + 0.5, pad=8)
        one.set_xlabel("arrivals/s")
    drawn = [(point, e) for _, t in shown for point in t.load for e in (point.p50, point.p90, point.p99)]
    drawn = [(point, e) for point, e in drawn if e.value is not None]
    hidden = len(loaded) - len(shown)
    told = (
        ("upright lines: 95 % intervals", any(e.has_interval for _, e in drawn)),
        ("hollow: not valid", any(not point.valid for point, _ in drawn)),
        ("at the top: queries were dropped", any(e.value == math.inf for _, e in drawn)),
        (f"{hidden} more pipelines are not drawn", hidden > 0),
    )
    figure.marks = tuple(words for words, there in told if there)
    said = " · ".join(("latency in ms (log scale), from the scheduled arrival", *figure.marks))
    figure.text(8 / 760, 6 / height, said, fontsize=10, color=MUTED)
    figure.description = "; ".join(
        f"{p.name}: " + ", ".join(f"p99 {_words(x.p99)} at {x.rate_per_s:.3g}/s" for x in t.load)
        for p, t in loaded
    )
    return figure


def stages(view: ReportView) -> Drawing | None:
    """Where the time goes: each stage's share of a query's mean time; None without a breakdown."""
    timed = [(p, t) for p, t in _timed(view) if any((_value(e) or 0) > 0 for e in t.stages.values())]
    if not timed:
        return None
    names = [short(p.name, 34) for p, _ in timed]
    order = in_passing_order(stage for _, t in timed for stage in t.stages)
    height = 30.0 * len(timed) + 76
    figure = drawing("stages", "Where the time goes", height)
    room = text_width(figure, names) + 20
    one = axes(figure, (room, 36, 760 - room - 104, height - 76))
    one.set_xlim(0, 1)
    one.set_ylim(len(timed) - 0.5, -0.5)
    hatches = ("", "///", "\\\\\\", "xxx", "---", "|||", "+++")
    totals = []
    for i, (_, t) in enumerate(timed):
        means = {stage: _value(t.stages.get(stage)) or 0.0 for stage in order}
        total = sum(means.values())
        totals.append(total)
        left = 0.0
        for k, (_stage, mean) in enumerate(means.items()):
            share = mean / total
            one.barh(
                i,
                share,
                0.68,
                left=left,
                color=SERIES[k % 7],
                hatch=hatches[k % 7],
                edgecolor=SURFACE,
                lw=0.8,
            )
            if share > 0.11:
                one.text(
                    left + share / 2, i, f"{significant(mean)} ms", ha="center", va="center", fontsize=9.5, color=INK,
                    bbox={"facecolor": SURFACE, "edgecolor": "none", "pad": 1.2},
                )  # fmt: skip
            left += share
        one.annotate(
            f"{significant(total)} ms", (1, i), (8, 0), textcoords="offset points", fontsize=SMALL, va="center",
            annotation_clip=False,
        )  # fmt: skip
    one.set_yticks(range(len(timed)), names)
    one.tick_params(length=0, labelcolor=INK)
    one.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    for side in ("left", "bottom"):
        one.spines[side].set_visible(False)
    _key(figure, order, hatches, room, height)
    figure.text((760 - 96) / 760, (height - 24) / height, "mean a query", fontsize=10, color=MUTED)
    figure.description = "; ".join(
        f"{p.name}: " + ", ".join(f"{s} {significant(v)} ms" for s, e in t.stages.items() if (v := _value(e)))
        for p, t in timed
    )
    return figure


def _key(figure: Drawing, order: list[str], hatches: tuple[str, ...], left: float, height: float) -> None:
    """The stages' names with their patches, in a row above the bars."""
    x = left
    for k, stage in enumerate(order):
        box = axes(figure, (x, height - 26, 18, 12))
        box.set_axis_off()
        box.bar([0], [1], 1, color=SERIES[k % 7], hatch=hatches[k % 7], edgecolor=SURFACE, lw=0.5)
        box.set_xlim(-0.5, 0.5)
        box.set_ylim(0, 1)
        label = short(stage, 20)
        figure.text((x + 24) / 760, (height - 24) / height, label, fontsize=SMALL)
        x += 24 + text_width(figure, [label]) + 18


def _ridge(one: Axes, row: int, samples: FloatArray, low: float, high: float) -> None:
    if len(samples) < 2:
        return
    edges = np.geomspace(low, high, _BINS + 1)
    counts, _ = np.histogram(samples, edges)
    if counts.max() == 0:
        return
    heights = np.repeat(counts / counts.max() * 0.72, 2)
    xs = np.repeat(edges, 2)[1:-1]
    one.fill_between(xs, row, row - heights, color=SERIES[0], alpha=0.45, lw=0, zorder=2)
    one.plot([low, high], [row, row], color=GRID, lw=0.8, zorder=1)


def _load_panel(one: Axes, timing: TimingView, top: float) -> None:
    labels = []
    rates = [point.rate_per_s for point in timing.load]
    for k, key in enumerate(("p50", "p90", "p99")):
        known = [
            (point.rate_per_s, e, point.valid)
            for point in timing.load
            if (e := getattr(point, key)).value is not None
        ]
        if not known:
            continue
        xs, ys = [x for x, _, _ in known], [min(e.value, top) for _, e, _ in known]
        one.plot(xs, ys, color=SERIES[k], ls=DASHES[k], lw=1.5)
        for x, e, valid in known:
            if e.has_interval and e.high < math.inf:
                one.plot([x, x], [e.low, e.high], color=SERIES[k], lw=1.1)
            lost = e.value == math.inf
            marker, fill = "^" if lost else MARKERS[k], SERIES[k] if valid else SURFACE
            one.plot(x, min(e.value, top / 1.08), marker=marker, ms=5.5, color=SERIES[k], mfc=fill, ls="none")
        labels.append(Label(xs[-1], ys[-1], key, SERIES[k]))
    one.set_xlim(0, max(rates) * 1.08)
    one.grid(axis="y")
    one.locator_params(axis="x", nbins=4)
    at_line_ends(one, labels, 6)


def _timed(view: ReportView) -> Timed:
    return [(p, p.timing) for p in view.pipelines if p.timing is not None]


def _finite(samples: FloatArray) -> FloatArray:
    return samples[np.isfinite(samples) & (samples > 0)]


def _value(estimate: Estimate | None) -> float | None:
    if estimate is None or estimate.value is None or not math.isfinite(estimate.value) or estimate.value <= 0:
        return None
    return estimate.value


def _words(estimate: Estimate) -> str:
    if estimate.value is None:
        return "unknown"
    return f"{significant(estimate.value)} ms" if math.isfinite(estimate.value) else "infinite"
