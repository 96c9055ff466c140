"""The terminal, through rich; plain text where there is none."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import console
from harness.report.summary import SummaryTable

#: Where there is no terminal there is no width to fit: nothing is cut or wrapped.
_ENDLESS = 100_000


def show(summary: SummaryTable, stream: TextIO | None = None) -> None:
    """Print a table. Names are text, never markup, and what a stream cannot show is written in plain characters."""
    stream = stream or sys.stdout
    terminal = Console(file=stream) if stream.isatty() else Console(file=stream, width=_ENDLESS)
    with terminal.capture() as drawn:
        if summary.title:
            terminal.print(Text(console.fitted(summary.title, stream), style="italic"), soft_wrap=True)
        terminal.print(_table(summary, stream))
        for note in summary.notes:
            style = "yellow" if note.startswith("Warning") else "dim"
            terminal.print(Text(console.fitted(note, stream), style=style), soft_wrap=True)
    if terminal.is_terminal:
        console.write(stream, drawn.get())
    else:
        console.write_lines(stream, *(line.rstrip(" ") for line in drawn.get().splitlines()))


def _table(summary: SummaryTable, stream: TextIO) -> Table:
    def fitted(text: str, style: str = "") -> Text:
        return Text(console.fitted(text, stream), style=style)

    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, name in enumerate(summary.header):
        table.add_column(fitted(name), justify="left" if i < 2 else "right", no_wrap=i == 0, overflow="fold")
    for row in summary.rows:
        table.add_row(*(fitted(cell.full, "bold" if cell.best else "") for cell in row))
    return table
