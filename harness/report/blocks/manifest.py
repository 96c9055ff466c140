"""The manifest."""

from __future__ import annotations

from harness.report.blocks.base import Folded, Part, Records, Section
from harness.report.model import ReportView


def section(view: ReportView) -> Section | None:
    """Everything recorded, in rows."""
    if not view.manifest:
        return None
    lead = "With the bundle’s tables every figure here can be recomputed: 'harness verify BUNDLE'."
    first, *others = view.manifest
    parts: tuple[Part, ...] = (
        Records((first,)),
        *([Folded("Machine, packages, data and models", (Records(tuple(others)),))] if others else []),
    )
    return Section("manifest", "Manifest", (lead,), parts)
