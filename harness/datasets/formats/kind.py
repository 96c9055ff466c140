"""What a format of local tables is: how its rows are read, and what may be read alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class CellFormat:
    """Rows of cells; a file may name its columns in a header line, or not at all.

    Attributes:
        suffixes: what its files' names end with, without a dot; more ways to write it are read alike.
        separator: what stands between cells, in words.
        sign: the same as it stands there.
        rows: yields (line number, cells) of every row. Raises DataError.
        line: the cells of one line; None where a row may span lines, so that it cannot be found again by where its
            line begins.
        in_lines: whether a file's beginning, cut at the end of a line, can be read alone.
    """

    suffixes: tuple[str, ...]
    separator: str
    sign: str
    rows: Callable[[Path], Iterator[tuple[int, list[str]]]]
    line: Callable[[str], list[str]] | None
    in_lines: Callable[[Path], bool] = lambda path: True


@dataclass(frozen=True)
class RecordFormat:
    """Records that name their columns themselves.

    Attributes:
        suffixes, in_lines: as of a :class:`CellFormat`.
        records: yields (line or row number, record) of every record; of the columns that are named, where some are
            and the format can leave others unread. Raises DataError.
        line: the record of one line, given its file and number; None where no record is a line.
    """

    suffixes: tuple[str, ...]
    records: Callable[[Path, Sequence[str] | None], Iterator[tuple[int, Record]]]
    line: Callable[[str, Path, int], Record] | None
    in_lines: Callable[[Path], bool]


Format = CellFormat | RecordFormat
