"""The terminal, through rich; plain text where there is none."""

from __future__ import annotations

import io
import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import console
from harness.report.table import Column, DataTable, Value, interval_text, main_text

#: Where there is no terminal there is no width to fit: nothing is cut or wrapped.
_ENDLESS = 100_000
_MARK = " ←"
#: A column of words may be folded down to so many characters.
_LEAST_WORDS = 8


def show(*parts: DataTable | str, stream: TextIO | None = None) -> None:
    """Print tables and lines. Names are text, never markup; what a stream cannot show is written plainly."""
    stream = stream or sys.stdout
    for part in parts:
        if isinstance(part, str):
            console.write_lines(stream, part)
        else:
            _show(part, stream)


def _show(table: DataTable, stream: TextIO) -> None:
    # Without a terminal rich gets a buffer of its own: it flushes what it is given, and would fail on a full disk.
    terminal = Console(file=stream) if stream.isatty() else Console(file=io.StringIO(), width=_ENDLESS)
    with terminal.capture() as drawn:
        if table.caption:
            terminal.print(Text(console.fitted(table.caption, stream), style="italic"), soft_wrap=True)
        fits = _least_width(table) <= terminal.width
        terminal.print(_drawn(table, stream) if fits else _stacked(table, stream))
        for note in table.notes:
            style = "yellow" if note.startswith("Warning") else "dim"
            terminal.print(Text(console.fitted(note, stream), style=style), soft_wrap=True)
    if terminal.is_terminal:
        console.write(stream, drawn.get())
    else:
        console.write_lines(stream, *(line.rstrip(" ") for line in drawn.get().splitlines()))


def _least_width(table: DataTable) -> int:
    """Columns of a terminal that a table needs, so that no name and no number is broken within."""
    widths = []
    for i, column in enumerate(table.columns):
        texts = [column.title, *(_text(column, row[i]) for row in table.rows)]
        parts = texts if i == 0 else [part for text in texts for part in text.split()]
        longest = max((len(part) for part in parts), default=0)
        widths.append(longest if i == 0 or column.numeric else min(longest, _LEAST_WORDS))
    return sum(widths) + 2 * (len(widths) - 1) + len(_MARK)


def _stacked(table: DataTable, stream: TextIO) -> Table:
    """A row below the other, each of its figures on a line of its own."""
    drawn = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True, overflow="fold")
    drawn.add_column(overflow="fold")
    for r, row in enumerate(table.rows):
        for i, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            text = _text(column, value) + (_MARK if i == 0 and r == table.marked else "")
            title = column.title if i == 0 else f"  {column.title}"
            drawn.add_row(
                Text(console.fitted(title, stream), style="dim"),
                Text(console.fitted(text, stream), style="bold" if i == 0 else ""),
            )
    return drawn


def _drawn(table: DataTable, stream: TextIO) -> Table:
    def fitted(text: str, style: str = "") -> Text:
        return Text(console.fitted(text, stream), style=style)

    drawn = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, column in enumerate(table.columns):
        drawn.add_column(
            fitted(column.title),
            justify="right" if column.numeric else "left",
            no_wrap=i == 0,
            overflow="fold",
        )
    best = [table.best(i) for i in range(len(table.columns))]
    for r, row in enumerate(table.rows):
        texts = [_text(column, value) for column, value in zip(table.columns, row, strict=True)]
        if r == table.marked:
            texts[0] += _MARK
        drawn.add_row(*(fitted(text, "bold" if r in best[i] else "") for i, text in enumerate(texts)))
    return drawn


def _text(column: Column, value: Value) -> str:
    """A cell; its signs are those of a keyboard, so that what is copied from here can be calculated with."""
    text, interval = main_text(value, column.kind), interval_text(value, column.kind)
    shown = f"{text} {interval}" if interval else text
    return shown.replace("−", "-") if column.numeric else shown
