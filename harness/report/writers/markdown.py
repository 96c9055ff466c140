"""Markdown."""

from __future__ import annotations

import re

from harness.report.summary import SummaryTable

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def escape(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(summary: SummaryTable) -> str:
    """Return a table with its title and notes; the best figure of a column is bold."""
    lines = [f"**{escape(summary.title)}**", "", "| " + " | ".join(escape(h) for h in summary.header) + " |"]
    lines.append("|" + "|".join(" --- " if i < 2 else " ---: " for i in range(len(summary.header))) + "|")
    for row in summary.rows:
        shown = [
            f"**{cell.text}**{cell.mark} {escape(cell.interval)}".strip() if cell.best else escape(cell.full)
            for cell in row
        ]
        lines.append("| " + " | ".join(shown) + " |")
    lines += [line for note in summary.notes for line in ("", escape(note))]
    return "\n".join(lines) + "\n"
