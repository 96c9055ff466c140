"""Parquet, whose columns that nobody asks for are not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.datasets.formats.kind import Record, RecordFormat
from harness.datasets.textfiles import opened
from harness.errors import DataError


def _records(path: Path, columns: Sequence[str] | None) -> Iterator[tuple[int, Record]]:
    """Yield (row number from 1, row); of the columns that are named, where all are there. Raises DataError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opened(path):
        pass  # raises where there is no such file
    try:
        table = pq.ParquetFile(path)
        all_there = columns is not None and set(columns) <= set(table.schema_arrow.names)
        wanted = list(columns or ()) if all_there else None  # who misses one is told all that there are
        number = 0
        for batch in table.iter_batches(columns=wanted):
            for record in batch.to_pylist():
                number += 1
                yield number, record
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise DataError(f"{path}: not valid Parquet ({detail}); is the file complete?") from None


FORMAT = RecordFormat(("parquet",), records=_records, line=None, in_lines=lambda path: False)
