"""Rows in SQLite, a file each: what both kinds of such files share.

Each row carries a checksum of its own, since SQLite has none; a file that SQLite cannot read is put aside and begun
anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from harness.store.errors import is_damage, told
from harness.store.folder import Store

_WAIT_S = 120.0


class PutAside(Exception):  # noqa: N818
    """The file was put aside in the middle of something; a new one stands in its place."""


@dataclass(frozen=True)
class SqliteFile:
    """One file of the store, by its key.

    A subclass says in which folder it lies, the SQL that makes its tables, and what is done instead of what was lost.
    """

    store: Store
    key: str

    folder: ClassVar[str]
    tables: ClassVar[str]
    instead: ClassVar[str] = "it is made anew"

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.place(self.folder, self.key, ".sqlite")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file, putting one aside that SQLite cannot read. Raises PutAside where that is found out later.

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
                raise PutAside from None
            finally:
                connection.close()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(self.tables)
        except sqlite3.DatabaseError as error:
            connection.close()
            if not is_damage(error):
                raise
            self._put_aside(error)
            return self._connected()
        return connection

    def _put_aside(self, error: Exception) -> None:
        self.store.discard(self.path, str(error), self.instead)
        for suffix in ("-journal", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
