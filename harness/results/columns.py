"""A run's rows as columns, read block by block: integers where its ids are numbers, and nothing is done for each row.

Two forms: TREC's six columns as nearly every tool writes them, plain or compressed; and Parquet, with the columns
``query`` (text), ``document`` (text, or integers where all ids are numbers) and ``score`` (double precision), best
first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from harness import ids
from harness.datamodel import Floats, Run

NAMES = ("query", "q0", "document", "rank", "score", "tag")
_QUERY = pa.dictionary(pa.int32(), pa.string())
_TYPES = {"query": _QUERY, "document": pa.string(), "rank": pa.int64(), "score": pa.float64()}
#: Bytes read at once, which fit the cache of a core, and rows written at once.
_BLOCK, _ROWS = 1 << 20, 1 << 20


@dataclass(frozen=True, eq=False)
class Columns:
    """A run's rows, in the order of its file.

    Attributes:
        queries: [n_rows], codes in the order in which queries first appear.
        documents: [n_rows] texts, or integers that stand for their decimal digits.
        scores: [n_rows].
        ranks: [n_rows]; None where the file has none, and a result's rank is its place.
    """

    queries: pa.DictionaryArray
    documents: pa.Array | ids.Numbers
    scores: Floats
    ranks: NDArray[Any] | None = None

    def run(self) -> Run:
        """Return them as a run in canonical order. Raises DataError."""
        return Run.from_columns(self.queries, self.documents, self.scores)

    @property
    def codes(self) -> ids.Codes:
        """Each row's query, [n_rows]."""
        return np.asarray(self.queries.indices.to_numpy(), dtype=np.int32)

    @property
    def places(self) -> NDArray[Any]:
        """Each row's rank, [n_rows]: as the file says, or its place among the rows of its query, which lie together."""
        if self.ranks is not None:
            return self.ranks
        codes = self.codes
        first = np.flatnonzero(np.insert(codes[1:] != codes[:-1], 0, True))[: len(codes)]
        rank = np.arange(1, len(codes) + 1, dtype=np.int32)
        rank -= np.repeat(first.astype(np.int32), np.diff(np.append(first, len(codes))))
        return rank


def read_trec(source: Any, delimiter: str = " ") -> Columns:
    """Read TREC's six columns from a path or a file of bytes, one delimiter between them.

    Raises pa.ArrowException where a row is another, or an OSError.
    """
    reader = csv.open_csv(
        source,
        csv.ReadOptions(column_names=list(NAMES), block_size=_BLOCK, use_threads=False),
        csv.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False, escape_char=False),
        csv.ConvertOptions(
            include_columns=list(_TYPES), column_types=_TYPES, strings_can_be_null=False, null_values=[]
        ),
    )
    with reader:
        return _joined(reader)


def _joined(blocks: Iterable[pa.RecordBatch]) -> Columns:
    queries, documents = [], _Growing(np.int32)
    ranks, scores = _Growing(np.int32), _Growing(np.float64)
    texts: list[pa.Array] = []
    for block in blocks:
        queries.append(block["query"])
        ranks.add(block["rank"].to_numpy())
        scores.add(block["score"].to_numpy())
        values = None if texts else ids.numbers(block["document"])
        if values is not None:
            documents.add(values)
        elif len(block):
            if not texts and len(documents.values):
                texts.append(ids.texts(documents.values))
            texts.append(block["document"])
    return Columns(
        pa.chunked_array(queries, _QUERY).combine_chunks(),
        pa.concat_arrays(texts) if texts else documents.values,
        scores.values,
        ranks.values,
    )


class _Growing:
    """An array that grows; integers take 32 bits as long as all fit."""

    def __init__(self, kind: type[np.generic]) -> None:
        """Begin empty. Pages of memory that are never written to cost nothing."""
        self._room, self._used = np.empty(1 << 16, kind), 0

    def add(self, values: NDArray[Any]) -> None:
        """Add values at the end, copied."""
        end = self._used + len(values)
        kind = self._room.dtype
        if kind == np.int32 and len(values) and not -(2**31) < values.min() <= values.max() < 2**31:
            kind = np.dtype(np.int64)
        if end > len(self._room) or kind != self._room.dtype:
            larger = np.empty(max(end, 2 * len(self._room)), kind)
            larger[: self._used] = self.values
            self._room = larger
        self._room[self._used : end] = values
        self._used = end

    @property
    def values(self) -> NDArray[Any]:
        """What was added."""
        return self._room[: self._used]


def _narrow(values: ids.Numbers) -> NDArray[Any]:
    """Integers in 32 bits where they fit, a copy."""
    small = not len(values) or -(2**31) < values.min() <= values.max() < 2**31
    return values.astype(np.int32 if small else np.int64)


def read_parquet(source: Any) -> Columns:
    """Read the columns that :func:`write_parquet` writes. Raises pa.ArrowException, OSError or ValueError."""
    file = pq.ParquetFile(source, read_dictionary=["query"])
    lacking = [name for name in ("query", "document", "score") if name not in file.schema_arrow.names]
    if lacking:
        raise ValueError(f"it lacks the column {lacking[0]}")
    table = file.read(["query", "document", "score"], use_threads=False)
    if any(column.null_count for column in table.columns):
        raise ValueError("a row lacks its query, its document or its score")
    query, document, score = (_whole(table[name]) for name in ("query", "document", "score"))
    if not (pa.types.is_dictionary(query.type) and pa.types.is_string(query.type.value_type)):
        raise ValueError(f"its queries are {query.type}, no text")
    if not pa.types.is_float64(score.type):
        raise ValueError(f"its scores are {score.type}, not double precision")
    if pa.types.is_integer(document.type):
        values = document.to_numpy()
        if len(values) and values.min() < 0:
            raise ValueError(f"a document's id is {values.min()}, and a number as an id has no sign")
        return Columns(query, values, score.to_numpy())
    if not pa.types.is_string(document.type):
        raise ValueError(f"its documents are {document.type}, neither text nor integers")
    return Columns(query, document, score.to_numpy())


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def write_parquet(run: Run, file: Path) -> None:
    """Write a run in canonical order; documents as integers where all ids are numbers."""
    values = run.vocabulary.numbers
    documents = run.doc_ids if values is None else pa.array(_narrow(values))
    names = pa.array(run.query_ids, pa.string())
    schema = pa.schema([("query", _QUERY), ("document", documents.type), ("score", pa.float64())])
    # Without levels of statistics, which nobody asks for, and a dictionary only where texts repeat.
    with pq.ParquetWriter(
        file, schema, compression="zstd", use_dictionary=["query"], write_statistics=False
    ) as writer:
        queries = run.query_of_row.astype(np.int32)
        for low in range(0, run.n_rows, _ROWS):
            rows = slice(low, low + _ROWS)
            writer.write_table(
                pa.Table.from_arrays(
                    [
                        pa.DictionaryArray.from_arrays(pa.array(queries[rows]), names),
                        documents.take(pa.array(run.docs[rows])),
                        pa.array(run.scores[rows]),
                    ],
                    schema=schema,
                )
            )


def any_match(texts: pa.Array, pattern: str) -> bool:
    """Whether any text matches a regular expression."""
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())
