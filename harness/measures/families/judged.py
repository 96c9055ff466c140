"""Measures of what was judged, and of what that says of the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Floats, Ints
from harness.measures.families.row import Ranked, share
from harness.measures.graded import POOLED, Graded
from harness.measures.names import Measure
from harness.measures.second import Loop, TrecEval

#: What keeps infAP from a share of nothing; trec_eval's.
INFAP_EPSILON = 0.00001


def _bpref(graded: Graded, measure: Measure) -> Floats:
    judged = np.flatnonzero(graded.grades >= 0)
    wrong = graded.grades[judged] < measure.level
    rows = judged[~wrong]
    above = graded.place(judged)[~wrong] - graded.place(rows)  # judged and not relevant
    relevant, others = graded.relevant(measure.level), graded.not_relevant(measure.level)
    most, fewest = relevant[graded.query[rows]], np.minimum(relevant, others)[graded.query[rows]]
    return share(graded.total(rows, 1.0 - share(np.minimum(above, most), fewest)), relevant)


def _inferred_average_precision(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    above = graded.place(rows) - 1.0  # relevant ones
    wrong = _above(graded, rows, (graded.grades >= 0) & (graded.grades < measure.level))
    pooled = _above(graded, rows, graded.grades == POOLED)
    rank = graded.rank[rows]
    likely = (above + INFAP_EPSILON) / (above + wrong + 2 * INFAP_EPSILON)
    expected = np.where(rank == 1, 1.0, (1.0 + (above + wrong + pooled) * likely) / rank)
    return share(graded.total(rows, expected), graded.relevant(measure.level))


def _above(graded: Graded, rows: Ints, chosen: NDArray[np.bool_]) -> Ints:
    """How many chosen results of its query stand above each of these rows, [n_rows]."""
    before: Ints = np.concatenate([[0], np.cumsum(chosen)])
    return before[rows] - before[graded.offsets[graded.query[rows]]]


def _inferring(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    """trec_eval's m_infap.c, line by line."""
    total, relevant, wrong, pooled = 0.0, 0, 0, 0
    for above, grade in enumerate(grades):
        if grade == POOLED:
            pooled += 1
        elif 0 <= grade < measure.level:
            wrong += 1
        elif grade >= measure.level:
            if above:
                likely = (relevant + INFAP_EPSILON) / (relevant + wrong + 2 * INFAP_EPSILON)
                inferred = (relevant + wrong + pooled) / above * likely
                total += 1 / (above + 1) + above / (above + 1) * inferred
            else:
                total += 1.0
            relevant += 1
    wanted = sum(grade >= measure.level for grade in judged)
    return total / wanted if wanted else 0.0


def _judged(graded: Graded, measure: Measure) -> Floats:
    return share(graded.total(graded.hits(0)), graded.counts)


def _judgments_among(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    return sum(grade >= 0 for grade in grades) / len(grades) if grades else 0.0


ROWS = (
    Ranked(
        "bpref",
        "how rarely a document judged not relevant stands above a relevant one; unjudged results are left out",
        _bpref,
        TrecEval(("bpref",)),
        "Buckley and Voorhees (2004)",
        depth="none",
        also=("Bpref",),
    ),
    Ranked(
        "infap",
        "average precision expected of a judged sample of the pool, whose other documents have the judgment -1",
        _inferred_average_precision,
        Loop(_inferring),
        "Yilmaz and Aslam (2006)",
        depth="none",
        also=("infAP",),
        pooled=True,
    ),
    Ranked(
        "judged",
        "share of the first k, or of all results, that anybody judged",
        _judged,
        Loop(_judgments_among),
        "ir-measures",
        level=False,
        also=("Judged",),
    ),
)
