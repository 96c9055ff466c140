"""Where a two-stage pipeline loses: documents the first stage missed, or the reranker put too low.

    ideal - value  =  (ideal - ceiling)  +  (ceiling - value)
                       missed                misordered

``ideal`` is the measure of the best possible ranking of all judged documents; ``ceiling`` that of a perfect
reranker, which sorts the first stage's first ``depth`` results by grade. Both are of the same queries as the
value. The measures are evaluated here on arrays of grades in rank order, without ranx, whose import alone
takes seconds; the tests hold them against trec_eval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness import stats
from harness.datamodel import Qrels, Run
from harness.measures.names import Measure, parse
from harness.measures.retrieval import grades_of
from harness.measures.sets import SET_MEASURES
from harness.results.bundle import Bundle
from harness.results.runs import read_qrels, read_run
from harness.results.tables import QRELS
from harness.stats.interval import Interval

#: Depths at which the ceiling of a perfect reranker is given, as far as the first stage reaches.
DEPTHS = (10, 20, 50, 100, 200, 500, 1000)
_PADDING = -2

Grades = NDArray[np.int64]  # [n_queries, depth] in rank order: a grade, -1 unjudged, -2 no result
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LossSplit:
    """One two-stage pipeline's loss against the ideal, by one measure.

    Attributes:
        pipeline, measure: what.
        n: queries.
        depth: candidates given to the reranker.
        ideal, ceiling, value: of the best ranking, of a perfect reranker, and as measured.
        missed, misordered: the two parts of the loss; they add up to ideal - value.
        missed_interval, misordered_interval: bootstrap over queries.
        ceilings: of a perfect reranker at each depth that the first stage reaches.
    """

    pipeline: str
    measure: str
    n: int
    depth: int
    ideal: float
    ceiling: float
    value: float
    missed: float
    misordered: float
    missed_interval: Interval | None
    misordered_interval: Interval | None
    ceilings: Mapping[int, float]


def loss_splits(
    bundle: Bundle, pipeline: str, measure: str, label: str | None = None
) -> tuple[LossSplit, ...]:
    """Split one pipeline's loss; empty where it has no first stage, or the bundle (a baseline, say) not its
    runs.

    Raises BundleError for a run that cannot be read.
    """
    part = bundle.pipelines[pipeline]
    first_stage = part.get("first_stage")
    if not first_stage or measure in SET_MEASURES or not bundle.has(QRELS):
        return ()
    places = bundle.path / first_stage["run"], bundle.path / part["run"]
    if not all(place.is_file() for place in places):
        return ()
    qrels = _qrels(bundle.path)
    first, final = _run(places[0]), read_run(places[1])
    wanted, depth = parse(measure), int(first_stage["depth"])
    retrieved = _matrix(first, qrels)
    ideal = evaluate_grades(_ideal(qrels), qrels, wanted)
    ceiling = evaluate_grades(_best(retrieved[:, :depth]), qrels, wanted)
    value = evaluate_grades(_matrix(final, qrels), qrels, wanted)
    depths = sorted({d for d in DEPTHS if d <= retrieved.shape[1]} | {depth})
    return (
        LossSplit(
            pipeline=label or pipeline,
            measure=measure,
            n=len(qrels),
            depth=depth,
            ideal=float(ideal.mean()),
            ceiling=float(ceiling.mean()),
            value=float(value.mean()),
            missed=float((ideal - ceiling).mean()),
            misordered=float((ceiling - value).mean()),
            missed_interval=stats.bootstrap_mean(ideal - ceiling),
            misordered_interval=stats.bootstrap_mean(ceiling - value),
            ceilings={
                d: float(evaluate_grades(_best(retrieved[:, :d]), qrels, wanted).mean()) for d in depths
            },
        ),
    )


def evaluate_grades(grades: Grades, qrels: Qrels, measure: Measure) -> FloatArray:
    """Score rankings given as grades [n_queries, depth] in rank order; queries are those of ``qrels``,
    [n_queries].

    Formulas as in trec_eval: linear gain over log2(rank + 1) for ndcg; the relevant of all judgments as
    denominator of recall, map and r-precision; 0 for a query without relevant documents.
    """
    seen = grades[:, : measure.depth] if measure.depth else grades
    ranks = np.arange(1, seen.shape[1] + 1)
    if measure.name == "ndcg":
        best = _ideal(qrels)[:, : measure.depth] if measure.depth else _ideal(qrels)
        return _share(_dcg(seen), _dcg(best))
    hits = seen >= measure.level
    relevant = np.bincount(qrels.query_of_row[qrels.grades >= measure.level], minlength=len(qrels))
    match measure.name:
        case "mrr":
            return np.asarray(hits.any(axis=1) / (hits.argmax(axis=1) + 1), dtype=np.float64)
        case "hit_rate":
            return np.asarray(hits.any(axis=1), dtype=np.float64)
        case "precision":
            return np.asarray(hits.sum(axis=1) / measure.depth, dtype=np.float64)
        case "recall":
            return _share(hits.sum(axis=1), relevant)
        case "map":
            return _share((hits * np.cumsum(hits, axis=1) / ranks).sum(axis=1), relevant)
        case "r-precision":
            return _share((hits & (ranks <= relevant[:, None])).sum(axis=1), relevant)
        case name:
            raise ValueError(f"no formula for {name!r}")


def _dcg(grades: Grades) -> FloatArray:
    discounts = np.log2(np.arange(2, grades.shape[1] + 2))
    return np.asarray((np.maximum(grades, 0) / discounts).sum(axis=1), dtype=np.float64)


def _share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> FloatArray:
    result = np.zeros(len(part))
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result


def _matrix(run: Run, qrels: Qrels) -> Grades:
    chosen = run.select(qrels.query_ids)
    return _padded(
        grades_of(chosen, qrels), chosen.query_of_row, chosen.offsets, int(chosen.counts.max(initial=1))
    )


def _ideal(qrels: Qrels) -> Grades:
    order = np.lexsort((-qrels.grades, qrels.query_of_row))
    return _padded(
        qrels.grades[order].astype(np.int64),
        qrels.query_of_row,
        qrels.offsets,
        int(qrels.counts.max(initial=1)),
    )


def _best(grades: Grades) -> Grades:
    return -np.sort(-grades, axis=1)


def _padded(values: Grades, rows: NDArray[np.int64], offsets: NDArray[np.int64], width: int) -> Grades:
    matrix = np.full((len(offsets) - 1, max(width, 1)), _PADDING, dtype=np.int64)
    matrix[rows, np.arange(len(values)) - offsets[rows]] = values
    return matrix


@lru_cache(maxsize=4)
def _run(path: Path) -> Run:
    return read_run(path)


@lru_cache(maxsize=4)
def _qrels(path: Path) -> Qrels:
    from harness.results.bundle import read

    return read_qrels(read(path))
