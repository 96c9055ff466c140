"""Measures of grades: discounted gains, and models of a user who stops."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Floats, Ints
from harness.errors import DataError
from harness.measures.families.row import Formula, Ranked, share
from harness.measures.graded import Graded
from harness.measures.names import Measure
from harness.measures.second import Loop, TrecEval

#: The highest grade of ERR's scale, as TREC's gdeval.pl has it.
ERR_SCALE = 4


def _discounted(graded: Graded, gain: Callable[[Ints], NDArray[np.generic]]) -> Floats:
    rows = graded.hits(1)
    ranks = graded.rank[rows]
    # The C library's logarithm: NumPy's differs in the last bit from processor to processor.
    logs = np.asarray([0.0, *(math.log2(rank + 1) for rank in range(1, int(ranks.max(initial=0)) + 1))])
    return graded.total(rows, gain(graded.grades[rows]) / logs[ranks])


def _ndcg(gain: Callable[[Ints], NDArray[np.generic]]) -> Formula:
    def formula(graded: Graded, measure: Measure) -> Floats:
        return share(_discounted(graded, gain), _discounted(graded.ideal.top(measure.depth), gain))

    return formula


def _linear(grades: Ints) -> Ints:
    return grades


def _exponential(grades: Ints) -> NDArray[np.generic]:
    return 2.0**grades - 1


def _expected_reciprocal_rank(graded: Graded, measure: Measure) -> Floats:
    highest = int(max(graded.grades.max(initial=0), graded.judged.max(initial=0)))
    if highest > ERR_SCALE:
        raise DataError(
            f"{measure}: a grade of the judgments is {highest}; this measure is defined for grades 0 to {ERR_SCALE}"
        )
    rows = graded.hits(1)
    query, place = graded.query[rows], graded.place(rows) - 1
    stops = (2.0 ** graded.grades[rows] - 1) / 2.0**ERR_SCALE
    going_on = np.ones((len(graded), int(place.max(initial=-1)) + 2))
    going_on[query, place + 1] = 1 - stops
    reached = np.cumprod(going_on, axis=1)[query, place]
    return graded.total(rows, stops * reached / graded.rank[rows])


def _normalised_expected_reciprocal_rank(graded: Graded, measure: Measure) -> Floats:
    best = _expected_reciprocal_rank(graded.ideal.top(measure.depth), measure)
    return share(_expected_reciprocal_rank(graded, measure), best)


def _cascading(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    score, reached = 0.0, 1.0
    for rank, grade in enumerate(grades, start=1):
        stops = (2 ** max(grade, 0) - 1) / 2**ERR_SCALE
        score += reached * stops / rank
        reached *= 1 - stops
    return score


def _cascading_of_the_best(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    best = _cascading(sorted(judged, reverse=True)[: measure.depth or None], judged, measure)
    return _cascading(grades, judged, measure) / best if best else 0.0


def _rank_biased_precision(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    p = measure.fraction
    return (1 - p) * graded.total(rows, p ** (graded.rank[rows] - 1.0))


def _persisting(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    score, looks = 0.0, 1.0
    for grade in grades:
        score += (1 - measure.fraction) * looks * (grade >= measure.level)
        looks *= measure.fraction
    return score


ROWS = (
    Ranked(
        "ndcg",
        "normalised discounted cumulative gain, linear gain, on raw grades",
        _ndcg(_linear),
        TrecEval(("ndcg",), ("ndcg_cut",)),
        "Järvelin and Kekäläinen (2002)",
        level=False,
        also=("nDCG", "ndcg_cut"),
    ),
    Ranked(
        "ndcg_burges",
        "normalised discounted cumulative gain, exponential gain 2^grade - 1",
        _ndcg(_exponential),
        TrecEval(("ndcg",), ("ndcg_cut",), gain=lambda grade: 2**grade - 1),
        "Burges et al. (2005)",
        level=False,
    ),
    Ranked(
        "err",
        f"expected reciprocal rank of the result that satisfies, on grades 0 to {ERR_SCALE}",
        _expected_reciprocal_rank,
        Loop(_cascading),
        "Chapelle et al. (2009), with the scale of TREC's gdeval.pl",
        level=False,
        also=("ERR",),
    ),
    Ranked(
        "nerr",
        f"expected reciprocal rank over that of the best ranking, on grades 0 to {ERR_SCALE}",
        _normalised_expected_reciprocal_rank,
        Loop(_cascading_of_the_best),
        "Clarke et al. (2011), as TREC's ndeval for one aspect",
        level=False,
        also=("nERR",),
    ),
    Ranked(
        "rbp",
        "rank-biased precision with the persistence {parameter}",
        _rank_biased_precision,
        Loop(_persisting),
        "Moffat and Zobel (2008)",
        parameter="persistence",
        usual="0.8",
        also=("RBP",),
    ),
)
