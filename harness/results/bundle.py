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

from harness.errors import BundleError, listed
from harness.results.items import Items, items_of
from harness.results.tables import TABLES, Table
from harness.results.versions import upgraded

if TYPE_CHECKING:
    import pandas as pd

RESULT = "result.json"


@dataclass(frozen=True, eq=False)
class Bundle:
    """One bundle folder, read only. ``result`` is ``result.json`` in the newest schema."""

    path: Path
    result: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def task(self) -> str:
        """The suite's task, such as ``retrieval`` or ``sts``."""
        return str(self.result["task"])

    @property
    def items(self) -> Items:
        """What the figures are about: queries, sentence pairs or texts."""
        return items_of(self.result.get("counts", {}))

    @property
    def primary(self) -> str:
        """The measure the suite decides by."""
        return str(self.result["primary"])

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure, in the suite's order."""
        return tuple(self.result["measures"])

    @property
    def pipelines(self) -> Mapping[str, Mapping[str, Any]]:
        """Every pipeline's part of ``result.json``, in the config's order."""
        pipelines: Mapping[str, Mapping[str, Any]] = self.result["pipelines"]
        return pipelines

    def value(self, pipeline: str, measure: str) -> float:
        """Return the unrounded aggregate of a measure. Raises BundleError for a name that is not here."""
        for name, known, what in (
            (pipeline, self.pipelines, "pipeline"),
            (measure, self.measures, "measure"),
        ):
            if name not in known:
                raise BundleError(f"{self.path}: has no {what} {name!r}; it has {listed(known)}")
        return float(self.pipelines[pipeline]["measures"][measure]["value"])

    def has(self, table: Table) -> bool:
        """Whether the bundle holds a table."""
        return self._file(table).is_file()

    def table(self, table: Table) -> pa.Table:
        """Read a table. Raises BundleError that names it where it is missing, damaged or of other columns."""
        path = self._file(table)
        if not path.is_file():
            raise BundleError(f"{self.path}: has no table {table.name} ({table.row})")
        try:
            read = pq.read_table(path)
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
            {"pipeline": name, "measure": measure, "value": figure["value"], "n": figure["n"],
             "low": (figure["interval"] or {}).get("low"), "high": (figure["interval"] or {}).get("high")}
            for name, pipeline in self.pipelines.items()
            for measure, figure in pipeline["measures"].items()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["pipeline", "measure", "value", "n", "low", "high"])

    def _file(self, table: Table) -> Path:
        return self.path / f"{table.name}.parquet"


def read(path: Path | str) -> Bundle:
    """Read a bundle, upgrading an older schema in memory. Raises BundleError."""
    folder = Path(path)
    if folder.name == RESULT:
        folder = folder.parent
    file = folder / RESULT
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such folder; a bundle is the folder that 'harness run' writes")
    if not file.is_file():
        raise BundleError(f"{folder}: is not a bundle (it has no {RESULT})")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{file}: not valid JSON ({error}); the file is damaged or incomplete") from None
    except OSError as error:
        raise BundleError(f"{file}: cannot be read ({error.strerror})") from None
    return Bundle(folder, upgraded(content, file))
