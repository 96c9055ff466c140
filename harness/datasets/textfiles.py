"""Lines and records of local text files, plain or gzip, where every complaint names file and line."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from harness.errors import DataError, ResourceError, listed


def is_gzip(path: Path) -> bool:
    """Whether a file's name says that it is gzip-compressed."""
    return path.suffix == ".gz"


def kind_of(path: Path) -> str:
    """Return a file's format from its name.

    ``tsv``, ``jsonl``, ``csv`` ..., whether or not it is compressed.
    """
    return Path(path.stem if is_gzip(path) else path.name).suffix.lstrip(".").lower()


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes.

    Whatever goes wrong while it is read becomes a DataError that names it.
    """
    try:
        with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as file:
            yield cast(IO[bytes], file)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder, not a file") from None
    except (EOFError, zlib.error):
        raise DataError(
            f"{path}: the compressed data ends too early or is damaged; fetch the file again"
        ) from None
    except gzip.BadGzipFile as error:
        raise DataError(f"{path}: not gzip data ({error})") from None
    except PermissionError:
        raise DataError(f"{path}: may not be read (permission denied)") from None


def decoded(raw: bytes, path: Path, number: int) -> str:
    """Decode one line. Raises DataError where it is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}:{number}: not UTF-8 text (byte {error.start} of the line)") from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without its line ending), blank lines left out."""
    with opened(path) as file:
        for number, raw in enumerate(file, start=1):
            text = decoded(raw, path, number).rstrip("\r\n")
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip():
                yield number, text


def json_object(text: str, path: Path, number: int) -> dict[str, Any]:
    """Parse one line of JSONL."""
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{number}: not valid JSON ({error.msg}); is the file complete?") from None
    except RecursionError:
        raise DataError(f"{path}:{number}: not valid JSON here (nested too deeply)") from None
    if "\\ud" in text.lower():
        _check_surrogates(record, path, number)
    if not isinstance(record, dict):
        raise DataError(f"{path}:{number}: a JSON {type(record).__name__}, where an object is expected")
    return record


def _check_surrogates(record: Any, path: Path, number: int) -> None:
    """Refuse half a surrogate pair, which JSON can escape and UTF-8 cannot hold."""
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DataError(f"{path}:{number}: holds half a surrogate pair, which is no character") from None


def check_id(value: str, path: Path, number: int, what: str) -> str:
    """Return an id. TREC files separate by white space, so an id may hold none and may not be empty."""
    if not value or any(character.isspace() for character in value):
        raise DataError(f"{path}:{number}: the {what} id {value!r} is empty or holds white space")
    return value


def split_columns(text: str, columns: Sequence[str], path: Path, number: int) -> dict[str, str]:
    """Split a line of TSV, which is never quoted, into named columns."""
    parts = text.split("\t")
    if len(parts) != len(columns):
        raise DataError(
            f"{path}:{number}: {len(parts)} columns, where {len(columns)} are expected ({listed(columns)})"
        )
    return dict(zip(columns, parts, strict=True))


def spooled(path: Path) -> IO[bytes]:
    """Return a file that can be sought.

    The file itself, or a gzip file decompressed to a nameless temporary one.
    """
    if not is_gzip(path):
        with opened(path):
            return path.open("rb")
    spool = tempfile.TemporaryFile(prefix="harness-")  # noqa: SIM115 - handed to the caller
    try:
        with opened(path) as file:
            shutil.copyfileobj(file, spool, 1 << 20)
        spool.flush()  # it is read through its descriptor too
    except OSError as error:
        spool.close()
        raise ResourceError(
            f"{path}: could not be decompressed to {tempfile.gettempdir()} ({error.strerror}); free some "
            "space there, "
            "or set TMPDIR to another folder"
        ) from None
    except BaseException:
        spool.close()
        raise
    return spool
