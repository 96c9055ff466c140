"""Rows of TREC files while they are read: ids as bytes, each decoded and checked once."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from harness.datasets.textfiles import check_id, decoded, is_id

JUDGMENT = "query, 0, document, grade"
RESULT = "query, Q0, document, rank, score, tag"


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of (query, document) while they are read: codes in the order of first appearance, and line numbers."""

    path: Path
    queries: dict[bytes, int] = field(default_factory=dict)
    documents: dict[bytes, int] = field(default_factory=dict)
    query_codes: array[int] = field(default_factory=lambda: array("i"))
    document_codes: array[int] = field(default_factory=lambda: array("i"))
    numbers: array[int] = field(default_factory=lambda: array("q"))

    def add(self, query: bytes, document: bytes, number: int) -> None:
        """Add a row that stands on a line."""
        self.query_codes.append(self.queries.setdefault(query, len(self.queries)))
        self.document_codes.append(self.documents.setdefault(document, len(self.documents)))
        self.numbers.append(number)

    def columns(self, kept: NDArray[np.bool_] | None = None) -> tuple[pa.DictionaryArray, pa.DictionaryArray]:
        """Return queries and documents as columns of text. Raises DataError for an id that can be none."""
        made = []
        for codes, known, what in (
            (self.query_codes, self.queries, "query"),
            (self.document_codes, self.documents, "document"),
        ):
            indices = np.frombuffer(codes, dtype=np.int32)
            names = pa.array(
                [self._name(raw, code, indices, what) for raw, code in known.items()], pa.string()
            )
            made.append(
                pa.DictionaryArray.from_arrays(pa.array(indices if kept is None else indices[kept]), names)
            )
        return made[0], made[1]

    def _name(self, raw: bytes, code: int, codes: NDArray[np.int32], what: str) -> str:
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            name = ""
        if is_id(name):
            return name
        number = self.numbers[int(np.argmax(codes == code))]
        return check_id(decoded(raw, self.path, number), self.path, number, what)

    def twice(self) -> NDArray[np.intp]:
        """Return pairs of rows, [n, 2], that are of one query and document: one and the next such."""
        queries = np.frombuffer(self.query_codes, dtype=np.int32).astype(np.int64)
        key = queries * max(len(self.documents), 1) + np.frombuffer(self.document_codes, dtype=np.int32)
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(np.diff(key[order]) == 0)
        return np.column_stack([order[same], order[same + 1]])

    def named(self, row: int) -> str:
        """Return the query and document of a row, for messages."""
        return (
            f"query {list(self.queries)[self.query_codes[row]].decode('utf-8', 'replace')!r}, "
            f"document {list(self.documents)[self.document_codes[row]].decode('utf-8', 'replace')!r}"
        )
