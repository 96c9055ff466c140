"""CSV: cells separated by commas, quoted where need be, so that a row may span lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from harness.datasets.formats.kind import CellFormat
from harness.datasets.textfiles import decoded, opened_text, raw_lines
from harness.errors import DataError

csv.field_size_limit(2**31 - 1)  # a text may be longer than 128 KiB


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the last line, cells) of every row. Raises DataError."""
    with opened_text(path) as file:
        reader = csv.reader((decoded(raw, path, number) for number, raw in raw_lines(file)), strict=True)
        try:
            for parts in reader:
                if parts:
                    yield reader.line_num, parts
        except csv.Error as error:
            raise DataError(
                f"{path}:{reader.line_num}: not valid CSV ({error}); is the file complete?"
            ) from None


FORMAT = CellFormat(("csv",), separator="comma", sign=",", rows=_rows, line=None)
