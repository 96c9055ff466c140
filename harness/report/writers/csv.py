"""CSV (RFC 4180, UTF-8), unrounded: reading it back gives equal values."""

from __future__ import annotations

import csv
import io

from harness.report.table import DataTable
from harness.report.writers.flat import Scalar, fields, records


def document(table: DataTable) -> str:
    """A table with its header; an unknown value is an empty field."""
    stream = io.StringIO(newline="")
    # Every text is quoted: a lone carriage return would otherwise end a row.
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([name for name, _ in fields(table)])
    for record in records(table):
        writer.writerow(["" if value is None else value for value in record])
    return stream.getvalue()


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
    return float(text) if numeric else text
