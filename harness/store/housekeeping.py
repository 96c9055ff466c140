"""What the store holds, and making it smaller: what was used longest ago goes first."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness import owners
from harness.store.errors import told
from harness.store.folder import KINDS, Store, since_used

#: What older versions are writing now is younger than this; of their files nobody knows whose they are.
_ABANDONED = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """One artifact: its place, bytes on disk, and when it was last used."""

    kind: str
    path: Path
    size: int
    used: datetime


def entries(store: Store) -> list[Entry]:
    """Return every artifact, the one used longest ago first."""
    found = []
    with told(store.root):
        for kind in KINDS:
            for path in _artifacts(store.root / kind, kind):
                try:
                    found.append(_entry(kind, path))
                except FileNotFoundError:  # another process removed it just now
                    continue
    return sorted(found, key=lambda entry: (entry.used, str(entry.path)))


def _artifacts(folder: Path, kind: str) -> list[Path]:
    if kind == "embeddings":
        return [path for path in folder.glob("*/*") if path.is_file()]
    return [path for path in folder.iterdir() if not path.name.endswith(("-journal", "-wal", "-shm"))]


def _entry(kind: str, path: Path) -> Entry:
    stat = path.stat()
    size = stat.st_size
    if path.is_dir():
        size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    return Entry(kind, path, size, datetime.fromtimestamp(stat.st_mtime, UTC))


def leftovers(store: Store, now: datetime) -> list[Path]:
    """Return what processes that were killed left half-written."""
    with told(store.root):
        found = []
        for path in store.scratch.iterdir():
            if owners.is_marked(path):
                if owners.abandoned(path):
                    found.append(path)
                continue
            try:
                if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > _ABANDONED:
                    found.append(path)
            except FileNotFoundError:
                continue
        return found


@dataclass(frozen=True)
class Pruned:
    """What pruning removed, and what is left."""

    removed: tuple[Entry, ...]
    kept_bytes: int
    users: int = 0  # processes that were using the store
    used: int = 0  # artifacts that stay for them, though the rest is larger than was asked for

    @property
    def removed_bytes(self) -> int:
        """Bytes removed."""
        return sum(entry.size for entry in self.removed)


def prune(store: Store, bound: int, now: datetime) -> Pruned:
    """Remove what was used longest ago until the rest is not larger than ``bound`` bytes.

    What was used since the oldest of the processes that use the store began stays: they may need it again. So do the
    checkpoints of a training that is running.
    """
    for path in leftovers(store, now):
        _remove(path)
    there = entries(store)
    total = sum(entry.size for entry in there)
    users, since = since_used(store)
    removed, used = [], 0
    with told(store.root):
        for entry in there:
            if total <= bound:
                break
            if not _taken_out(store, entry, since):
                used += 1
                continue
            removed.append(entry)
            total -= entry.size
        for folder in (store.root / "embeddings").iterdir():
            try:
                folder.rmdir()  # only where it is empty
            except OSError:
                continue
    return Pruned(tuple(removed), total, users, used)


def _taken_out(store: Store, entry: Entry, since: float) -> bool:
    """Remove an artifact, unless it is in use: from its place at once, then from the disk."""
    aside = store.scratch / owners.marked("removed.")
    try:
        with _unused(store, entry) as unused, store.removing():
            if not unused or entry.path.stat().st_mtime >= since:
                return False
            entry.path.rename(aside)
            _remove(entry.path)  # what SQLite keeps beside it
    except FileNotFoundError:  # another process removed it just now
        return True
    _remove(aside)
    return True


def _unused(store: Store, entry: Entry) -> AbstractContextManager[bool]:
    """Whether nobody is writing an artifact; whoever trains a model holds the lock of its key."""
    return store.locked_if_free(entry.path.name) if entry.kind == "checkpoints" else nullcontext(True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    path.unlink(missing_ok=True)
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
