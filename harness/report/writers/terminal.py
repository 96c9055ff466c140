"""The terminal, through rich; plain text where there is none."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.summary import SummaryTable


def show(summary: SummaryTable, stream: TextIO | None = None) -> None:
    """Print a table. Names are text, never markup."""
    stream = stream or sys.stdout
    # Without a terminal there is no width to fit: nothing is cut or wrapped.
    console = Console(file=stream) if stream.isatty() else Console(file=stream, width=400)
    table = Table(
        title=Text(summary.title),
        title_justify="left",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for i, name in enumerate(summary.header):
        table.add_column(Text(name), justify="left" if i < 2 else "right", no_wrap=i == 0, overflow="fold")
    for row in summary.rows:
        table.add_row(*(Text(cell.full, style="bold" if cell.best else "") for cell in row))
    console.print(table)
    for note in summary.notes:
        console.print(Text(note, style="yellow" if note.startswith("Warning") else "dim"), soft_wrap=True)
