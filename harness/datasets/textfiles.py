"""Lines and records of local text files, plain or gzip, where every complaint names file and line.

Whether a file is compressed is told by its first bytes, never by its name.
"""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from harness.errors import DataError, ResourceError, listed, no_room

_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_CONVERT = "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"
#: First bytes of what is no text -> what it is, and what to do.
_NO_TEXT = {
    b"\xff\xfe": f"UTF-16 text, as some programs on Windows save it; {_CONVERT}",
    b"\xfe\xff": f"UTF-16 text, as some programs on Windows save it; {_CONVERT}",
    _GZIP: "gzip data in gzip data; unpack it once",
    b"PK\x03\x04": "a zip archive, or a spreadsheet; unpack it, or save the sheet as CSV",
    b"BZh": "bzip2 data; unpack it, or compress it with gzip",
    b"\xfd7zXZ\x00": "xz data; unpack it, or compress it with gzip",
    b"\x28\xb5\x2f\xfd": "zstandard data; unpack it, or compress it with gzip",
    b"PAR1": "Parquet; let its name end in .parquet",
}
_HEAD = 512
_NO_ID = re.compile(r"[\x00-\x20\x7f]")


def kind_of(path: Path) -> str:
    """Return a file's format from its name.

    ``tsv``, ``jsonl``, ``csv`` ..., whether or not it is compressed.
    """
    compressed = path.suffix.lower() == ".gz"
    return Path(path.stem if compressed else path.name).suffix.lstrip(".").lower()


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes, decompressed where it is gzip data.

    Whatever goes wrong while it is read becomes a DataError that names it.
    """
    try:
        with path.open("rb") as file:
            if file.peek(2).startswith(_GZIP):
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield cast(IO[bytes], unpacked)
            else:
                yield file
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder, not a file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(
            f"{path}: the compressed data ends too early or is damaged; fetch the file again"
        ) from None
    except PermissionError:
        raise DataError(f"{path}: may not be read (permission denied)") from None
    except OSError as error:
        if no_room(error):
            raise
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None


@contextmanager
def opened_text(path: Path) -> Iterator[IO[bytes]]:
    """Open a file of UTF-8 text as :func:`opened` does. Raises DataError for what its first bytes say is none."""
    with opened(path) as file:
        head = cast(Any, file).peek(_HEAD)[:_HEAD]
        for start, what in _NO_TEXT.items():
            if head.startswith(start):
                raise DataError(f"{path}: is {what}")
        if b"\x00" in head:
            raise DataError(
                f"{path}: holds zero bytes: binary data, or UTF-16 text; if it is text, {_CONVERT}"
            )
        yield file


def raw_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes with their line ending); a byte order mark is left out.

    Lines end in LF or CR LF, or in CR where a file holds no LF at all.
    """
    for number, raw in enumerate(file, start=1):
        if number == 1:
            raw = raw.removeprefix(_MARK)
            if ends_in_cr(raw):
                yield from enumerate((part + b"\n" for part in raw.split(b"\r")), start=1)
                return
        yield number, raw


def ends_in_cr(first: bytes) -> bool:
    """Whether a file's lines end in CR alone, by its first line as told by LF: then this is all of it."""
    return b"\r" in first and not first.endswith(b"\n")


def decoded(raw: bytes, path: Path, number: int) -> str:
    """Decode one line. Raises DataError where it is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:{number}: not UTF-8 text (byte {error.start} of the line); save it as UTF-8, or convert it: "
            "iconv -f LATIN1 -t UTF-8 FILE > NEW"
        ) from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without its line ending), blank lines left out."""
    with opened_text(path) as file:
        for number, raw in raw_lines(file):
            text = decoded(raw, path, number).rstrip("\r\n")
            if text.strip():
                yield number, text


def is_id(value: str) -> bool:
    """Whether a text can be an id: TREC files separate at white space of ASCII, and at nothing else."""
    return bool(value) and _NO_ID.search(value) is None


def check_id(value: str, path: Path, number: int, what: str) -> str:
    """Return an id. Raises DataError where it is empty, or holds white space or a control character."""
    if not is_id(value):
        raise DataError(
            f"{path}:{number}: the {what} id {value!r} is empty or holds white space or a control character"
        )
    return value


def expected_columns(found: int, columns: Sequence[str], path: Path, number: int) -> DataError:
    """Return the error for a row of so many cells where others are expected."""
    return DataError(
        f"{path}:{number}: {found} columns, where {len(columns)} are expected ({listed(columns)})"
    )


def spooled(path: Path) -> IO[bytes]:
    """Return a file of text that can be sought, its lines ending in LF.

    The file itself; or its decompressed or converted content in a nameless temporary one.
    """
    with opened_text(path) as file:
        first = file.readline()
        compressed = isinstance(cast(object, file), gzip.GzipFile)
        if not compressed and not ends_in_cr(first):
            return path.open("rb")
        return spool(_content(first, file), path)


def _content(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    yield first.replace(b"\r", b"\n") if ends_in_cr(first) else first
    while block := file.read(1 << 20):
        yield block


def spool(content: Iterator[bytes], path: Path) -> IO[bytes]:
    """Return a nameless temporary file with the content made of a file. Raises ResourceError for a full disk."""
    made = tempfile.TemporaryFile(prefix="harness-")  # noqa: SIM115 - handed to the caller
    try:
        for block in content:
            _write(made, block, path)
        made.flush()  # it is read through its descriptor too
    except BaseException:
        made.close()
        raise
    return made


def _write(made: IO[bytes], block: bytes, path: Path) -> None:
    try:
        made.write(block)
    except OSError as error:
        raise ResourceError(
            f"{path}: could not be unpacked to {tempfile.gettempdir()} ({error.strerror}); free some space there, or "
            "set TMPDIR to another folder"
        ) from None
