"""The sections of a report in their order; each says None where a bundle holds nothing for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from harness.plugins import BLOCKS, Extended, tell
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


_ID = re.compile(r"[a-z][a-z0-9-]*")


def _plugged(name: str, make: Any) -> Callable[[ReportView], Section | None]:
    if not callable(make):
        raise ValueError(f"it is a {type(make).__name__}")
    return make  # type: ignore[no-any-return]


#: Sections of plug-ins by name.
PLUGGED: Extended[Callable[[ReportView], Section | None]] = Extended({}, BLOCKS, _plugged)


def sections(view: ReportView) -> tuple[Section, ...]:
    """Every section that has something to show. A plug-in's that fails is told, and the page goes on without it."""
    own = [section for section in (make(view) for make in SECTIONS) if section is not None]
    used = {section.id for section in own}
    last = [section for section in own if section.id in ("method", "manifest")]
    added = []
    for name, make in PLUGGED.items():
        section = _made(name, make, view, used)
        if section is not None:
            used.add(section.id)
            added.append(section)
    return (*(section for section in own if section not in last), *added, *last)


def _made(name: str, make: Callable[[ReportView], Any], view: ReportView, used: set[str]) -> Section | None:
    """A plug-in's section; None where it has none, or none that can be shown."""
    what = f"section {name!r} of {PLUGGED.origin(name)}"
    try:
        section = make(view)
    except Exception as error:
        tell(f"{what} failed ({type(error).__name__}: {' '.join(str(error).split())[:300]})")
        return None
    if section is None:
        return None
    if not isinstance(section, Section):
        tell(f"{what} gave a {type(section).__name__}, where a Section or None is wanted")
        return None
    if section.id in used or not _ID.fullmatch(section.id):
        tell(f"{what} has the id {section.id!r}, which is taken or no lower-case word")
        return None
    return section
