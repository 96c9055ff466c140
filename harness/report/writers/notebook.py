"""HTML for a notebook's cell: tables and sentences as the terminal has them, without a style sheet of their own."""

from __future__ import annotations

from markupsafe import Markup, escape

from harness.report.table import Column, DataTable, Value, interval_text, main_text
from harness.text import in_markup

_RIGHT = Markup(' style="text-align:right"')


def document(*parts: DataTable | str) -> str:
    """Return tables and lines as HTML; names are text, never markup."""
    blocks = []
    lines: list[str] = []
    for part in parts:
        if isinstance(part, str):
            lines.append(part)
            continue
        blocks += [_lines(lines), _table(part)]
        lines = []
    blocks.append(_lines(lines))
    return str(Markup("\n").join(block for block in blocks if block))


def framed(page: str) -> str:
    """Return a whole page in a frame of its own, so that its styles and scripts stay there."""
    return str(
        Markup(
            '<iframe sandbox="allow-scripts" style="width:100%;height:720px;border:0" srcdoc="{}"></iframe>'
        ).format(page)
    )


def _lines(lines: list[str]) -> Markup:
    """Lines as they are printed, their indentation kept."""
    text = Markup("\n").join(_text(line) for line in lines)
    return Markup('<div style="white-space:pre-wrap">{}</div>').format(text) if lines else Markup()


def _table(table: DataTable) -> Markup:
    best = [table.best(i) for i in range(len(table.columns))]
    head = Markup().join(
        Markup('<th{} title="{}">{}</th>').format(_align(column), _text(column.help), _text(column.title))
        for column in table.columns
    )
    rows = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup().join(
                _cell(column, value, bold=r in best[i] or (i == 0 and r == table.marked))
                for i, (column, value) in enumerate(zip(table.columns, row, strict=True))
            )
        )
        for r, row in enumerate(table.rows)
    )
    caption = Markup("<caption>{}</caption>").format(_text(table.caption)) if table.caption else ""
    notes = Markup().join(Markup("<div><small>{}</small></div>").format(_text(note)) for note in table.notes)
    return Markup("<table>{}<thead><tr>{}</tr></thead><tbody>\n{}\n</tbody></table>{}").format(
        caption, head, rows, notes
    )


def _cell(column: Column, value: Value, *, bold: bool) -> Markup:
    text, interval = main_text(value, column.kind), interval_text(value, column.kind)
    shown = Markup("<b>{}</b>").format(_text(text)) if bold else _text(text)
    if interval:
        shown += Markup(" <small>{}</small>").format(_text(interval))
    return Markup("<td{}>{}</td>").format(_align(column), shown)


def _align(column: Column) -> Markup:
    return _RIGHT if column.numeric else Markup()


def _text(text: str) -> Markup:
    return escape(in_markup(text))
