"""One artifact, one file: a header in JSON, an array, and a checksum over both.

Layout: ``HARNESS\\x01``, the header's length (8 bytes, little endian), the header padded with spaces so that
the
array begins at a multiple of 64, the array's bytes, CRC-32 of all before (4 bytes, little endian). CRC-32
guards
against damage, not against malice: it finds every flipped byte, and is the fastest check there is.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from harness import owners

_MAGIC = b"HARNESS\x01"
_ALIGNMENT = 64
_STEP = 1 << 24
_TRIES = 10


class Damaged(Exception):  # noqa: N818
    """A file that does not hold what was written; a reason, for people."""


@dataclass(frozen=True, eq=False)
class Artifact:
    """What a file holds. The array is mapped, read only: its pages are not the process's own memory."""

    header: Mapping[str, Any]
    array: NDArray[Any]


def write(path: Path, header: Mapping[str, Any], array: NDArray[Any], scratch: Path) -> None:
    """Write a file that is there as a whole or not at all. Raises OSError."""
    array = np.ascontiguousarray(array)
    dtype = array.dtype.str if array.dtype.names is None else array.dtype.descr
    described = {**header, "dtype": dtype, "shape": list(array.shape)}
    text = json.dumps(described, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
    start = len(_MAGIC) + 8
    text += b" " * (-(start + len(text)) % _ALIGNMENT)
    head = _MAGIC + len(text).to_bytes(8, "little") + text
    body = memoryview(cast(Any, array.reshape(-1).view(np.uint8))) if array.size else memoryview(b"")
    checksum = zlib.crc32(body, zlib.crc32(head))
    partial = scratch / owners.marked(f"{path.name[:32]}.")
    try:
        with partial.open("wb") as file:
            file.write(head)
            file.write(body)
            file.write(checksum.to_bytes(4, "little"))
            file.flush()
            os.fsync(file.fileno())
        move(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def move(partial: Path, path: Path) -> None:
    """Put what was written in its place. Whoever makes the store smaller may remove an empty folder just then."""
    for _ in range(_TRIES):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            partial.rename(path)
            return
    partial.rename(path)


def read(path: Path) -> Artifact:
    """Map a file and verify its checksum.

    Raises Damaged, or OSError (FileNotFoundError where there is none).
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < len(_MAGIC) + 12:
            raise Damaged("it is too short")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    view = memoryview(mapped)
    checksum = 0
    for low in range(0, len(view) - 4, _STEP):
        checksum = zlib.crc32(view[low : min(low + _STEP, len(view) - 4)], checksum)
    if checksum != int.from_bytes(view[-4:], "little"):
        raise Damaged("its checksum does not match")
    if bytes(view[: len(_MAGIC)]) != _MAGIC:
        raise Damaged("it is of another format")
    start = len(_MAGIC) + 8
    length = int.from_bytes(view[len(_MAGIC) : start], "little")
    try:
        return _parsed(mapped, bytes(view[start : start + length]), start + length)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"its header makes no sense: {error}") from None


def _parsed(mapped: mmap.mmap, text: bytes, start: int) -> Artifact:
    header = json.loads(text)
    named, shape = header.pop("dtype"), tuple(header.pop("shape"))
    dtype = np.dtype(named if isinstance(named, str) else [(name, kind) for name, kind in named])
    count = int(np.prod(shape, dtype=np.int64))
    array = np.frombuffer(mapped, dtype=dtype, count=count, offset=start) if count else np.empty(shape, dtype)
    array = array.reshape(shape)
    array.setflags(write=False)
    return Artifact(header, array)
