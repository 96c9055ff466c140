"""Where something is to be written: looked at, and where it has no name yet reserved, before any work is done."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from harness import owners
from harness.errors import BundleError

#: What most file systems take for one name, in bytes.
_NAME_BYTES = 255
#: What a folder is called beside its place while it is filled, and the older one while it makes room.
_MAKING, _OLD = ".partial-", ".old-"
#: The file that whoever writes a folder holds the lock of, from start to end, and what stands in it.
_RUNNING, _BY = ".running", "encoder-harness "
_PATIENCE_S = 0.5
_TRIES = 10


def check_writable(folder: Path, files: Iterable[str] = ()) -> None:
    """Find out whether a folder can be written, and files of these names in it; nothing is left behind.

    Raises BundleError, which says why not.
    """
    missing = _missing_parents(folder)
    try:
        # Named as the folder will be while it is filled: its name may be too long, or no name in this locale.
        try:
            beside(folder, _MAKING).rmdir()
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise BundleError(
            f"{folder}: cannot be written ({error.strerror or error}); name another folder with --out"
        ) from None
    except UnicodeEncodeError:
        raise _unencodable(str(folder)) from None
    finally:
        _give_back(missing)
    for file in files:
        try:
            length = len(os.fsencode(file))
        except UnicodeEncodeError:
            raise _unencodable(file) from None
        if length > _NAME_BYTES:
            raise BundleError(f"{file!r}: {length} bytes are too long for a file's name; shorten the name")


def _missing_parents(folder: Path) -> list[Path]:
    parents = [folder.parent, *folder.parent.parents]
    return parents[: next((i for i, parent in enumerate(parents) if parent.exists()), len(parents))]


def _give_back(parents: Iterable[Path]) -> None:
    for parent in parents:
        with suppress(OSError):  # something stands in it by now
            parent.rmdir()


def beside(folder: Path, what: str) -> Path:
    """Make a new folder beside a place, whose name says what it is for and whose it is. Raises OSError."""
    made = folder.with_name(owners.marked(f".{folder.name}{what}"))
    _in_its_parent(folder, lambda: made.mkdir(mode=0o700))
    return made


def _in_its_parent(folder: Path, do: Callable[[], object]) -> None:
    """Do something where the folder's parents are, though another process may take away just now what it made."""
    for tries_left in reversed(range(_TRIES)):
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            do()
        except FileNotFoundError:
            if not tries_left:
                raise
        else:
            return


def filled(folder: Path) -> Path:
    """Make a new folder that is to be filled, and to take a place when it is whole. Raises OSError."""
    return beside(folder, _MAKING)


def take_place(partial: Path, folder: Path) -> None:
    """Put what was filled in its place. What stood there is gone afterwards, or stands there still. Raises OSError."""
    with suppress(OSError):  # where nothing is, or an empty folder
        partial.rename(folder)
        return
    aside = beside(folder, _OLD)
    try:
        folder.rename(aside / "old")
        try:
            partial.rename(folder)
        except BaseException:
            (aside / "old").rename(folder)
            raise
    finally:
        owners.remove([aside])


def clean(parent: Path) -> None:
    """Remove what processes that died while they wrote left in a folder; what they had set aside stands again."""
    for aside in parent.glob(f".*{_OLD}*"):
        if owners.abandoned(aside):
            place = parent / aside.name[1 : aside.name.rindex(_OLD)]
            if not place.exists():
                with suppress(OSError):
                    (aside / "old").rename(place)
            owners.remove([aside])
    owners.sweep(parent, f".*{_MAKING}*")
    for file in parent.glob(f".*{_RUNNING}"):
        if _dead(file):
            with suppress(Timeout, OSError, NotImplementedError), FileLock(file, timeout=0):
                file.unlink()


def _dead(file: Path) -> bool:
    whose = _writer(file)
    return whose is not None and owners.abandoned(file.with_name(whose))


def _writer(file: Path) -> str | None:
    with suppress(OSError, ValueError):
        found = re.match(rf"{_BY}([\w-]+)\n", file.read_text(encoding="ascii"))
        return found[1] if found else None
    return None


def _unencodable(name: str) -> BundleError:
    return BundleError(
        f"{name!r}: this locale has no such file names; set PYTHONUTF8=1, or a locale such as LC_ALL=C.UTF-8"
    )


@contextmanager
def reserved(out: Path | None, name: str, moment: datetime, check: Callable[[Path], None]) -> Iterator[Path]:
    """Yield the folder to write: the one asked for, or ``bundles/NAME-TIME``. Nobody else writes it meanwhile.

    ``check`` raises where the folder may not be written. Raises BundleError where another process is writing it.
    """
    if out is not None:
        check(out)
        with _held(out, _PATIENCE_S):
            check(out)  # another run may have been faster
            yield out
        return
    base = Path("bundles") / f"{name}-{moment.astimezone():%Y%m%d-%H%M%S}"
    with suppress(OSError):  # what is wrong is said below
        base.parent.mkdir(exist_ok=True)
    check(base.with_name(f"{base.name}-9999"))
    with ExitStack() as held:
        yield _free(base, held)


def _free(base: Path, held: ExitStack) -> Path:
    """Take the first of a row of names that nobody has, and hold it."""
    folder, i = base, 1
    while True:
        if not folder.exists():
            with suppress(_TakenError):
                held.enter_context(_held(folder, 0))
                if not folder.exists():
                    return folder
                held.pop_all().close()
        i += 1
        folder = base.with_name(f"{base.name}-{i}")


class _TakenError(BundleError):
    """Another process is writing a folder."""


@contextmanager
def _held(folder: Path, patience_s: float) -> Iterator[None]:
    """Hold a folder's lock; its file is gone when the block ends, and after a kill the next run removes it."""
    made = _missing_parents(folder)
    clean(folder.parent)
    file = folder.with_name(f".{folder.name}{_RUNNING}")
    lock = FileLock(file, timeout=patience_s)
    try:
        _in_its_parent(folder, lock.acquire)
    except Timeout:
        found = re.match(r"\d+", _writer(file) or "")
        raise _TakenError(
            f"{folder}: another run{f' (process {found[0]})' if found else ''} is writing this folder; name another "
            "one with --out, or wait until it has ended"
        ) from None
    except (OSError, NotImplementedError):  # a file system without locks: what is looked at twice must do
        pass
    try:
        with suppress(OSError):
            file.write_text(f"{_BY}{owners.marked('')}\n", encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            file.unlink()
        lock.release()
        _give_back(made)
