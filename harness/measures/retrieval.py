"""Per-query retrieval measures through ranx's array interface.

ranx leaves ties to insertion order, compares dictionaries by position and raises on missing queries; so it is given
integers, one pair of arrays a query, and strictly decreasing scores derived from the canonical rank. Queries that
a run does not answer score 0 here and never reach it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness.datamodel import Floats, Ints, Qrels, Run
from harness.measures.names import Measure, parse

#: (judgments, results, depth, relevance level) -> scores [n_queries]
Kernel = Callable[[Any, Any, int, int], Floats]


@cache
def _kernels() -> Mapping[str, Kernel]:
    """Import ranx, which takes seconds, when first needed.

    Its ``evaluate`` is not used: it fails for a single measure without averaging, and writes into what it is given.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plotting libraries warn about themselves
        from ranx import metrics
    return {
        "ndcg": metrics.ndcg,
        "mrr": metrics.reciprocal_rank,
        "map": metrics.average_precision,
        "recall": metrics.recall,
        "precision": metrics.precision,
        "hit_rate": metrics.hit_rate,
        "r-precision": metrics.r_precision,
    }


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
    queries are left out.
    """
    results = run.select(qrels.query_ids)
    values = np.zeros((len(qrels), len(measures)))
    answered = np.flatnonzero((results.counts > 0) & (qrels.counts > 0))
    if len(answered):
        judged, found = _arrays(results, qrels, answered, _deepest(measures))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numba's, about ranx's loop counters: unsigned to signed
            for column, measure in enumerate(measures):
                kernel = _kernels()[measure.name]
                values[answered, column] = kernel(judged, found, measure.depth, measure.level)
    return PerQuery(qrels.query_ids, tuple(measures), values, int((results.counts == 0).sum()))


def _deepest(measures: Sequence[Measure]) -> int:
    """How many results of each query matter, 0 for all. A measure without a depth looks at all of them."""
    return max(m.depth for m in measures) if all(m.depth for m in measures) else 0


def _arrays(run: Run, qrels: Qrels, queries: Ints, depth: int) -> tuple[Any, Any]:
    """Return what ranx takes: for each query an array [n, 2] of (document, grade) and of (document, score)."""
    from numba.typed import List

    code_in_qrels = pc.index_in(run.doc_ids, value_set=qrels.doc_ids).fill_null(-1).to_numpy()
    # ranx takes the ideal order from the order of the judgments: highest grade first.
    order = np.lexsort((-qrels.grades, qrels.query_of_row))
    judged_rows = np.column_stack([qrels.docs[order], qrels.grades[order]]).astype(np.float64)
    longest = int(run.counts.max())
    falling = np.arange(longest, 0, -1, dtype=np.float64)
    judged, found = List(), List()
    for query in queries:
        judged.append(judged_rows[qrels.offsets[query] : qrels.offsets[query + 1]])
        low, high = run.offsets[query], run.offsets[query + 1]
        high = min(high, low + depth) if depth else high
        rows = np.empty((high - low, 2))
        rows[:, 0] = code_in_qrels[run.docs[low:high]]
        rows[:, 1] = falling[: high - low]
        found.append(rows)
    return judged, found


def grades_of(run: Run, qrels: Qrels) -> NDArray[np.int64]:
    """Each result's grade, [n_rows]; -1 where it was not judged. The run's queries must be those of the qrels."""
    if run.query_ids != qrels.query_ids:
        raise ValueError("the run's queries are not those of the judgments; select them first")
    code = pc.index_in(run.doc_ids, value_set=qrels.doc_ids).fill_null(-1).to_numpy().astype(np.int64)
    width = len(qrels.doc_ids) + 1
    key = qrels.query_of_row * width + qrels.docs
    order = np.argsort(key)
    wanted = run.query_of_row * width + np.where(code[run.docs] >= 0, code[run.docs], width - 1)
    if not len(key):
        return np.full(run.n_rows, -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    return np.where(key[order][place] == wanted, qrels.grades[order][place], -1).astype(np.int64)


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
    canonical = float(evaluate(results, qrels, [measure]).values.mean())
    same_query = np.diff(results.query_of_row) == 0
    if not (same_query & (np.diff(results.scores) == 0)).any():
        return TieSensitivity(canonical, canonical, canonical)
    grades = grades_of(results, qrels)
    means = []
    for sign in (-1, 1):
        order = np.lexsort((sign * grades, -results.scores, results.query_of_row))
        shuffled = replace(results, docs=results.docs[order])
        means.append(float(evaluate(shuffled, qrels, [measure]).values.mean()))
    return TieSensitivity(canonical, means[0], means[1])


def compile_kernels() -> None:
    """Have ranx's kernels compiled, or loaded from numba's cache: seconds that belong in no timed region."""
    qrels = Qrels.from_dict({"q": {"a": 1}})
    run = Run.from_columns(["q"], pa.array(["a"]), [1.0])
    every = ["ndcg@1", "mrr@1", "map@1", "recall@1", "precision@1", "hit_rate@1", "r-precision"]
    evaluate(run, qrels, [parse(text) for text in every])
