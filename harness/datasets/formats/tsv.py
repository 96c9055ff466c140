"""TSV: a row a line, cells separated by tabs and never quoted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.datasets.formats.kind import CellFormat
from harness.datasets.textfiles import lines


def _cells(line: str) -> list[str]:
    return line.split("\t")


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    return ((number, _cells(line)) for number, line in lines(path))


FORMAT = CellFormat(("tsv", "txt"), separator="tab", sign="\t", rows=_rows, line=_cells)
