"""A cross-encoder's scores of (query, document) pairs, in SQLite: any later set of pairs reuses them.

One file a model. Each row carries a checksum of its own, since SQLite has none; a file that SQLite cannot
read is
put aside and begun anew.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.store.errors import is_damage, told
from harness.store.folder import Store
from harness.store.keys import TextHashes

_WAIT_S = 120.0
_TABLES = """
CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY, session TEXT, work TEXT, checksum INTEGER);
CREATE TABLE IF NOT EXISTS pairs (
    query BLOB, document BLOB, score REAL, batch INTEGER, checksum INTEGER, PRIMARY KEY (query, document)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Found:
    """Scores of some pairs: those known, and the batch that each came from (0 where it is not known)."""

    scores: NDArray[np.float32]
    batches: NDArray[np.int64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which pairs have a score."""
        known: NDArray[np.bool_] = self.batches > 0
        return known


@dataclass(frozen=True)
class PairTable:
    """The scores of one cross-encoder, by its key."""

    store: Store
    model: str

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.place("pairs", self.model, ".sqlite")

    def find(self, queries: TextHashes, documents: TextHashes) -> Found:
        """Look pairs up: hashes [n_pairs, 16] each; those of one query should stand together."""
        scores = np.zeros(len(queries), dtype=np.float32)
        batches = np.zeros(len(queries), dtype=np.int64)
        if not self.path.is_file():
            return Found(scores, batches)
        damaged = 0
        try:
            with self._open() as connection:
                for low, high in _spans(queries):
                    query = queries[low].tobytes()
                    wanted: dict[bytes, list[int]] = {}
                    for i in range(low, high):
                        wanted.setdefault(documents[i].tobytes(), []).append(i)
                    for document, score, batch, checksum in self._rows(connection, query, list(wanted)):
                        if checksum != _checksum(query, document, score, batch):
                            damaged += 1
                            continue
                        places = wanted[document]
                        scores[places], batches[places] = score, batch
        except _TryAgain:
            return Found(np.zeros_like(scores), np.zeros_like(batches))
        if damaged:
            self.store.report(f"store: {self.path} has {damaged} damaged pair scores; they are made anew")
        return Found(scores, batches)

    @staticmethod
    def _rows(connection: sqlite3.Connection, query: bytes, documents: list[bytes]) -> Iterator[Any]:
        for low in range(0, len(documents), 500):
            some = documents[low : low + 500]
            marks = ",".join("?" * len(some))
            yield from connection.execute(
                f"SELECT document, score, batch, checksum FROM pairs WHERE query = ? AND document IN "
                f"({marks})",
                (query, *some),
            )

    def add(
        self, queries: TextHashes, documents: TextHashes, scores: NDArray[np.float32], work: Mapping[str, int]
    ) -> int:
        """Keep one batch of pairs, as a whole or not at all; return its number."""
        try:
            return self._add(queries, documents, scores, work)
        except _TryAgain:
            return self._add(queries, documents, scores, work)

    def _add(
        self, queries: TextHashes, documents: TextHashes, scores: NDArray[np.float32], work: Mapping[str, int]
    ) -> int:
        text = json.dumps(dict(work), sort_keys=True)
        with self._open() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            batch = connection.execute(
                "INSERT INTO batches (session, work, checksum) VALUES (?, ?, ?)",
                (self.store.session, text, zlib.crc32(f"{self.store.session} {text}".encode())),
            ).lastrowid
            assert batch is not None
            rows = (
                (q, d, s, batch, _checksum(q, d, s, batch))
                for q, d, s in zip(map(bytes, queries), map(bytes, documents), scores.tolist(), strict=True)
            )
            connection.executemany("INSERT OR REPLACE INTO pairs VALUES (?, ?, ?, ?, ?)", rows)
        return int(batch)

    def work(self, batches: Sequence[int]) -> list[tuple[int, str, dict[str, int]]]:
        """Return (batch, session, work) of some batches; one whose row is damaged is left out."""
        found = []
        if not self.path.is_file():
            return []
        try:
            with self._open() as connection:
                for batch in batches:
                    row = connection.execute(
                        "SELECT session, work, checksum FROM batches WHERE id = ?", (int(batch),)
                    ).fetchone()
                    if row is not None and zlib.crc32(f"{row[0]} {row[1]}".encode()) == row[2]:
                        found.append((int(batch), str(row[0]), json.loads(row[1])))
        except _TryAgain:
            return []
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file, putting one aside that SQLite cannot read.

        What was in it is then simply not known.
        """
        self.store.pin(self.path)
        with told(self.store.root):
            connection = self._connected()
            try:
                yield connection
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                connection.close()
                self._put_aside(error)
                raise _TryAgain from None
            finally:
                connection.close()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            connection.close()
            if not is_damage(error):
                raise
            self._put_aside(error)
            return self._connected()
        return connection

    def _put_aside(self, error: Exception) -> None:
        self.store.discard(self.path, str(error))
        for suffix in ("-journal", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


class _TryAgain(Exception):  # noqa: N818
    """The file was put aside in the middle of something; a new one stands in its place."""


def _checksum(query: bytes, document: bytes, score: Any, batch: Any) -> int:
    if not isinstance(score, float) or not isinstance(batch, int):  # a flipped byte can change a value's type
        return -1
    return zlib.crc32(struct.pack("<dq", score, batch), zlib.crc32(document, zlib.crc32(query)))


def _spans(queries: TextHashes) -> Iterator[tuple[int, int]]:
    """Yield [low, high) of rows with one query."""
    if not len(queries):
        return
    changes = np.flatnonzero((queries[1:] != queries[:-1]).any(axis=1)) + 1
    yield from pairwise([0, *changes.tolist(), len(queries)])
