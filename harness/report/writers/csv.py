"""CSV (RFC 4180, UTF-8), unrounded: reading it back gives equal values.

A spreadsheet takes a text that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, quoted or not: an apostrophe
keeps it from that. Figures stay figures. Control characters and codes of direction are written as escapes.
"""

from __future__ import annotations

import csv
import io
import re

from harness.report.table import DataTable
from harness.report.writers.flat import Scalar, fields, records
from harness.text import escaped, unescaped

# The last four are the same signs at full width, which spreadsheets in East Asia take for them.
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")


def document(table: DataTable) -> str:
    """A table with its header; an unknown value is an empty field."""
    stream = io.StringIO(newline="")
    # Every text is quoted: a lone carriage return would otherwise end a row.
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([_written(name) for name, _ in fields(table)])
    for record in records(table):
        writer.writerow([_written(value) for value in record])
    return stream.getvalue()


def _written(value: Scalar) -> Scalar:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = escaped(value)
    return f"'{text}" if _FORMULA.match(text) else text


def read(text: str, table: DataTable) -> list[tuple[Scalar, ...]]:
    """The records of a document of a table of the same columns, as :func:`flat.records` gives them."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    numeric = [is_figure for _, is_figure in fields(table)]
    return [
        tuple(_value(value, is_figure) for value, is_figure in zip(row, numeric, strict=True))
        for row in rows[1:]
    ]


def _value(text: str, numeric: bool) -> Scalar:
    if text == "":
        return None
    if numeric:
        return float(text)
    return unescaped(text[1:] if text.startswith("'") and _FORMULA.match(text) else text)
