"""Names and paths that stand in a bundle: text of others, checked before it becomes a file's name."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from harness.errors import BundleError

_PATHLIKE = re.compile(r"[/\\\x00-\x1f]")


def plain_name(name: object) -> bool:
    """Whether a text names one file or folder and leads nowhere: no slash, no control character, not ``..``."""
    return isinstance(name, str) and name.strip() not in ("", ".", "..") and not _PATHLIKE.search(name)


def plain_place(place: object) -> bool:
    """Whether a text is the path of a file inside a folder, by its words: plain names with slashes between."""
    return isinstance(place, str) and all(map(plain_name, place.split("/")))


def inside(folder: Path, place: object) -> Path:
    """Return the path of a file that a bundle names, such as ``runs/NAME.trec``.

    Raises BundleError where it leads out of the bundle, by its words or by a link.
    """
    if not plain_place(place):
        raise BundleError(
            f"{folder}: names the file {place!r}; a bundle's files are named by their path inside it, such as "
            "'runs/NAME.trec'"
        )
    path = folder / PurePosixPath(str(place))
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BundleError(f"{path}: is a link that leads out of the bundle; nothing outside of it is read")
    return path
