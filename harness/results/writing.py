"""Writing a bundle so that nothing is lost and nothing is half-written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from harness import owners
from harness.errors import BundleError, ResourceError, no_room
from harness.results import bundle, target
from harness.results.digests import content_digest, file_digest
from harness.results.tables import Table


def check_target(folder: Path, config_digest: str, runs: Iterable[str] = ()) -> None:
    """Raise BundleError where a bundle cannot be written, or may not be: something else stands there.

    A bundle of the same configuration may be replaced; anything else is left alone.
    """
    target.check_writable(folder, (f"{name}.trec" for name in runs))
    if folder.exists() and not folder.is_dir():
        raise BundleError(f"{folder}: is a file; name a folder that does not exist yet")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / bundle.RESULT).is_file():
        raise BundleError(f"{folder}: holds other files, no bundle; name a folder that does not exist yet")
    there = bundle.read(folder, checked=False).result.config_digest
    if there != config_digest:
        raise BundleError(
            f"{folder}: holds a bundle of another configuration; name another folder with --out, or remove that one"
        )


def complete(folder: Path) -> bool:
    """Whether a bundle stands there that lacks nothing, which an interrupted run's must not replace."""
    try:
        return bundle.read(folder, checked=False).result.partial is None
    except BundleError:
        return False


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Yield a new folder to fill; it takes the place of ``folder`` at once when the block ends without an error.

    Raises ResourceError where the disk is full.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        target.clean(folder.parent)
        partial = target.filled(folder)
    except OSError as error:
        raise _no_room(folder, error) from None
    try:
        yield partial
        partial.chmod(0o777 & ~_umask())
        target.take_place(partial, folder)
    except OSError as error:
        raise _no_room(folder, error) from None
    finally:
        owners.remove([partial])


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _no_room(folder: Path, error: OSError) -> BundleError | ResourceError:
    if no_room(error):
        return ResourceError(
            f"{folder}: no space left to write the bundle; free some and run the same command again"
        )
    return BundleError(f"{folder}: cannot be written ({error.strerror or error})")


def write_result(folder: Path, result: Mapping[str, Any]) -> None:
    """Write ``result.json``, last: it seals what is there.

    ``files`` holds the SHA-256 of every file already in the folder, ``digest`` that of the result itself. NaN and
    infinities are refused: JSON has none.
    """
    there = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != bundle.RESULT)
    content = {**result, "files": {path.relative_to(folder).as_posix(): file_digest(path) for path in there}}
    content["digest"] = content_digest(content)
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    # What is sealed already stays so until this is whole.
    new = folder / f"{bundle.RESULT}.new"
    try:
        new.write_text(text + "\n", encoding="utf-8")
        new.replace(folder / bundle.RESULT)
    finally:
        new.unlink(missing_ok=True)


def seal(folder: Path) -> None:
    """Seal a folder's result again, after files were added to it."""
    write_result(folder, json.loads((folder / bundle.RESULT).read_text(encoding="utf-8")))


def write_table(folder: Path, table: Table, columns: Mapping[str, Any]) -> None:
    """Write a table from its columns."""
    pq.write_table(as_table(table, columns), folder / f"{table.name}.parquet", compression="zstd")


def as_table(table: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Return a table's columns (lists, or Arrow arrays) in its schema."""
    arrays = [
        column.cast(field.type)
        if isinstance(column, pa.Array | pa.ChunkedArray)
        else pa.array(column, field.type)
        for field, column in ((field, columns[field.name]) for field in table.schema)
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)
