"""Rows of local tables by column name, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.datasets.formats import CellFormat, Record, format_of
from harness.datasets.textfiles import expected_columns
from harness.errors import DataError, listed


@dataclass(frozen=True)
class Columns:
    """What a table's columns are called, in order, and which are needed.

    Where the rows name their columns themselves, as in JSONL and Parquet, ``names`` and ``header`` do not matter.
    """

    names: tuple[str, ...]
    needed: tuple[str, ...]
    header: bool = False


def read(path: Path, columns: Columns) -> Iterator[tuple[int, Record]]:
    """Yield (line number, row); columns or keys beyond those needed are ignored. Raises DataError."""
    found = format_of(path)
    if isinstance(found, CellFormat):
        return _named(found.rows(path), columns.names, path, skip_first=columns.header)
    return _checked(found.records(path, columns.needed), columns.needed, path)


def _named(
    found: Iterator[tuple[int, list[str]]], columns: Sequence[str], path: Path, *, skip_first: bool
) -> Iterator[tuple[int, Record]]:
    for i, (number, cells) in enumerate(found):
        if i == 0 and skip_first:
            continue
        if len(cells) < len(columns):
            raise expected_columns(len(cells), columns, path, number)
        yield number, dict(zip(columns, cells, strict=False))


def _checked(
    found: Iterable[tuple[int, Record]], needed: Sequence[str], path: Path
) -> Iterator[tuple[int, Record]]:
    for number, record in found:
        if missing := [name for name in needed if name not in record]:
            raise DataError(
                f"{path}:{number}: no {listed(missing)} among the keys {listed(record) or 'none'}"
            )
        yield number, record


def text_of(row: Record, name: str, path: Path, number: int) -> str:
    """Return a row's text in a column. Raises DataError where it is no text, or empty."""
    value = row[name]
    if not isinstance(value, str):
        raise DataError(f"{path}:{number}: {name} is not text")
    if not value.strip():
        raise DataError(f"{path}:{number}: {name} is empty")
    return value
