"""Rows of local tables by column name: CSV (quoted), TSV (never quoted), JSONL or Parquet, plain or gzip."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.datasets import jsonfiles
from harness.datasets.textfiles import (
    decoded,
    kind_of,
    lines,
    opened,
    opened_text,
    raw_lines,
)
from harness.errors import DataError, listed

_FORMATS = ("csv", "tsv", "jsonl", "parquet")
csv.field_size_limit(2**31 - 1)  # a text may be longer than 128 KiB


@dataclass(frozen=True)
class Columns:
    """What a table's columns are called, in order, and which are needed.

    In JSONL and Parquet the rows name their columns themselves; ``names`` and ``header`` are for CSV and TSV.
    """

    names: tuple[str, ...]
    needed: tuple[str, ...]
    header: bool = False


def read(path: Path, columns: Columns) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row); columns or keys beyond those needed are ignored. Raises DataError."""
    kind = kind_of(path)
    if kind not in _FORMATS:
        raise DataError(
            f"{path}: unknown format {kind!r}; it is .csv (quoted), .tsv, .jsonl, plain or with .gz, or .parquet"
        )
    if kind == "jsonl":
        return _json_rows(path, columns.needed)
    if kind == "parquet":
        return parquet_rows(path, columns.needed)
    found = csv_rows(path) if kind == "csv" else ((n, text.split("\t")) for n, text in lines(path))
    return _named(found, columns.names, path, skip_first=columns.header)


def _named(
    found: Iterator[tuple[int, list[str]]], columns: Sequence[str], path: Path, *, skip_first: bool
) -> Iterator[tuple[int, dict[str, Any]]]:
    for i, (number, parts) in enumerate(found):
        if i == 0 and skip_first:
            continue
        if len(parts) < len(columns):
            raise DataError(
                f"{path}:{number}: {len(parts)} columns, where {len(columns)} are expected ({listed(columns)})"
            )
        yield number, dict(zip(columns, parts, strict=False))


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the last line, cells) of every row of a CSV. Raises DataError."""
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


def _json_rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, record in jsonfiles.records(path):
        _check_keys(record, needed, path, number)
        yield number, record


def parquet_rows(path: Path, needed: Sequence[str] | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row number from 1, row) of a Parquet file: of the columns that are needed, or of all. Raises DataError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opened(path):
        pass  # raises where there is no such file
    try:
        table = pq.ParquetFile(path)
        _check_keys(dict.fromkeys(table.schema_arrow.names), needed or (), path, 1)
        number = 0
        for batch in table.iter_batches(columns=None if needed is None else list(needed)):
            for record in batch.to_pylist():
                number += 1
                yield number, record
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise DataError(f"{path}: not valid Parquet ({detail}); is the file complete?") from None


def _check_keys(record: dict[str, Any], needed: Sequence[str], path: Path, number: int) -> None:
    if missing := [name for name in needed if name not in record]:
        raise DataError(f"{path}:{number}: no {listed(missing)} among the keys {listed(record) or 'none'}")


def text_of(row: dict[str, Any], name: str, path: Path, number: int) -> str:
    """Return a row's text in a column. Raises DataError where it is no text, or empty."""
    value = row[name]
    if not isinstance(value, str):
        raise DataError(f"{path}:{number}: {name} is not text")
    if not value.strip():
        raise DataError(f"{path}:{number}: {name} is empty")
    return value
