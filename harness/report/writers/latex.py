"""LaTeX tables: booktabs, the best figure bold, significance and other marks as superscripts.

``\\input`` one into a document with the packages booktabs and graphicx, in UTF-8. pdfLaTeX knows Latin letters and
the signs used here; names in other scripts need LuaLaTeX or XeLaTeX with a font that has them, and a comment says so.
"""

from __future__ import annotations

import re

from harness.report.table import Column, DataTable, Estimate, Value, interval_text, main_text
from harness.report.tables import GROUP, shortened
from harness.text import flowing

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    # Two hyphens would become a dash, and ?` and !` Spanish marks.
    "-": r"{-}",
    "−": r"$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "→": r"$\rightarrow$",
    "Δ": r"$\Delta$",
    "†": r"\textdagger{}",
    "–": r"\textendash{}",
    "…": r"\ldots{}",
    "·": r"\textperiodcentered{}",
    "\u202f": r"\,",
    "\u00a0": "~",
}
_LATIN = re.compile("[^\n\u0020-\u007e\u00a0-\u017f\u2013\u2014\u2018-\u201e\u2026]")
_JOINERS = re.compile("[\u200c\u200d]")
_MOST_TEXT = 80
#: Columns that are for looking up, not for print.
_NOT_PRINTED = frozenset({"what", "source", "text"})


def escape(text: str) -> str:
    """Text that LaTeX sets as it is, on one line."""
    clean = _JOINERS.sub("", flowing(text))
    return "".join(_SPECIAL.get(char, char) for char in clean)


def document(table: DataTable) -> str:
    """A floating table, as wide as its text or the line, whichever is less."""
    shown = _printed(shortened(table))
    best = [shown.best(place) for place in range(len(shown.columns))]
    groups = _folded(shown)
    kept = [place for place in range(len(shown.columns)) if place not in groups.values()]
    lines = [
        "% needs \\usepackage{booktabs,graphicx}",
        "\\begin{table}[tb]",
        "\\centering\\small",
        f"\\caption{{{escape(shown.caption)}}}",
        f"\\label{{tab:{re.sub('[^a-z0-9-]+', '-', shown.key)}}}",
        "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%",
        f"\\begin{{tabular}}{{@{{}}{''.join('r' if shown.columns[p].numeric else 'l' for p in kept)}@{{}}}}",
        "\\toprule",
        " & ".join(escape(shown.columns[p].title) for p in kept) + r" \\",
        "\\midrule",
    ]
    for i, row in enumerate(shown.rows):
        cells = []
        for p in kept:
            letters = row[groups[p]] if p in groups else None
            bold = i in best[p] or (i == shown.marked and shown.columns[p].kind == "name")
            cells.append(_cell(shown.columns[p], row[p], str(letters or ""), bold=bold))
        lines.append(" & ".join(cells) + r" \\")
    lines += ["\\bottomrule", "\\end{tabular}}"]
    if shown.notes:
        lines.append("\\par\\smallskip\\footnotesize " + " ".join(escape(_sentence(n)) for n in shown.notes))
    text = "\n".join([*lines, "\\end{table}", ""])
    if _LATIN.search(text):
        text = (
            "% holds letters that pdfLaTeX lacks: use LuaLaTeX or XeLaTeX with a font that has them\n" + text
        )
    return text


def _cell(column: Column, value: Value, letters: str, *, bold: bool) -> str:
    plain = Estimate(value.value) if isinstance(value, Estimate) else value
    text = main_text(plain, column.kind)
    if not column.numeric and len(text) > _MOST_TEXT:
        text = f"{text[: _MOST_TEXT - 1]}…"
    shown = escape(text)
    if bold:
        shown = f"\\textbf{{{shown}}}"
    mark = value.mark if isinstance(value, Estimate) and value.value is not None else ""
    if mark or letters:
        shown += f"\\textsuperscript{{{escape(mark + letters)}}}"
    interval = interval_text(value, column.kind)
    return f"{shown} {{\\scriptsize {escape(interval)}}}" if interval else shown


def _printed(table: DataTable) -> DataTable:
    kept = [i for i, column in enumerate(table.columns) if column.key not in _NOT_PRINTED]
    rows = tuple(tuple(row[i] for i in kept) for row in table.rows)
    columns = tuple(table.columns[i] for i in kept)
    return DataTable(table.key, table.caption, columns, rows, table.notes, table.marked)


def _folded(table: DataTable) -> dict[int, int]:
    """Place of a figure's column -> place of the letters that go to it as superscripts."""
    return {p - 1: p for p, column in enumerate(table.columns) if column.key == GROUP and p > 0}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
