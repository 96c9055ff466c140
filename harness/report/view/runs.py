"""What the report needs of every run, in one reading: the grade of each result, and the first ten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness.datamodel import Qrels
from harness.results.bundle import Bundle
from harness.results.runs import read_qrels, read_table
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
            runs[name] = _facts(read_table(bundle.file(part.run)), judged)
    return Facts(qrels, runs)


@dataclass(frozen=True, eq=False)
class _Judged:
    query_ids: pa.Array
    doc_ids: pa.Array
    keys: Ints  # query x (documents + 1) + document, ascending
    grades: NDArray[np.int32]

    def grade(self, query: Ints, document: Ints) -> Ints:
        """Each result's grade, -1 where nobody judged it."""
        if not len(self.keys):
            return np.full(len(query), UNJUDGED, dtype=np.int64)
        wanted = query * (len(self.doc_ids) + 1) + document
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = (document >= 0) & (self.keys[place] == wanted)
        return np.where(known, self.grades[place], UNJUDGED).astype(np.int64)


def _facts(rows: pa.Table, judged: _Judged) -> RunFacts:
    query = _codes(rows["query"], judged.query_ids)
    rows = rows.filter(pa.array(query >= 0))
    query = query[query >= 0]
    # A bundle's runs are written best first, so a rank is a place within the query's rows.
    rank = rows["rank"].to_numpy()
    grade = judged.grade(query, _codes(rows["document"], judged.doc_ids))
    top = np.flatnonzero(rank <= TOP)
    known = grade > UNJUDGED
    first = rows.take(pa.array(top))
    return RunFacts(
        query=query[known],
        rank=rank[known],
        grade=grade[known],
        reach=int(rank.max(initial=0)),
        top_query=query[top],
        top_rank=rank[top],
        top_grade=grade[top],
        top_score=first["score"].to_numpy(),
        top_document=first["document"].combine_chunks(),
    )


def _codes(column: pa.ChunkedArray, names: pa.Array) -> Ints:
    found = pc.index_in(column, value_set=names).fill_null(-1)
    return np.asarray(found.to_numpy(), dtype=np.int64)
