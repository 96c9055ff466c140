"""What can go wrong with the store, each with a message that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import HarnessError, ResourceError, no_room


class StoreError(HarnessError):
    """The store cannot be used: not writable, or written by a newer version."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn a failure of the file system or of SQLite into an error that names the store and says what to do.

    Raises ResourceError where the disk is full, StoreError where the store cannot be read or written.
    """
    try:
        yield
    except TimeoutError:  # a lock that somebody else holds is no failure
        raise
    except OSError as error:
        # NumPy's own writing gives no number, only "N requested and M written".
        short = error.errno is None and "requested and" in str(error)
        if short or no_room(error):
            raise full(path) from None
        raise _unusable(path, error.strerror or str(error)) from None
    except sqlite3.OperationalError as error:
        if "full" in str(error) or "disk I/O" in str(error):
            raise full(path) from None
        raise _unusable(path, str(error)) from None


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether a file is no database, or a broken one."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def full(path: Path) -> ResourceError:
    """Return the error of a disk that is full."""
    return ResourceError(
        f"store {path}: no space left; what was computed so far is kept. Free some ('harness cache prune --max 1GB' "
        "empties the store) and run the same command again, or name another folder in HARNESS_STORE"
    )


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"store {path}: cannot be used ({why}); name a folder that can be written in HARNESS_STORE or under the "
        "config's 'store', or say 'store: off' to keep nothing"
    )
