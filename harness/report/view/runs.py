"""What the report needs of every run, in one reading: the grade of each result, and the first ten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness.datamodel import Qrels
from harness.results.bundle import Bundle
from harness.results.columns import Columns
from harness.results.runs import read_columns, read_qrels
from harness.results.tables import QRELS

#: Results of a query that the page shows.
TOP = 10
UNJUDGED = -1
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RunFacts:
    """One pipeline's run on the judged queries.

    Attributes:
        query, rank, grade: [n_judged] of the results that are judged; rank from 1.
        reach: the deepest rank of any query.
        top_query, top_rank, top_grade, top_score: [n_top] of the first ten of each query; -1: unjudged.
        top_document: [n_top] ids.
    """

    query: Ints
    rank: Ints
    grade: Ints
    reach: int
    top_query: Ints
    top_rank: Ints
    top_grade: Ints
    top_score: NDArray[np.float64]
    top_document: pa.Array


@dataclass(frozen=True, eq=False)
class Facts:
    """Judgments and every run that the bundle holds."""

    qrels: Qrels
    runs: Mapping[str, RunFacts]


def facts_of(bundle: Bundle) -> Facts | None:
    """Read the runs; None where the bundle holds no judgments (a baseline, or sentence pairs).

    Raises BundleError for a damaged run.
    """
    if not bundle.has(QRELS):
        return None
    qrels = read_qrels(bundle)
    width = len(qrels.doc_ids) + 1
    keys = qrels.query_of_row * width + qrels.docs
    order = np.argsort(keys)
    judged = _Judged(pa.array(qrels.query_ids, pa.string()), qrels.doc_ids, keys[order], qrels.grades[order])
    runs = {}
    for name, part in bundle.pipelines.items():
        if part.run and bundle.holds(part.run):
            runs[name] = _facts(read_columns(bundle.file(part.run)), judged)
    return Facts(qrels, runs)


@dataclass(frozen=True, eq=False)
class _Judged:
    query_ids: pa.Array
    doc_ids: pa.Array
    keys: Ints  # query x (documents + 1) + document, ascending
    grades: NDArray[np.int32]

    def grade(self, query: Ints, document: NDArray[np.integer[Any]]) -> Ints:
        """Each result's grade, -1 where nobody judged it."""
        if not len(self.keys):
            return np.full(len(query), UNJUDGED, dtype=np.int64)
        wanted = query * (len(self.doc_ids) + 1) + document
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = (document >= 0) & (self.keys[place] == wanted)
        return np.where(known, self.grades[place], UNJUDGED).astype(np.int64)


def _facts(rows: Columns, judged: _Judged) -> RunFacts:
    names = pc.index_in(rows.queries.dictionary, value_set=judged.query_ids).fill_null(-1)
    query = names.to_numpy().astype(np.int64)[rows.codes] if len(names) else np.zeros(0, dtype=np.int64)
    # A bundle's runs are written best first, so a rank is a place within the query's rows.
    rank = rows.places
    wanted = query >= 0
    top = np.flatnonzero(wanted & (rank <= TOP))
    documents = rows.documents
    looked_up = pa.array(documents) if isinstance(documents, np.ndarray) else documents
    document = _codes(looked_up, judged.doc_ids)
    known = np.flatnonzero(wanted & (document >= 0))
    grade = judged.grade(query[known], document[known])
    known, grade = known[grade > UNJUDGED], grade[grade > UNJUDGED]
    shown = looked_up.take(pa.array(top))
    return RunFacts(
        query=query[known],
        rank=rank[known].astype(np.int64),
        grade=grade,
        reach=int(rank[wanted].max(initial=0)),
        top_query=query[top],
        top_rank=rank[top].astype(np.int64),
        top_grade=judged.grade(query[top], document[top]),
        top_score=rows.scores[top],
        top_document=shown.cast(pa.string()),
    )


def _codes(column: pa.Array, names: pa.Array) -> NDArray[np.int32]:
    """Each id's place among the names, -1 where it is none of them; a column of numbers holds only such."""
    if pa.types.is_integer(column.type):
        numbers = [
            int(name) if name.isdigit() and str(int(name)) == name else -1 for name in names.to_pylist()
        ]
        fits = np.iinfo(column.type.to_pandas_dtype()).max
        names = pa.array([n if n <= fits else -1 for n in numbers], column.type)
    found = pc.index_in(column, value_set=names).fill_null(-1)
    return np.asarray(found.to_numpy(), dtype=np.int32)
