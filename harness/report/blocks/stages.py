"""Where the time goes."""

from __future__ import annotations

from harness.report.blocks.base import FigurePart, Section, filled
from harness.report.model import ReportView
from harness.report.table import main_text, percent
from harness.report.timings import stages


def section(view: ReportView) -> Section | None:
    """Mean time of every stage."""
    tables = filled(stages(view))
    if not tables:
        return None
    lead = []
    for one in view.pipelines:
        known = {} if one.timing is None else {k: f.value for k, f in one.timing.stages.items() if f.value}
        if known:
            longest = max(known, key=lambda key: known[key] or 0.0)
            share = (known[longest] or 0.0) / sum(value or 0.0 for value in known.values())
            lead.append(
                f"{one.name}: {longest} takes {percent(share)} ({main_text(known[longest], 'ms')} ms)"
            )
    text = "Most time goes into: " + "; ".join(lead) + "."
    caption = "Mean time of a query by stage."
    return Section("stages", "Where the time goes", (text,), (FigurePart("stages", caption, text), *tables))
