"""The store's folder: where it is, which version wrote it, its locks, and artifacts by kind and key."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from harness import owners
from harness.store import files
from harness.store.errors import StoreError, told
from harness.store.files import Artifact, Damaged

FORMAT = 1
#: Kinds of artifacts, each a folder: what one is.
KINDS = {
    "embeddings": "vectors of one shard of texts by one model",
    "pairs": "a cross-encoder's scores of (query, document) pairs",
    "indexes": "BM25 indexes",
    "searches": "results of searching a corpus",
    "texts": "digests of a corpus's texts",
    "passages": "where a corpus's passages begin and end",
    "tokens": "digests of what sentences are to a model",
    "trained": "models made by recipes",
    "checkpoints": "trainings that have not ended, each with its last two checkpoints",
    "models": "what a model turned out to be when it was loaded",
    "endpoints": "what a server was when it was last asked",
    "answers": "a server's answers to single texts or pairs",
    "machine": "how fast this machine is at each precision",
}
_VARIABLE = "HARNESS_STORE"


def folder_for(configured: str | None, base: Path) -> Path | None:
    """Return the store's folder, or None where there shall be none.

    ``off`` in the config or in HARNESS_STORE means none; else HARNESS_STORE names it, else the config
    (relative to ``base``), else it is in the user's cache folder.
    """
    given = os.environ.get(_VARIABLE, "").strip()
    if configured == "off" or given == "off":
        return None
    if given:
        return Path(given).expanduser().absolute()
    if configured is not None:
        return (base / Path(configured).expanduser()).absolute()
    return Path(platformdirs.user_cache_dir("encoder-harness", appauthor=False)) / "store"


@dataclass(frozen=True)
class Store:
    """An open store. Two processes, or many, may share it.

    ``session`` is the run that what is written now belongs to, so that a run that was killed and continued
    can say
    what it computed over both attempts.
    """

    root: Path
    report: Callable[[str], None] = field(default=lambda text: None)
    session: str = field(default_factory=lambda: secrets.token_hex(8))

    def place(self, kind: str, key: str, suffix: str = "") -> Path:
        """Return where an artifact lies; ``key`` may have folders."""
        return self.root / kind / f"{key}{suffix}"

    def has(self, kind: str, key: str) -> bool:
        """Whether an artifact is there; its checksum is verified only when it is read."""
        return self.place(kind, key).is_file()

    def read(self, kind: str, key: str) -> Artifact | None:
        """Return an artifact, verified, or None.

        A damaged one is reported and removed, so that it is made anew.
        """
        path = self.place(kind, key)
        self.pin(path)
        try:
            found = files.read(path)
        except FileNotFoundError:
            return None
        except Damaged as damage:
            self.discard(path, str(damage))
            return None
        except OSError:
            with told(self.root):
                raise
        return found

    def pin(self, path: Path) -> None:
        """Mark an artifact as used now: whoever makes the store smaller leaves it to the runs that live."""
        if path.exists():
            with self.removing(), suppress(OSError):
                os.utime(path)

    @contextmanager
    def removing(self) -> Iterator[None]:
        """Hold the right to remove artifacts, for a moment; one may be held together with a key's lock."""
        lock = FileLock(self.root / "locks" / "removing.lock", poll_interval=0.005)
        with told(self.root):
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def write(self, kind: str, key: str, header: Mapping[str, Any], array: NDArray[Any]) -> None:
        """Write an artifact.

        Raises ResourceError on a full disk, StoreError where the store cannot be written.
        """
        with told(self.root):
            files.write(self.place(kind, key), {**header, "session": self.session}, array, self.scratch)

    def discard(self, path: Path, why: str, instead: str = "it is made anew") -> None:
        """Remove what is damaged, and say so, and what is done instead."""
        self.report(f"store: {path} is damaged ({why}); {instead}")
        with told(self.root):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    @property
    def scratch(self) -> Path:
        """Where files are while they are written."""
        return self.root / "partial"

    @contextmanager
    def locked(self, key: str) -> Iterator[None]:
        """Hold the lock of a key, waiting for it. A process that dies lets go of it. Hold one at a time."""
        with self._acquired(key, -1):
            yield

    @contextmanager
    def locked_if_free(self, key: str) -> Iterator[bool]:
        """Hold the lock of a key where nobody else does; yields whether it is held."""
        try:
            lock = self._acquired(key, 0)
            lock.__enter__()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.__exit__(None, None, None)

    def _acquired(self, key: str, timeout: float) -> Any:
        # A few hundred files that are never removed: a lock file that somebody removes locks nobody out.
        path = self.root / "locks" / f"{key[:2]}.lock"
        with told(self.root):
            return FileLock(path, timeout=timeout, poll_interval=0.05).acquire()


#: What this process has said it uses, by the store's folder.
_leases: dict[Path, Path] = {}


def _lease(root: Path) -> None:
    """Say that this process uses a store, until it ends; what dead ones said is removed."""
    there = _leases.get(root)
    if there is None or not there.exists() or not owners.is_own(there):
        path = root / "leases" / owners.marked("")
        path.touch()
        _leases[root] = path
        atexit.register(_leave, path)
    owners.sweep(root / "leases")


def _leave(lease: Path) -> None:
    with suppress(OSError):  # a store that can be written no more was told of already
        lease.unlink()


def since_used(store: Store) -> tuple[int, float]:
    """How many other processes use a store, and since when (seconds of the file system's clock): what was used later
    may be needed."""
    begun = []
    for path in owners.living(store.root / "leases"):
        with suppress(OSError):
            if not owners.is_own(path):
                begun.append(path.stat().st_mtime)
    return len(begun), min(begun, default=float("inf"))


def open_store(root: Path, report: Callable[[str], None] = lambda text: None) -> Store:
    """Open a store, making its folder where there is none.

    Raises StoreError where it cannot be written, or where a newer version of encoder-harness wrote it.
    """
    with told(root):
        for part in (*KINDS, "locks", "partial", "sessions", "leases"):
            (root / part).mkdir(parents=True, exist_ok=True)
        marker = root / "STORE.json"
        if not marker.is_file():
            _write_text(marker, json.dumps({"format": FORMAT}) + "\n", root / "partial")
        _lease(root)
        owners.sweep(root / "partial")
        try:
            version = json.loads(marker.read_text(encoding="utf-8"))["format"]
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                f"store {root}: {marker.name} is damaged, so its version is not known; remove the folder, "
                "or name another "
                "in HARNESS_STORE"
            ) from None
    if version != FORMAT:
        raise StoreError(
            f"store {root}: written in format {version}, and this version reads format {FORMAT}; upgrade "
            "encoder-harness, or name another folder in HARNESS_STORE"
        )
    return Store(root, report)


def _write_text(path: Path, text: str, scratch: Path) -> None:
    partial = scratch / owners.marked(f"{path.name}.")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def session(store: Store, key: str) -> Iterator[Store]:
    """Yield the store with the session of a run: that of its last attempt, where that one was cut off.

    Ends the session when the block ends without an error. While another process runs the same, a session of
    its own
    is made, which cannot be continued.
    """
    file = store.root / "sessions" / key
    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        with told(store.root):
            lock.acquire()
    except Timeout:
        yield Store(store.root, store.report)
        return
    try:
        with told(store.root):
            kept = file.read_text(encoding="ascii").strip() if file.is_file() else ""
            if not kept:
                kept = secrets.token_hex(8)
                _write_text(file, kept, store.scratch)
        yield Store(store.root, store.report, kept)
        file.unlink(missing_ok=True)
    finally:
        lock.release()
        owners.sweep(store.root / "leases")  # workers that have ended by now
