"""Where something is to be written: looked at, and where it has no name yet reserved, before any work is done."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from harness.errors import BundleError

#: What most file systems take for one name, in bytes.
_NAME_BYTES = 255


def check_writable(folder: Path, files: Iterable[str] = ()) -> None:
    """Find out whether a folder can be written, and files of these names in it; nothing is left behind.

    Raises BundleError, which says why not.
    """
    missing = [folder.parent, *folder.parent.parents]
    missing = missing[: next((i for i, parent in enumerate(missing) if parent.exists()), len(missing))]
    try:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
        # Named as the folder will be while it is filled: its name may be too long, or no name in this locale.
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.partial-", dir=folder.parent):
            pass
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise BundleError(
            f"{folder}: cannot be written ({error.strerror or error}); name another folder with --out"
        ) from None
    except UnicodeEncodeError:
        raise _unencodable(str(folder)) from None
    finally:
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
    for file in files:
        try:
            length = len(os.fsencode(file))
        except UnicodeEncodeError:
            raise _unencodable(file) from None
        if length > _NAME_BYTES:
            raise BundleError(f"{file!r}: {length} bytes are too long for a file's name; shorten the name")


def _unencodable(name: str) -> BundleError:
    return BundleError(
        f"{name!r}: this locale has no such file names; set PYTHONUTF8=1, or a locale such as LC_ALL=C.UTF-8"
    )


@contextmanager
def reserved(out: Path | None, name: str, moment: datetime, check: Callable[[Path], None]) -> Iterator[Path]:
    """Yield the folder to write: the one asked for, or ``bundles/NAME-TIME``, which nobody else takes meanwhile.

    ``check`` raises where the folder may not be written. A folder that was made for nothing is removed again.
    """
    if out is not None:
        check(out)
        yield out
        return
    base = Path("bundles") / f"{name}-{moment.astimezone():%Y%m%d-%H%M%S}"
    with suppress(OSError):  # what is wrong is said below
        base.parent.mkdir(exist_ok=True)
    check(base.with_name(f"{base.name}-9999"))
    folder = _taken(base)
    try:
        yield folder
    finally:
        with suppress(OSError):  # a bundle stands there by now
            folder.rmdir()


def _taken(base: Path) -> Path:
    """Make a folder that was not there, and return it."""
    folder, i = base, 1
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            i += 1
            folder = base.with_name(f"{base.name}-{i}")
        else:
            return folder
