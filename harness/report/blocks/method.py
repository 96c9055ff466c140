"""How every number was made."""

from __future__ import annotations

from harness.report.blocks.base import Section, Titled
from harness.report.model import ReportView


def section(view: ReportView) -> Section | None:
    """The method in words."""
    if not view.method:
        return None
    lead = "Written from what this bundle records, not from a template of what should have been done."
    return Section("method", "Method", (lead,), (Titled(view.method),))
