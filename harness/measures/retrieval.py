"""Scores of a run by its queries, how many results were judged, and how far the order of ties moves a figure.

Queries that a run does not answer score 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.datamodel import Floats, Qrels, Run
from harness.measures.graded import graded, grades_of
from harness.measures.names import Measure
from harness.measures.ranked import RANKED


@dataclass(frozen=True, eq=False)
class PerQuery:
    """Scores of one run, one row a judged query and one column a measure."""

    query_ids: tuple[str, ...]
    measures: tuple[Measure, ...]
    values: Floats  # [n_queries, n_measures]
    unanswered: int  # judged queries without any result; they count 0

    def column(self, measure: Measure) -> Floats:
        """One measure's scores, [n_queries]."""
        return self.values[:, self.measures.index(measure)]


def evaluate(run: Run, qrels: Qrels, measures: Sequence[Measure]) -> PerQuery:
    """Score a run on every judged query.

    The denominator is every query of ``qrels``; one without results counts 0 (trec_eval -c). Results for other
    queries are left out. Raises DataError for grades that a measure is not made for.
    """
    results = run.select(qrels.query_ids)
    unanswered = int((results.counts == 0).sum())
    deepest = _deepest(measures)
    rankings = graded(results.top(deepest) if deepest else results, qrels)
    values = np.zeros((len(qrels), len(measures)))
    for column, measure in enumerate(measures):
        values[:, column] = RANKED[measure.name].scores(rankings, measure)
    return PerQuery(qrels.query_ids, tuple(measures), values, unanswered)


def _deepest(measures: Sequence[Measure]) -> int:
    """How many results of each query matter, 0 for all. A measure without a depth looks at all of them."""
    return max(m.depth for m in measures) if all(m.depth for m in measures) else 0


def judged_at(run: Run, qrels: Qrels, depth: int) -> float | None:
    """Mean share of each answered query's first ``depth`` results that somebody judged; None without results."""
    top = run.select(qrels.query_ids).top(depth)
    if not top.n_rows:
        return None
    judged = np.bincount(top.query_of_row, weights=grades_of(top, qrels) >= 0, minlength=len(top))
    answered = top.counts > 0
    return float((judged[answered] / top.counts[answered]).mean())


@dataclass(frozen=True)
class TieSensitivity:
    """A measure's mean with tied scores in canonical, in the best and in the worst order."""

    canonical: float
    best: float
    worst: float

    @property
    def spread(self) -> float:
        """How far the order of ties can move the figure."""
        return self.best - self.worst


def tie_sensitivity(run: Run, qrels: Qrels, measure: Measure) -> TieSensitivity:
    """Evaluate a measure with the relevant documents of every tie first, and last.

    Only the order among results with equal scores changes; results cut off before the run was written are gone.
    """
    results = run.select(qrels.query_ids)
    row = RANKED[measure.name]
    same_query = np.diff(results.query_of_row) == 0
    if not (same_query & (np.diff(results.scores) == 0)).any():
        canonical = float(evaluate(results, qrels, [measure]).values.mean())
        return TieSensitivity(canonical, canonical, canonical)
    rankings = graded(results, qrels)
    orders = (
        rankings,
        rankings.sorted(results.scores),
        rankings.sorted(results.scores, ascending=True),
    )
    return TieSensitivity(*(float(row.scores(order, measure).mean()) for order in orders))
