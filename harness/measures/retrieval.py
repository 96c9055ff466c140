"""Scores of a run by its queries, how many results were judged, and how far the order of ties moves a figure.

Queries that a run does not answer score 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.datamodel import Floats, Qrels, Run
from harness.measures.graded import Graded, graded
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


@dataclass(frozen=True, eq=False)
class Judged:
    """A run's results for the judged queries, with their grades: made once, and looked at by all that follows."""

    results: Run
    rankings: Graded

    @classmethod
    def of(cls, run: Run, qrels: Qrels) -> Judged:
        """Look every result up in the judgments; results for other queries are left out."""
        results = run.select(qrels.query_ids)
        return cls(results, graded(results, qrels))

    def scores(self, measures: Sequence[Measure]) -> PerQuery:
        """As :func:`evaluate`."""
        values = np.zeros((len(self.results), len(measures)))
        for column, measure in enumerate(measures):
            values[:, column] = RANKED[measure.name].scores(self.rankings, measure)
        unanswered = int((self.results.counts == 0).sum())
        return PerQuery(self.results.query_ids, tuple(measures), values, unanswered)

    @property
    def any_known(self) -> bool:
        """Whether anybody judged any of the results."""
        return bool((self.rankings.grades >= 0).any())

    def share(self, depth: int) -> float | None:
        """As :func:`judged_at`."""
        counts = np.minimum(self.results.counts, depth)
        if not counts.any():
            return None
        rows = np.flatnonzero(self.rankings.grades >= 0)
        judged = self.rankings.total(rows[self.rankings.rank[rows] <= depth])
        answered = counts > 0
        return float((judged[answered] / counts[answered]).mean())

    def ties(self, measure: Measure) -> TieSensitivity:
        """As :func:`tie_sensitivity`."""
        row, scores = RANKED[measure.name], self.results.scores
        canonical = float(row.scores(self.rankings, measure).mean())
        query = self.rankings.query
        if not ((query[1:] == query[:-1]) & (scores[1:] == scores[:-1])).any():
            return TieSensitivity(canonical, canonical, canonical)
        orders = self.rankings.sorted(scores), self.rankings.sorted(scores, ascending=True)
        return TieSensitivity(canonical, *(float(row.scores(order, measure).mean()) for order in orders))


def evaluate(run: Run, qrels: Qrels, measures: Sequence[Measure]) -> PerQuery:
    """Score a run on every judged query.

    The denominator is every query of ``qrels``; one without results counts 0 (trec_eval -c). Results for other
    queries are left out. Raises DataError for grades that a measure is not made for.
    """
    return Judged.of(run, qrels).scores(measures)


def judged_at(run: Run, qrels: Qrels, depth: int) -> float | None:
    """Mean share of each answered query's first ``depth`` results that somebody judged; None without results."""
    return Judged.of(run, qrels).share(depth)


def tie_sensitivity(run: Run, qrels: Qrels, measure: Measure) -> TieSensitivity:
    """Evaluate a measure with the relevant documents of every tie first, and last.

    Only the order among results with equal scores changes; results cut off before the run was written are gone.
    """
    return Judged.of(run, qrels).ties(measure)
