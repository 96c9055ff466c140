"""The answer, first."""

from __future__ import annotations

from harness.report.blocks.base import Recommendation, Section
from harness.report.model import ReportView


def section(view: ReportView) -> Section | None:
    """The recommended pipeline in two sentences, how sure that is, and what to keep in mind."""
    return Section("answer", "The answer", (), (Recommendation(view.answer),))
