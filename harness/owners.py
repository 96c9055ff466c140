"""Whose a file or folder is while it is being made: what a dead process left can be told from what a living one needs.

The name of everything that is made beside its place, or in the folder for temporary files, ends with a mark: the
process's id, when it started, and the machine (with the boot, and the container's space of process ids). A process id
alone would be somebody else's by tomorrow. What another machine marked, on a shared disk, is left alone for a day.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

_MARK = re.compile(r"(?P<pid>\d+)-(?P<start>[0-9a-f]+)-(?P<host>[0-9a-f]{8})-[0-9a-f]{8}$")
#: Nobody fills for so long what will be moved into its place.
_FOREIGN = timedelta(days=1)


def marked(stem: str) -> str:
    """A name that nobody else takes, and that says whose it is; no dot comes after ``stem``."""
    return f"{stem}{os.getpid()}-{_start(os.getpid())}-{_host()}-{secrets.token_hex(4)}"


def abandoned(path: Path) -> bool:
    """Whether the process that made something under a marked name is dead; False for a name without a mark.

    Of another machine's, where that cannot be known: whether it is a day old.
    """
    found = _MARK.search(path.name)
    if found is None:
        return False
    if found["host"] == _host():
        return _start(int(found["pid"])) != found["start"]
    with suppress(OSError):
        return datetime.now(UTC) - datetime.fromtimestamp(path.stat().st_mtime, UTC) > _FOREIGN
    return False


def is_marked(path: Path) -> bool:
    """Whether a name says whose it is."""
    return _MARK.search(path.name) is not None


def is_own(path: Path) -> bool:
    """Whether this process marked a name."""
    return f"{os.getpid()}-{_start(os.getpid())}-{_host()}-" in path.name


def living(folder: Path) -> list[Path]:
    """Return what processes that live have marked in a folder; what dead ones left is removed."""
    there = [path for path in _entries(folder) if is_marked(path)]
    remove(path for path in there if abandoned(path))
    return [path for path in there if path.exists()]


def sweep(folder: Path, pattern: str = "*") -> list[Path]:
    """Remove what dead processes left in a folder under marked names; returns what it was."""
    left = [path for path in _entries(folder, pattern) if abandoned(path)]
    remove(left)
    return left


def remove(paths: Iterable[Path]) -> None:
    """Remove files and folders; what cannot be removed stays."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Yield a new folder among the temporary files, gone when the block ends."""
    clear_temporary()
    folder = Path(tempfile.gettempdir()) / marked(f"harness-{prefix}-")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        remove([folder])


def clear_temporary() -> None:
    """Remove what dead processes left among the temporary files."""
    sweep(Path(tempfile.gettempdir()), "harness-*")


def _entries(folder: Path, pattern: str = "*") -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def _start(pid: int) -> str | None:
    """When a process started, in digits of the machine's own; None where there is no such process."""
    try:
        # Ticks since the boot: no correction of the clock moves them.
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1")
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in ("Z", "X") else f"{int(fields[18]):x}{_boot()}"
    except (OSError, ValueError, IndexError):
        if Path("/proc/self/stat").exists():
            return None
    import psutil

    try:
        return f"{int(psutil.Process(pid).create_time() * 1000):x}"
    except psutil.Error:
        return None


@cache
def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").replace("-", "")[:8]
    return ""


@cache
def _host() -> str:
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]
