"""A cross-encoder's scores of (query, document) pairs, in SQLite: any later set of pairs reuses them.

One file a model.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.store.keys import TextHashes
from harness.store.sqlite import PutAside, SqliteFile

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
class PairTable(SqliteFile):
    """The scores of one cross-encoder, by its key."""

    folder = "pairs"
    tables = _TABLES

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
        except PutAside:
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
        except PutAside:
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
        except PutAside:
            return []
        return found


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
