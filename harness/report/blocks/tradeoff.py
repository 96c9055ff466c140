"""Quality against latency."""

from __future__ import annotations

from harness.report.blocks.base import FigurePart, Section, joined
from harness.report.model import ReportView, TradeOff
from harness.report.table import main_text


def section(view: ReportView) -> Section | None:
    """The plane of quality and p95 latency, with the Pareto front."""
    points = view.trade_offs
    if len(points) < 2:
        return None
    front = sorted((p for p in points if p.on_front), key=lambda p: p.latency.value or 0.0)
    off = [p.pipeline for p in points if not p.on_front]
    lead = f"On the front, where more quality costs more time, are {joined([_told(p, view.primary) for p in front])}."
    if off:
        are = "is" if len(off) == 1 else "are"
        lead += f" By these figures {joined(off)} {are} no better and no faster than one of them."
    alternative = (
        f"Scatter of {view.primary} against p95 latency in milliseconds with error bars: "
        + "; ".join(_told(p, view.primary) for p in points)
        + "."
    )
    caption = f"{view.primary} against p95 latency. Up and to the left is better."
    return Section(
        "quality-latency",
        "Quality against latency",
        (lead,),
        (FigurePart("quality_latency", caption, alternative),),
    )


def _told(point: TradeOff, measure: str) -> str:
    return f"{point.pipeline} ({main_text(point.quality.value, 'number')} at {main_text(point.latency.value, 'ms')} ms)"
