"""Reading the runs of a bundle: TREC lines as this project writes them, single-spaced, fast and without
datasets.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv

from harness.datamodel import Qrels, Run
from harness.errors import BundleError, DataError
from harness.results.bundle import Bundle
from harness.results.tables import QRELS

_COLUMNS = ("query", "q0", "document", "rank", "score", "tag")
_TYPES = {"query": pa.string(), "document": pa.string(), "rank": pa.int64(), "score": pa.float64()}


def read_table(path: Path) -> pa.Table:
    """Return the columns query, document, rank and score of a bundle's run, in the file's order.

    Raises BundleError where the file is missing or not as a bundle's runs are written.
    """
    try:
        if not path.stat().st_size:  # a run without any result, which Arrow takes for no table
            return pa.table({name: pa.array([], kind) for name, kind in _TYPES.items()})
        return csv.read_csv(
            path,
            read_options=csv.ReadOptions(column_names=list(_COLUMNS)),
            parse_options=csv.ParseOptions(
                delimiter=" ", quote_char=False, double_quote=False, escape_char=False
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(_TYPES), column_types=_TYPES, strings_can_be_null=False, null_values=[]
            ),
        )
    except FileNotFoundError:
        raise BundleError(f"{path}: no such run; the bundle is incomplete") from None
    except (pa.ArrowException, OSError) as error:
        raise BundleError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from None


def read_run(path: Path) -> Run:
    """Return one of a bundle's runs in canonical order. Raises BundleError."""
    columns = read_table(path)
    try:
        return Run.from_columns(
            columns["query"].combine_chunks(),
            columns["document"].combine_chunks(),
            columns["score"].to_numpy(),
        )
    except DataError as error:
        raise BundleError(f"{path}: {error}") from None


def read_qrels(bundle: Bundle) -> Qrels:
    """Return a bundle's judgments, in the suite's order of queries. Raises BundleError."""
    columns = bundle.table(QRELS)
    return Qrels.from_columns(
        columns["query_id"].combine_chunks(), columns["doc_id"].combine_chunks(), columns["grade"].to_numpy()
    )
