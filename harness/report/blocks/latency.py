"""How long a query takes, alone and under load."""

from __future__ import annotations

from harness.report.blocks.base import FigurePart, Part, Prose, Section, filled
from harness.report.model import PipelineView, ReportView
from harness.report.table import interval_text, main_text
from harness.report.timings import latency, load, resources, speed


def section(view: ReportView) -> Section | None:
    """Latency distributions, latency against load, throughput and memory."""
    timed = [one for one in view.pipelines if one.timing is not None]
    if not timed:
        return None
    parts: list[Part] = []
    told = "; ".join(filter(None, map(_told, timed)))
    if any(one.timing is not None and len(one.timing.samples) for one in timed):
        caption = "How many queries took how long, one at a time."
        parts.append(FigurePart("latency_distribution", caption, f"Latency: {told}." if told else caption))
    parts += filled(latency(view), speed(view))
    points = [point for one in timed if one.timing is not None for point in one.timing.load]
    if any(figure.value is not None for point in points for figure in (point.p50, point.p90, point.p99)):
        caption = "Latency against the rate of arrival, counted from the scheduled arrival."
        parts.append(FigurePart("latency_load", caption, caption + " The table below holds the figures."))
    parts += filled(load(view), resources(view))
    invalid = [
        f"The timing of {one.name} is invalid: {one.timing.invalid}."
        for one in timed
        if one.timing is not None and one.timing.invalid
    ]
    unsteady = [one.name for one in timed if one.timing is not None and one.timing.steady is False]
    if unsteady:
        invalid.append(f"Not steady after warming up: {', '.join(unsteady)}.")
    if invalid:
        parts.insert(0, Prose(tuple(invalid), "warning"))
    lead = (
        "Percentiles are order statistics; their intervals hold for these queries in these processes, and one that the "
        "number of samples does not allow is left empty. Compare only what was measured side by side, in this bundle."
    )
    kept = tuple(filter(None, map(_kept, timed)))
    if kept:
        parts.append(Prose(kept))
    return Section("latency", "Latency and load", (lead,), tuple(parts))


def _kept(one: PipelineView) -> str:
    """The rate of arrival that a pipeline is shown to bear within its bound, and the one that breaks it."""
    rate = None if one.timing is None else one.timing.max_rate
    if rate is None or not rate.valid or rate.rate_per_s is None:
        return ""
    until = "" if rate.broken_per_s is None else f", and breaks it at {main_text(rate.broken_per_s, 'rate')}"
    return (
        f"{one.name} is shown to keep its p{100 * rate.percentile:g} within {rate.bound_ms:g} ms at "
        f"{main_text(rate.rate_per_s, 'rate')} queries/s{until}."
    )


def _told(one: PipelineView) -> str:
    if one.timing is None or one.timing.invalid:
        return ""
    figures = [(key, one.timing.latency[key]) for key in ("p50", "p95", "p99") if key in one.timing.latency]
    said = [
        f"{key} {main_text(figure.value, 'ms')} ms {interval_text(figure, 'ms')}".strip()
        for key, figure in figures
        if figure.value is not None
    ]
    return f"{one.name} {', '.join(said)}" if said else ""
