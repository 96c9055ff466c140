"""SHA-256 of files, remembered while a file stays as it is.

Whoever decides from a bundle checks the digests of what it reads. Small files are hashed every time, which takes
less than asking whether that is needed. Of large ones (runs, raw samples) the digest is remembered in the user's cache
folder, for as long as size, place and both times of the file stay the same: of those, nobody can set the time of
the last change (``ctime``). ``harness verify`` remembers nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from harness import owners

#: Bytes up to which a file is always hashed.
SMALL = 1 << 20
#: A file changed within so many ns before it was hashed may change again with the same times: not remembered.
_SETTLED_NS = 2_000_000_000
_MOST = 4096

_Mark = list[int]
_here: dict[str, tuple[_Mark, str]] = {}


def content_digest(result: Mapping[str, Any]) -> str:
    """SHA-256 of a result in one canonical form, its own ``digest`` left out. Raises ValueError for what is no JSON."""
    content = {key: value for key, value in result.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file, computed now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def known_digest(path: Path) -> str:
    """SHA-256 of a file, remembered where it is large and has not changed since. Raises OSError."""
    if path.stat().st_size <= SMALL:
        return file_digest(path)
    name, mark = str(path.resolve()), _mark(path)
    if not _here:
        _here.update(_read(_place()))
    if name in _here and _here[name][0] == mark:
        return _here[name][1]
    found = file_digest(path)
    if _mark(path) == mark:
        _here[name] = (mark, found)
        _remember(_place())
    return found


def _mark(path: Path) -> _Mark:
    """What changes with a file: its size, its place on the disk, when it was written and when it was changed."""
    told = path.stat()
    return [told.st_size, told.st_dev, told.st_ino, told.st_mtime_ns, told.st_ctime_ns]


def _place() -> Path:
    return Path(platformdirs.user_cache_dir("encoder-harness", appauthor=False)) / "digests.json"


def _read(place: Path) -> dict[str, tuple[_Mark, str]]:
    """What was remembered by this user; nothing where it is damaged, or another could have written it."""
    try:
        told = place.stat()
        if hasattr(os, "getuid") and (told.st_uid != os.getuid() or told.st_mode & 0o022):
            return {}
        content: Any = json.loads(place.read_text(encoding="utf-8"))
        return {str(name): (list(map(int, mark)), str(digest)) for name, (mark, digest) in content.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _remember(place: Path) -> None:
    """Write what is known beside its place and move it there; a folder that cannot be written remembers nothing."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        owners.sweep(place.parent, ".digests-*")
        partial = place.with_name(owners.marked(".digests-"))
        handle = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)  # readable by its owner alone
        try:
            # The file system's own clock, which the times of its files are of.
            settled = partial.stat().st_mtime_ns - _SETTLED_NS
            both = {**_read(place), **_here}
            kept = {n: entry for n, entry in both.items() if max(entry[0][3:]) < settled}
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(dict(list(kept.items())[-_MOST:]), file)
            partial.replace(place)
        finally:
            partial.unlink(missing_ok=True)
