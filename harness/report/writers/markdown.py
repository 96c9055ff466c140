"""Markdown: a table, and a whole report in the page's order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.report.blocks import sections
from harness.report.blocks.base import (
    FigurePart,
    Folded,
    Part,
    Prose,
    QueryExplorer,
    Recommendation,
    Records,
    Titled,
    captioned,
)
from harness.report.model import Answer, ReportView
from harness.report.several.base import Several
from harness.report.table import DataTable, interval_text, main_text
from harness.report.tables import queries, shortened
from harness.text import flowing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_TEXT = 300
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~&$])")


def escape(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", flowing(text))


def cut(table: DataTable) -> str:
    """Return a table as :func:`document` does, a long one cut with a count."""
    return document(shortened(table))


def document(shown: DataTable) -> str:
    """Return a table with its caption and notes; the best figures are bold."""
    best = [shown.best(place) for place in range(len(shown.columns))]
    head = "| " + " | ".join(escape(column.title) for column in shown.columns) + " |"
    rule = "|" + "|".join(" ---: " if column.numeric else " --- " for column in shown.columns) + "|"
    lines = [f"**{escape(shown.caption)}**", "", head, rule]
    for i, row in enumerate(shown.rows):
        cells = []
        for place, (column, value) in enumerate(zip(shown.columns, row, strict=True)):
            text = _cut(main_text(value, column.kind))
            bold = i in best[place] or (i == shown.marked and column.kind == "name")
            cells.append(
                " ".join(
                    filter(
                        None,
                        (_bold(text) if bold else escape(text), escape(interval_text(value, column.kind))),
                    )
                )
            )
        lines.append("| " + " | ".join(cells) + " |")
    lines += [line for note in shown.notes for line in ("", escape(note))]
    lines += [line for title, said in shown.terms for line in ("", f"*{escape(title)}*: {escape(said)}.")]
    return "\n".join(lines) + "\n"


def report(view: ReportView, drawn: Mapping[str, Figure] | None = None) -> str:
    """Return the whole report; ``drawn`` are the figures that lie in ``figures/``."""
    figures = drawn or {}
    lines = [f"# {escape(view.title)}", "", escape(f"{view.n:,} {view.unit}. {view.description}".strip()), ""]
    for section in sections(view):
        lines += [f"## {escape(section.title)}", ""]
        lines += [line for text in section.lead for line in (escape(text), "")]
        lines += [line for part in section.parts for line in _part(part, view, figures)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _part(part: Part, view: ReportView, drawn: Mapping[str, Figure]) -> Iterator[str]:
    match part:
        case Recommendation():
            yield from _answer(part.answer)
        case QueryExplorer():
            if part.explanation:
                yield from (escape(part.explanation), "")
            table = queries(view)
            if table.rows:
                yield cut(table)
        case Folded():
            yield from (f"### {escape(part.summary)}", "")
            for inner in part.parts:
                yield from _part(inner, view, drawn)
        case _:
            yield from _static(part, drawn)


def _static(part: Part, drawn: Mapping[str, Figure]) -> Iterator[str]:
    """Parts that need nothing beside themselves."""
    match part:
        case DataTable():
            yield cut(part)
        case FigurePart():
            if part.key in drawn:
                alternative = escape(part.alternative)
                caption = escape(captioned(part, drawn[part.key]))
                yield from (f"![{alternative}](figures/{part.key}.svg)", "", f"*{caption}*", "")
        case Prose():
            quote = "> " if part.tone == "warning" else ""
            yield from (line for text in part.texts for line in (f"{quote}{escape(text)}", ""))
        case Titled():
            for paragraph in part.paragraphs:
                yield from (f"**{escape(paragraph.title)}.** {escape(paragraph.text)}", "")
        case Records():
            for one in part.parts:
                yield from (f"**{escape(one.title)}**", "", "| | |", "| --- | --- |")
                yield from (f"| {escape(key)} | {escape(_cut(value))} |" for key, value in one.rows)
                yield ""
        case _:
            return


def _answer(answer: Answer) -> Iterator[str]:
    yield from (f"**{escape(answer.headline)}** {escape(answer.beside)}".rstrip(), "")
    yield from (escape(" ".join(answer.sentences)), "")
    if answer.sure:
        yield from (escape(answer.sure), "")
    yield from (line for text in answer.caveats for line in (f"- {escape(text)}",))
    if answer.caveats:
        yield ""


def _bold(text: str) -> str:
    return f"**{escape(text)}**"


def _cut(text: str) -> str:
    return (
        text
        if len(text) <= _MOST_TEXT
        else f"{text[:_MOST_TEXT]}… ({len(text) - _MOST_TEXT:,} more characters)"
    )


def several(report: Several) -> str:
    """Return a report of several bundles."""
    lines = [f"# {escape(report.title)}", "", escape(report.why), ""]
    for section in report.sections:
        lines += [f"## {escape(section.title)}", ""]
        lines += [line for text in section.lead for line in (escape(text), "")]
        lines += [line for part in section.parts for line in _static(part, report.figures)]
    return "\n".join(lines).rstrip("\n") + "\n"
