"""Reading a bundle. Everything that compares, gates, selects, verifies or draws reads only this."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from harness.errors import BundleError, NotComparableError, listed
from harness.results.digests import content_digest, known_digest
from harness.results.items import Items, items_of
from harness.results.places import inside
from harness.results.schema import Pipeline, Result
from harness.results.shape import result_of
from harness.results.tables import TABLES, Table
from harness.results.versions import upgraded

if TYPE_CHECKING:
    import pandas as pd

RESULT = "result.json"


@dataclass(frozen=True, eq=False)
class Bundle:
    """One bundle folder, read only.

    Attributes:
        path: the folder.
        result: ``result.json`` in the newest schema.
        content: the same as parsed JSON, for those who copy or print it.
        checked: whether a file's digest is compared with the one it was written with before it is read;
            ``harness verify`` alone does without, to say all that differs.
    """

    path: Path
    result: Result
    content: Mapping[str, Any]
    checked: bool = True

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def task(self) -> str:
        """The suite's task, such as ``retrieval`` or ``sts``."""
        return self.result.task

    @property
    def items(self) -> Items:
        """What the figures are about: queries, sentence pairs or texts."""
        return items_of(self.result.counts)

    @property
    def primary(self) -> str:
        """The measure the suite decides by."""
        return self.result.primary

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure, in the suite's order."""
        return self.result.measures

    @property
    def pipelines(self) -> Mapping[str, Pipeline]:
        """Every pipeline's part of ``result.json``, in the config's order."""
        return self.result.pipelines

    def value(self, pipeline: str, measure: str) -> float:
        """Return the unrounded aggregate of a measure. Raises BundleError for a name that is not here."""
        for name, known, what in (
            (pipeline, self.pipelines, "pipeline"),
            (measure, self.measures, "measure"),
        ):
            if name not in known:
                raise BundleError(f"{self.path}: has no {what} {name!r}; it has {listed(known)}")
        return self.pipelines[pipeline].measures[measure].value

    def has(self, table: Table) -> bool:
        """Whether the bundle holds a table."""
        return self.holds(_file(table))

    def holds(self, place: str) -> bool:
        """Whether the bundle holds a file, given by its path inside it.

        One that it was written with counts although it is gone: reading it then says so.
        """
        return (self.checked and place in self.result.files) or inside(self.path, place).is_file()

    def file(self, place: str) -> Path:
        """Return the path of one of the bundle's files, which is as it was written.

        Raises BundleError where it is missing, changed, new, or not inside the bundle.
        """
        path = inside(self.path, place)
        wanted = self.result.files.get(place)
        if not path.is_file():
            lost = "is missing, though the bundle was written with it" if wanted else "no such file"
            raise BundleError(f"{path}: {lost}; the bundle is incomplete")
        if not self.checked:
            return path
        if wanted is None:
            raise BundleError(
                f"{path}: is not among the files that the bundle was written with, so it is not read"
            )
        try:
            found = known_digest(path)
        except OSError as error:
            raise BundleError(f"{path}: cannot be read ({error.strerror})") from None
        if found != wanted:
            raise BundleError(
                f"{path}: is not what the bundle was written with (its SHA-256 is {found[:12]}…, and {RESULT} records "
                f"{wanted[:12]}…); 'harness verify {self.path}' says what differs"
            )
        return path

    def table(self, table: Table) -> pa.Table:
        """Read a table. Raises BundleError that names it where it is missing, damaged or of other columns."""
        if not self.has(table):
            raise BundleError(f"{self.path}: has no table {table.name} ({table.row})")
        path = self.file(_file(table))
        try:
            with pq.ParquetFile(path) as file:
                read = file.read()
        except (pa.ArrowException, OSError) as error:
            raise BundleError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from None
        missing = [name for name in table.schema.names if name not in read.schema.names]
        if missing:
            raise BundleError(f"{path}: lacks the columns {listed(missing)}")
        return read.select(table.schema.names)

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table by name as a pandas frame, for notebooks."""
        if table not in TABLES:
            raise BundleError(f"unknown table {table!r}; a bundle may hold {listed(TABLES)}")
        frame: pd.DataFrame = self.table(TABLES[table]).to_pandas()
        return frame

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a pipeline and measure: value, n, low, high."""
        import pandas as pd

        rows = [
            {"pipeline": name, "measure": measure, "value": figure.value, "n": figure.n,
             "low": figure.interval and figure.interval.low, "high": figure.interval and figure.interval.high}
            for name, pipeline in self.pipelines.items()
            for measure, figure in pipeline.measures.items()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["pipeline", "measure", "value", "n", "low", "high"])


def _file(table: Table) -> str:
    return f"{table.name}.parquet"


def read(path: Path | str, *, checked: bool = True) -> Bundle:
    """Read a bundle, upgrading an older schema in memory.

    Raises BundleError where it cannot be read or is not as it was written, NotComparableError where it holds no digests
    to tell by. Without ``checked`` it is taken as it is, as far as it has the form of a result.
    """
    folder = Path(path)
    if folder.name == RESULT:
        folder = folder.parent
    file = folder / RESULT
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such folder; a bundle is the folder that 'harness run' writes")
    if not file.is_file():
        raise BundleError(f"{folder}: is not a bundle (it has no {RESULT})")
    content = _content(inside(folder, RESULT))
    newest = upgraded(content, file)
    _check_digest(content, file, checked=checked)
    return Bundle(folder, result_of(newest, file), newest, checked)


def _content(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise BundleError(f"{file}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file}: not valid JSON ({error}); the file is damaged or incomplete") from None


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")


def _check_digest(content: Mapping[str, Any], file: Path, *, checked: bool) -> None:
    """Compare a result with the SHA-256 that it was written with; without ``checked`` only see that it has one."""
    try:
        digest = content_digest(content)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file}: holds what no result holds ({error}); the file is damaged") from None
    if not checked:
        return
    if not content.get("digest") or "files" not in content:
        raise NotComparableError(
            f"{file}: holds no digests of itself and its files, so nobody can tell whether they are as they were "
            "written; make the bundle again with 'harness run' or 'harness score'"
        )
    if digest != content["digest"]:
        raise BundleError(
            f"{file}: is not what was written (its content and its digest disagree): it is damaged, or was edited; "
            f"'harness verify {file.parent}' says which figures do not follow from the tables"
        )
