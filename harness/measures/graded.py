"""Rankings as the grades of their results, which is all that a measure of a ranking looks at.

Rows lie one query after another, so memory goes with the results and not with the longest ranking. Sums over a query
run from its first row to its last, as a plain loop's do: every machine gets the same last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Codes, Floats, Ints, Qrels, Run, ties

#: The grade of a result that nobody judged.
UNJUDGED = -1
#: The grade of a result that was in the pool and not drawn for judging.
POOLED = -2


@dataclass(frozen=True, eq=False)
class Graded:
    """Rankings of the queries of some judgments, and these judgments.

    Attributes:
        grades: [n_results], query by query, best first.
        offsets: [n_queries + 1]; query i owns the rows ``offsets[i]:offsets[i + 1]``.
        judged: [n_judgments] grades of each query's judged documents, highest first.
        judged_offsets: [n_queries + 1], likewise.
    """

    grades: Ints
    offsets: Ints
    judged: Ints
    judged_offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def counts(self) -> Ints:
        """Results of each query, [n_queries]."""
        return np.diff(self.offsets)

    @cached_property
    def query(self) -> Codes:
        """Position of each result's query, [n_results]."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.counts)

    @cached_property
    def rank(self) -> Codes:
        """Each result's rank in its query, from 1, [n_results]."""
        rank = np.arange(1, len(self.grades) + 1, dtype=np.int32)
        rank -= np.repeat(self.offsets[:-1].astype(np.int32), self.counts)
        return rank

    def top(self, depth: int) -> Graded:
        """The first ``depth`` results of every query; all for 0."""
        if not depth or int(self.counts.max(initial=0)) <= depth:
            return self
        offsets = np.concatenate([[0], np.cumsum(np.minimum(self.counts, depth))])
        return replace(self, grades=self.grades[self.rank <= depth], offsets=offsets)

    def sorted(self, scores: Floats | None = None, *, ascending: bool = False) -> Graded:
        """Each query's results by grade, highest first unless ``ascending``; within ties of ``scores`` where given."""
        by = self.grades if ascending else -self.grades
        if scores is None:
            return replace(self, grades=self.grades[np.lexsort((by, self.query))])
        # Only ties of which some results have another grade can change, and they are few.
        rows, group = ties(self.query, scores)
        if not len(rows):
            return self
        first = np.flatnonzero(np.diff(group, prepend=-1))
        mixed = np.minimum.reduceat(by[rows], first) != np.maximum.reduceat(by[rows], first)
        kept = mixed[group]
        rows, group = rows[kept], group[kept]
        grades = self.grades.copy()
        grades[rows] = grades[rows][np.lexsort((by[rows], group))]
        made = replace(self, grades=grades)
        for name in ("counts", "query", "rank"):  # they are of the same offsets
            made.__dict__[name] = getattr(self, name)
        return made

    @cached_property
    def ideal(self) -> Graded:
        """The best ranking there is: all judged documents by grade."""
        return replace(self, grades=self.judged, offsets=self.judged_offsets)

    def hits(self, level: int) -> Ints:
        """Rows of the relevant results, in order."""
        return np.flatnonzero(self.grades >= level)

    def relevant(self, level: int) -> Ints:
        """Relevant documents among each query's judgments, [n_queries]."""
        return _per_query(self.judged >= level, self.judged_offsets)

    def not_relevant(self, level: int) -> Ints:
        """Judged documents of each query that are not relevant, [n_queries]."""
        return _per_query(self.judged < level, self.judged_offsets)

    def place(self, rows: Ints) -> Ints:
        """Each of these rows' place among those of its query, from 1; rows in order, [n_rows]."""
        first = np.searchsorted(rows, self.offsets[:-1])
        return np.arange(1, len(rows) + 1) - first[self.query[rows]]

    def total(self, rows: Ints, weights: NDArray[Any] | None = None) -> Floats:
        """Sum of the rows' weights (their number without) in each query, [n_queries]."""
        return np.bincount(self.query[rows], weights, minlength=len(self)).astype(np.float64)


def graded(run: Run, qrels: Qrels) -> Graded:
    """Return a run as grades; its queries must be those of the judgments."""
    order = np.lexsort((-qrels.grades, qrels.query_of_row))
    return Graded(grades_of(run, qrels), run.offsets, qrels.grades[order].astype(np.int64), qrels.offsets)


def grades_of(run: Run, qrels: Qrels) -> Ints:
    """Each result's grade, [n_rows]: -1 where it was not judged, -2 where it was only in the pool.

    The run's queries must be those of the qrels.
    """
    if run.query_ids != qrels.query_ids:
        raise ValueError("the run's queries are not those of the judgments; select them first")
    grades = np.full(run.n_rows, UNJUDGED, dtype=np.int64)
    if qrels.pool is not None:
        grades[_matches(run, qrels.pool)[0]] = POOLED
    rows, places = _matches(run, qrels)
    grades[rows] = qrels.grades[places]
    return grades


def _matches(run: Run, qrels: Qrels) -> tuple[Ints, Ints]:
    """Rows of the run that are among the judgments, and where there, both [n_matches]."""
    width = len(qrels.vocabulary)
    key = qrels.query_of_row * width + qrels.docs
    order = np.argsort(key)
    code = run.vocabulary.found_in(qrels.vocabulary)
    known = np.flatnonzero((code >= 0)[run.docs])  # most results of a deep run were judged for no query
    if not len(key) or not len(known):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    query = np.searchsorted(run.offsets, known, side="right") - 1
    wanted = query * width + code[run.docs[known]]
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    found = key[order][place] == wanted
    return known[found], order[place[found]]


def _per_query(chosen: NDArray[np.bool_], offsets: Ints) -> Ints:
    before = np.concatenate([[0], np.cumsum(chosen)])
    return np.diff(before[offsets])
