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
        terminal.print(_drawn(table, stream))
        for note in table.notes:
            style = "yellow" if note.startswith("Warning") else "dim"
            terminal.print(Text(console.fitted(note, stream), style=style), soft_wrap=True)
    if terminal.is_terminal:
        console.write(stream, drawn.get())
    else:
        console.write_lines(stream, *(line.rstrip(" ") for line in drawn.get().splitlines()))


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
