"""Artifacts that a library writes as a folder of files, such as a BM25 index."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import owners
from harness.store import files
from harness.store.errors import told
from harness.store.folder import Store

_LIST = "FILES.json"


def write(store: Store, kind: str, key: str, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write into a new folder, and put it in its place as a whole, on the disk before it is there.

    The caller holds the key's lock.
    """
    path = store.place(kind, key)
    with told(store.root), scratch(store, key) as partial:
        fill(partial)
        names = sorted(str(p.relative_to(partial)) for p in partial.rglob("*") if p.is_file())
        listed = {name: _checksum(partial / name) for name in names}
        (partial / _LIST).write_text(json.dumps(listed), encoding="utf-8")
        for name in (*names, _LIST):
            _to_disk(partial / name)
        if path.is_dir():
            shutil.rmtree(path)
        files.move(partial, path)


@contextmanager
def scratch(store: Store, key: str) -> Iterator[Path]:
    """Yield a new folder beside what the store holds, gone when the block ends; ``sweep`` finds it after a kill."""
    partial = store.scratch / owners.marked(f"{key[:32]}.")
    try:
        partial.mkdir(parents=True)
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def sweep(store: Store, key: str) -> None:
    """Remove what processes that were killed left half-written of a key. The caller holds its lock."""
    for path in store.scratch.glob(f"{key[:32]}.*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def read(store: Store, kind: str, key: str, instead: str = "it is made anew") -> Path | None:
    """Return a folder whose every file is as it was written, or None.

    A damaged one is reported, with what is done instead, and removed.
    """
    path = store.place(kind, key)
    store.pin(path)
    if not path.is_dir():
        return None
    try:
        listed = json.loads((path / _LIST).read_text(encoding="utf-8"))
        wrong = [name for name, checksum in listed.items() if _checksum(path / name) != checksum]
    except (OSError, ValueError, AttributeError):
        wrong = [_LIST]
    if wrong:
        store.discard(path, f"the checksum of {', '.join(wrong)} does not match", instead)
        return None
    return path


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 24):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
