"""Local documents and queries: TSV, CSV, JSON or Parquet, plain or gzip."""

from __future__ import annotations

import json
import os
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np

from harness.datamodel import Document, Query
from harness.datasets.corpus import Contents, scan
from harness.datasets.fields import DOCUMENT, QUERY, USUAL, Chooser, Fields, RecordKind, id_of, joined
from harness.datasets.formats import FORMATS, CellFormat, Format, RecordFormat, format_of
from harness.datasets.textfiles import check_id, decoded, expected_columns, kind_of, spool, spooled
from harness.errors import DataError, listed

#: Columns of a table without a header line, by their number.
_WIDTHS = {2: ("id", "text"), 3: ("id", "title", "text")}

#: Turns one line, with its number, into (id, text).
Parser = Callable[[str, int], tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Layout:
    """How a file of documents or queries is read.

    Attributes:
        columns: names of the columns of a table of cells without a header line.
    """

    path: Path
    kind: RecordKind
    fields: Fields = USUAL
    columns: tuple[str, ...] | None = None

    @cached_property
    def format(self) -> Format:
        """The file's format, by its name. Raises DataError."""
        found = format_of(self.path)
        if self.columns is not None and isinstance(found, RecordFormat):
            raise DataError(
                f"{self.path}: 'columns' is for tables without a header line; {kind_of(self.path)} names its own "
                f"(choose with '{self.kind.key}: {{id: ..., text: ...}}')"
            )
        return found

    @cached_property
    def chooser(self) -> Chooser:
        """What finds the columns."""
        return Chooser(self.kind, self.fields)

    def parser(self) -> tuple[Parser, int] | None:
        """Return what reads a line of the file, and the number of its header line, or 0.

        None where not every record is a line of its own, that could be found again by where the line begins.
        """
        found = self.format
        if isinstance(found, RecordFormat):
            if found.line is None or not found.in_lines(self.path):
                return None
            record_of = found.line
            return lambda line, number: self.of_record(record_of(line, self.path, number), number), 0
        if found.line is None:
            return None
        cells_of = found.line
        number, first = next(found.rows(self.path), (1, None))
        table = self._table(found, first, number)
        return lambda line, at: table.row(cells_of(line), at), number if table.header else 0

    def records(self) -> Iterator[tuple[int, str, str]]:
        """Yield (line or row number, id, text) of every record. Raises DataError."""
        found = self.format
        if isinstance(found, RecordFormat):
            for number, record in found.records(self.path, None):
                yield number, *self.of_record(record, number)
        else:
            yield from self._of_cells(found)
        self.check_seen()

    def _of_cells(self, found: CellFormat) -> Iterator[tuple[int, str, str]]:
        table = None
        for number, cells in found.rows(self.path):
            if table is None:
                table = self._table(found, cells, number)
                if table.header:
                    continue
            yield number, *table.row(cells, number)

    def of_record(self, record: dict[str, Any], number: int) -> tuple[str, str]:
        """Return a record's id and text."""
        try:
            chosen = self.chooser.of(record)
            found = id_of(record[chosen.id], self.kind), chosen.text(record)
        except ValueError as error:
            raise DataError(f"{self.path}:{number}: {error}") from None
        return check_id(found[0], self.path, number, self.kind.name), found[1]

    def check_seen(self) -> None:
        """Raise DataError where a title was named that no record has."""
        try:
            self.chooser.check_seen()
        except ValueError as error:
            raise DataError(f"{self.path}: {error}") from None

    def _table(self, found: CellFormat, first: Sequence[str] | None, number: int) -> _Table:
        """Return how rows of cells are read, by the first."""
        if first is None:
            return _Table(self, ("id", "text"), False, 0, (1,))
        if self.columns is not None:
            names, header = self.columns, tuple(first) == self.columns
        elif self.chooser.is_header(first):
            names, header = tuple(first), True
        elif not self.fields.given and len(first) in _WIDTHS:
            names, header = _WIDTHS[len(first)], False
        else:
            raise DataError(f"{self.path}:{number}: {self._no_layout(found, first)}")
        try:
            chosen = self.chooser.of(names)
        except ValueError as error:
            raise DataError(f"{self.path}:{number}: {error}") from None
        texts = chosen.texts if chosen.title is None else (chosen.title, *chosen.texts)
        return _Table(self, names, header, names.index(chosen.id), tuple(names.index(name) for name in texts))

    def _no_layout(self, found: CellFormat, first: Sequence[str]) -> str:
        what, key = self.kind.name, self.kind.key
        if self.fields.given:
            wanted = [name for name in (self.fields.id, self.fields.title, *self.fields.texts) if name]
            return f"the first line holds {listed(first)}, not all of the {key} {listed(wanted)}"
        width, separator = len(first), found.separator
        known = {one.sign: f"{one.separator}s" for one in FORMATS if isinstance(one, CellFormat)}
        # Texts hold commas anyway: they are thought of last.
        signs = sorted({";": "semicolons", **known}.items(), key=lambda item: item[0] == ",")
        other = next((name for sign, name in signs if width == 1 and sign in first[0]), "")
        hint = (
            f"; here {other} seem to separate them: {'save it with commas' if separator == 'comma' else 'is it a CSV?'}"
            if other
            else ""
        )
        return (
            f"{width} {separator}-separated column{'s' if width > 1 else ''}; {what} files have 2 (id, text) or 3 (id, "
            f"title, text), or name them in a header line: name other layouts with 'columns', or the header's with "
            f"'{key}: {{id: ..., text: ...}}'{hint}"
        )


@dataclass(frozen=True)
class _Table:
    """The rows of a table of cells: where the id stands, and what makes the text."""

    layout: Layout
    names: tuple[str, ...]
    header: bool
    id: int
    texts: tuple[int, ...]

    def row(self, cells: Sequence[str], number: int) -> tuple[str, str]:
        """Return a row's id and text."""
        if len(cells) != len(self.names):
            raise expected_columns(len(cells), self.names, self.layout.path, number)
        what = self.layout.kind.name
        return check_id(cells[self.id], self.layout.path, number, what), joined(cells[i] for i in self.texts)


def read_queries(path: Path, fields: Fields = USUAL, columns: Sequence[str] | None = None) -> list[Query]:
    """Read queries. Raises DataError for a malformed line or an id given twice."""
    queries: dict[str, Query] = {}
    for number, query_id, text in Layout(
        path, QUERY, fields, None if columns is None else tuple(columns)
    ).records():
        if query_id in queries:
            raise DataError(f"{path}:{number}: query id {query_id!r} is given twice")
        queries[query_id] = Query(query_id, text)
    if not queries:
        raise DataError(f"{path}: holds no queries")
    return list(queries.values())


class FileCorpus:
    """Documents in a local file, of which only ids and byte offsets are kept in memory.

    What cannot be found again by where a line begins (CSV, Parquet, an array of JSON) is read once into a nameless
    temporary file.
    """

    def __init__(self, path: Path, fields: Fields = USUAL, columns: Sequence[str] | None = None) -> None:
        self.path = path
        self._layout = Layout(path, DOCUMENT, fields, None if columns is None else tuple(columns))
        self._parse, self._header, self._file = self._opened()
        weakref.finalize(self, self._file.close)
        self._offsets = array("q")  # where each document's line begins
        self._numbers = array("q")

    def _opened(self) -> tuple[Parser, int, IO[bytes]]:
        if (by_lines := self._layout.parser()) is not None:
            return *by_lines, spooled(self.path)
        written = (json.dumps(record[1:]).encode() + b"\n" for record in self._layout.records())
        return _read_back, 0, spool(written, self.path)

    @cached_property
    def contents(self) -> Contents:
        """Ids, count and digest; the first access reads the whole file once."""
        offsets, numbers = array("q"), array("q")

        def documents() -> Iterator[Document]:
            for offset, number, document in self._documents():
                offsets.append(offset)
                numbers.append(number)
                yield document

        contents = scan(documents(), str(self.path))
        self._layout.check_seen()
        self._offsets, self._numbers = offsets, numbers
        return contents

    def _documents(self) -> Iterator[tuple[int, int, Document]]:
        offset = 0
        for number, raw in enumerate(_lines_of(self._file.fileno()), start=1):
            text = decoded(raw, self.path, number).rstrip("\r\n")
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip() and number != self._header:
                yield offset, number, Document(*self._parse(text, number))
            offset += len(raw)

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return (document.text for _, _, document in self._documents())

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        assert len(self.contents)
        wanted = np.asarray(positions)
        texts = [""] * len(wanted)
        for i in np.argsort(wanted, kind="stable"):
            number = self._numbers[wanted[i]]
            self._file.seek(self._offsets[wanted[i]])
            line = decoded(self._file.readline(), self.path, number).rstrip("\r\n")
            texts[i] = self._parse(line.removeprefix("\ufeff") if number == 1 else line, number)[1]
        return texts


def _read_back(line: str, number: int) -> tuple[str, str]:
    """Parse a line that was written here."""
    doc_id, text = json.loads(line)
    return doc_id, text


def _lines_of(descriptor: int) -> Iterator[bytes]:
    """Read lines by position, so that a fetch during the iteration does not move it."""
    position, rest = 0, b""
    while block := os.pread(descriptor, 1 << 20, position):
        position += len(block)
        parts = (rest + block).split(b"\n")
        rest = parts.pop()
        for part in parts:
            yield part + b"\n"
    if rest:
        yield rest
