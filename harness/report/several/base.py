"""What a report of several bundles is: a kind, why it was chosen, sections, and figures of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from harness.report.blocks.base import Section
from harness.report.table import DataTable
from harness.results.bundle import Bundle


@dataclass(frozen=True, eq=False)
class Several:
    """A report of several bundles.

    Attributes:
        kind: ``suites``, ``time`` or ``devices``.
        why: a sentence on what the bundles share, by which this kind was chosen.
        title: of the page.
        bundles: their names.
        sections: of tables, figures and prose.
        figures: by the key that a section names.
    """

    kind: str
    why: str
    title: str
    bundles: tuple[str, ...]
    sections: tuple[Section, ...]
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[DataTable, ...]:
        """Every table, in the order of the page."""
        return tuple(
            part for section in self.sections for part in section.parts if isinstance(part, DataTable)
        )


def in_all(read: Sequence[Bundle]) -> list[str]:
    """Pipelines that every bundle has, in the order of the first: pipelines are the same where their names are."""
    return [name for name in read[0].pipelines if all(name in bundle.pipelines for bundle in read)]
