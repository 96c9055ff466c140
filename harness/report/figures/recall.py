"""Recall against depth: what a first stage hands to those after it."""

from __future__ import annotations

from harness.report.figures.labels import Label, at_line_ends
from harness.report.figures.style import Drawing, axes, drawing, log_ticks, looks, short, text_width
from harness.report.model import RecallCurve, ReportView

_LINE = 15.0


def recall_curves(view: ReportView) -> Drawing | None:
    """Recall at every depth, a line a pipeline, named at its end; None where the bundle holds no runs."""
    if view.recall is None:
        return None
    known = [(c, _points(c, view.recall.depths)) for c in view.recall.curves]
    curves = [(c, points) for c, points in known if points]
    if not curves:
        return None
    height = max(380.0, 70 + _LINE * len(curves))
    figure = drawing("recall_curves", "Recall against depth", height)
    names = [short(c.pipeline, 34) for c, _ in curves]
    room = text_width(figure, names) + 28
    one = axes(figure, (56, 48, 760 - 64 - room, height - 72))
    look = looks(tuple(c.pipeline for c in view.recall.curves))
    depths = [d for _, points in curves for d, _ in points]
    log_ticks(one, "x", min(depths), max(max(depths), 2 * min(depths)))
    one.set_ylim(0, 1.02)
    one.grid(axis="y")
    labels = []
    for (curve, points), name in zip(curves, names, strict=True):
        style = look[curve.pipeline]
        xs, ys = [d for d, _ in points], [v for _, v in points]
        one.plot(xs, ys, color=style.colour, ls=style.dashes, lw=1.7)
        one.plot(xs[-1], ys[-1], marker=style.marker, ms=6, color=style.colour, ls="none", clip_on=False)
        labels.append(Label(xs[-1], ys[-1], name, style.colour))
    at_line_ends(one, labels)
    one.set_xlabel("k (log scale)")
    one.set_ylabel(f"recall@k, relevant from grade {view.recall.level}")
    if any(len(points) > 1 for _, points in curves):
        figure.marks = ("a line ends where a pipeline’s results do",)
    figure.description = "; ".join(
        f"{c.pipeline}: recall {points[-1][1]:.4f} at {points[-1][0]}" for c, points in curves
    )
    return figure


def _points(curve: RecallCurve, depths: tuple[int, ...]) -> list[tuple[int, float]]:
    return [(d, v) for d, v in zip(depths, curve.values, strict=True) if v is not None]
