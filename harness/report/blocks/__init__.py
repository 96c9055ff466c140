"""The sections of a report in their order; each says None where a bundle holds nothing for it."""

from __future__ import annotations

from collections.abc import Callable

from harness.report.blocks import (
    answer,
    comparison,
    depth,
    latency,
    manifest,
    method,
    pairs,
    published,
    queries,
    recall,
    stages,
    sts,
    tradeoff,
)
from harness.report.blocks.base import Section
from harness.report.model import ReportView

#: In the order of the page.
SECTIONS: tuple[Callable[[ReportView], Section | None], ...] = (
    answer.section,
    comparison.section,
    tradeoff.section,
    depth.section,
    recall.section,
    latency.section,
    stages.section,
    pairs.section,
    queries.section,
    sts.section,
    published.section,
    method.section,
    manifest.section,
)


def sections(view: ReportView) -> tuple[Section, ...]:
    """Every section that has something to show."""
    made = (make(view) for make in SECTIONS)
    return tuple(section for section in made if section is not None)
