"""Published figures beside measured ones."""

from __future__ import annotations

from harness.report.blocks.base import Section, filled
from harness.report.model import ReportView
from harness.report.tables import references


def section(view: ReportView) -> Section | None:
    """What others report for this suite."""
    tables = filled(references(view))
    if not tables:
        return None
    matched = [r for r in view.references if r.difference is not None]
    lead = (
        f"{len(matched)} of {len(view.references)} published figures are of a system that was measured here too."
        if matched
        else "None of these systems was measured here; they are for orientation."
    )
    return Section("published", "Published figures", (lead,), tables)
