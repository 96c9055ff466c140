"""What a server answered to single texts or pairs, in SQLite: what was paid for is not asked again.

One file a server and model. It is written request by request, so that what came before a failure is kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.store.keys import TextHashes
from harness.store.sqlite import PutAside, SqliteFile

_AT_ONCE = 500
_TABLE = (
    "CREATE TABLE IF NOT EXISTS answers (text BLOB PRIMARY KEY, answer BLOB, checksum INTEGER) WITHOUT ROWID;"
)


@dataclass(frozen=True)
class AnswerTable(SqliteFile):
    """The answers of one server, by its key; an answer is an embedding, or a score alone."""

    folder = "answers"
    tables = _TABLE
    instead = "what it held is asked for anew"

    def find(self, hashes: TextHashes) -> dict[bytes, NDArray[np.float32]]:
        """Return the answers that are known, by the text's digest; a damaged one is not known."""
        if not self.path.is_file():
            return {}
        try:
            return self._find(list(dict.fromkeys(row.tobytes() for row in hashes)))
        except PutAside:
            return {}

    def _find(self, wanted: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found, damaged = {}, 0
        with self._open() as connection:
            for low in range(0, len(wanted), _AT_ONCE):
                some = wanted[low : low + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT text, answer, checksum FROM answers WHERE text IN ({marks})", some
                )
                for text, answer, checksum in rows:
                    if not isinstance(answer, bytes) or checksum != zlib.crc32(answer, zlib.crc32(text)):
                        damaged += 1
                        continue
                    found[text] = np.frombuffer(answer, dtype="<f4")
        if damaged:
            self.store.report(f"store: {self.path} has {damaged} damaged answers; they are asked for anew")
        return found

    def add(self, hashes: Sequence[bytes], answers: NDArray[np.float32]) -> None:
        """Keep some answers, [n_texts, numbers], as a whole or not at all."""
        blobs = [row.tobytes() for row in np.ascontiguousarray(answers, dtype="<f4")]
        rows = [
            (text, blob, zlib.crc32(blob, zlib.crc32(text))) for text, blob in zip(hashes, blobs, strict=True)
        ]
        try:
            self._add(rows)
        except PutAside:
            self._add(rows)

    def _add(self, rows: Sequence[tuple[bytes, bytes, int]]) -> None:
        with self._open() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)
