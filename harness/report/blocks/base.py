"""What a section is made of, whoever writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.model import Answer, ManifestPart, Paragraph
from harness.report.table import DataTable


@dataclass(frozen=True)
class FigurePart:
    """A figure by its key in ``harness.report.figures.FIGURES``, with a caption and a text alternative."""

    key: str
    caption: str
    alternative: str


def captioned(part: FigurePart, figure: object) -> str:
    """A figure's caption: what it shows, and what the lines and marks are that were drawn, and no others."""
    told = "; ".join(getattr(figure, "marks", ()))
    return f"{part.caption} {told[:1].upper()}{told[1:]}." if told else part.caption


@dataclass(frozen=True)
class Prose:
    """Paragraphs; ``tone`` is ``plain``, ``note`` or ``warning``."""

    texts: tuple[str, ...]
    tone: str = "plain"


@dataclass(frozen=True)
class Titled:
    """Paragraphs with a title each."""

    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Recommendation:
    """The answer."""

    answer: Answer


@dataclass(frozen=True)
class QueryExplorer:
    """The place of the interactive per-query view; a writer without interaction may leave it out."""

    explanation: str


@dataclass(frozen=True)
class Records:
    """Parts of the manifest."""

    parts: tuple[ManifestPart, ...]


@dataclass(frozen=True)
class Folded:
    """Parts that a reader opens on demand."""

    summary: str
    parts: tuple[Part, ...]


Part = DataTable | FigurePart | Prose | Titled | Recommendation | QueryExplorer | Records | Folded


@dataclass(frozen=True)
class Section:
    """One section: an id fit for a link, a title, paragraphs to begin with, parts."""

    id: str
    title: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]


def joined(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def filled(*tables: DataTable) -> tuple[DataTable, ...]:
    """Those tables that have rows."""
    return tuple(table for table in tables if table.rows)
