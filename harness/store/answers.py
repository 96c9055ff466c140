"""What a server answered to single texts or pairs, in SQLite: what was paid for is not asked again.

One file a server and model. It is written request by request, so that what came before a failure is kept.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.store.errors import is_damage, told
from harness.store.folder import Store
from harness.store.keys import TextHashes

_WAIT_S = 120.0
_AT_ONCE = 500
_TABLE = (
    "CREATE TABLE IF NOT EXISTS answers (text BLOB PRIMARY KEY, answer BLOB, checksum INTEGER) WITHOUT ROWID;"
)


@dataclass(frozen=True)
class AnswerTable:
    """The answers of one server, by its key; an answer is an embedding, or a score alone."""

    store: Store
    key: str

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.place("answers", self.key, ".sqlite")

    def find(self, hashes: TextHashes) -> dict[bytes, NDArray[np.float32]]:
        """Return the answers that are known, by the text's digest; a damaged one is not known."""
        if not self.path.is_file():
            return {}
        try:
            return self._find(list(dict.fromkeys(row.tobytes() for row in hashes)))
        except sqlite3.DatabaseError as error:
            self._put_aside(error)
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
        except sqlite3.DatabaseError as error:
            self._put_aside(error)
            self._add(rows)

    def _add(self, rows: Sequence[tuple[bytes, bytes, int]]) -> None:
        with self._open() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.store.pin(self.path)
        with told(self.store.root):
            connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_TABLE)
                yield connection
            finally:
                connection.close()

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        """Remove a file that SQLite cannot read; what was in it is asked for anew. Raises what is no damage."""
        if not is_damage(error):
            raise error
        self.store.discard(self.path, str(error), "what it held is asked for anew")
        for suffix in ("-journal", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
