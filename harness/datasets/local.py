"""Local documents and queries: TSV or JSONL, plain or gzip."""

from __future__ import annotations

import os
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from harness.datamodel import Document, Query
from harness.datasets.corpus import Contents, scan
from harness.datasets.textfiles import check_id, decoded, json_object, kind_of, lines, split_columns, spooled
from harness.errors import DataError, listed

_ID_KEYS = ("_id", "id", "doc_id", "docid", "docno", "query_id", "qid", "pid")
_TEXT_KEYS = ("text", "contents", "body", "passage", "query", "question")
_FORMATS = ("tsv", "txt", "jsonl", "json")

#: Turns one line, with its number, into (id, text).
Parser = Callable[[str, int], tuple[str, str]]


def parser_for(path: Path, what: str, fields: Sequence[str] | None, columns: Sequence[str] | None) -> Parser:
    """Return how to read a line of a file.

    ``fields`` are the columns or keys that make the text, joined by a space (default: title, where there is
    one, and text). ``columns`` names a TSV's columns (default: id, text or id, title, text, from its first
    line).
    """
    kind = kind_of(path)
    if kind not in _FORMATS:
        raise DataError(f"{path}: unknown format {kind!r}; valid are {listed(_FORMATS)}, plain or with .gz")
    if kind.startswith("json"):
        if columns is not None:
            raise DataError(f"{path}: 'columns' is for TSV; JSON names its own (choose with 'text')")
        return _json_parser(path, what, fields)
    return _tsv_parser(path, what, fields, columns)


def _tsv_parser(path: Path, what: str, fields: Sequence[str] | None, columns: Sequence[str] | None) -> Parser:
    if columns is None:
        first = next((text for _, text in lines(path)), "")
        width = first.count("\t") + 1
        guesses = {2: ("id", "text"), 3: ("id", "title", "text")}
        if first and width not in guesses:
            raise DataError(
                f"{path}:1: {width} tab-separated column{'s' if width > 1 else ''}; {what} files have 2 "
                "(id, text) or 3 "
                "(id, title, text): name other layouts with 'columns'"
            )
        columns = guesses.get(width, ("id", "text"))
    wanted = tuple(fields or (name for name in ("title", "text") if name in columns))
    for name in ("id", *wanted):
        if name not in columns:
            raise DataError(f"{path}: no column {name!r} among {listed(columns)}")
    names = tuple(columns)

    def parse(text: str, number: int) -> tuple[str, str]:
        row = split_columns(text, names, path, number)
        return check_id(row["id"], path, number, what), _joined(row[name] for name in wanted)

    return parse


def _json_parser(path: Path, what: str, fields: Sequence[str] | None) -> Parser:
    def parse(text: str, number: int) -> tuple[str, str]:
        record = json_object(text, path, number)
        id_key = next((key for key in _ID_KEYS if key in record), None)
        if id_key is None:
            raise DataError(
                f"{path}:{number}: no id among the keys {listed(record)}; one of {listed(_ID_KEYS)} is"
            )
        wanted = fields
        if wanted is None:
            text_key = next((key for key in _TEXT_KEYS if key in record), None)
            if text_key is None:
                raise DataError(
                    f"{path}:{number}: no text among the keys {listed(record)}; one of {listed(_TEXT_KEYS)} "
                    "is, or name "
                    "the key with 'text'"
                )
            wanted = ("title", text_key) if "title" in record else (text_key,)
        for key in wanted:
            if not isinstance(record.get(key), str):
                problem = "is missing" if key not in record else "is not text"
                raise DataError(f"{path}:{number}: key {key!r} {problem}")
        given = record[id_key]
        if not isinstance(given, str | int) or isinstance(given, bool):
            raise DataError(f"{path}:{number}: the {what} id {given!r} is neither text nor a whole number")
        return check_id(str(given), path, number, what), _joined(record[key] for key in wanted)

    return parse


def _joined(parts: Iterator[str] | Sequence[str]) -> str:
    return " ".join(part for part in (part.strip() for part in parts) if part)


def read_queries(
    path: Path, fields: Sequence[str] | None = None, columns: Sequence[str] | None = None
) -> list[Query]:
    """Read queries. Raises DataError for a malformed line or an id given twice."""
    parse = parser_for(path, "query", fields, columns)
    queries: dict[str, Query] = {}
    for number, line in lines(path):
        query = Query(*parse(line, number))
        if query.id in queries:
            raise DataError(f"{path}:{number}: query id {query.id!r} is given twice")
        queries[query.id] = query
    if not queries:
        raise DataError(f"{path}: holds no queries")
    return list(queries.values())


class FileCorpus:
    """Documents in a local file, of which only ids and byte offsets are kept in memory."""

    def __init__(
        self, path: Path, fields: Sequence[str] | None = None, columns: Sequence[str] | None = None
    ) -> None:
        self.path = path
        self._parse = parser_for(path, "document", fields, columns)
        self._file = spooled(path)
        weakref.finalize(self, self._file.close)
        self._offsets = array("q")  # where each document's line begins
        self._numbers = array("q")

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
        self._offsets, self._numbers = offsets, numbers
        return contents

    def _documents(self) -> Iterator[tuple[int, int, Document]]:
        offset = 0
        for number, raw in enumerate(_lines_of(self._file.fileno()), start=1):
            text = decoded(raw, self.path, number).rstrip("\r\n")
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip():
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
