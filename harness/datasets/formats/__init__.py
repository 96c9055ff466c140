"""Formats of local tables, one file each, told by a file's name; who reads a table asks here and knows none."""

from __future__ import annotations

from pathlib import Path

from harness.datasets.formats import csvfiles, jsonfiles, parquet, tsv
from harness.datasets.formats.kind import CellFormat, Format, Record, RecordFormat
from harness.datasets.textfiles import kind_of
from harness.errors import DataError, listed

FORMATS: tuple[Format, ...] = (csvfiles.FORMAT, tsv.FORMAT, jsonfiles.FORMAT, parquet.FORMAT)


def known(path: Path) -> Format | None:
    """Return a file's format by its name, None where it is none of them."""
    kind = kind_of(path)
    return next((one for one in FORMATS if kind in one.suffixes), None)


def format_of(path: Path) -> Format:
    """Return a file's format by its name. Raises DataError where it is none of them."""
    found = known(path)
    if found is None:
        valid = [suffix for one in FORMATS for suffix in one.suffixes]
        raise DataError(f"{path}: unknown format {kind_of(path)!r}; valid are {listed(valid)}, plain or gzip")
    return found


__all__ = ["FORMATS", "CellFormat", "Format", "Record", "RecordFormat", "format_of", "known"]
