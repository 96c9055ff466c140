"""Every measure of a ranking, one row each: how it is written, its formula, a second way to it, and its source.

To add one is to add a row here, with its formula. From the rows come parsing, computing, ``harness verify``,
``harness list measures``, the page's sentence on the method and the table in docs/measures.md.

A formula takes rankings already cut to the measure's depth and gives one score a query; where a query has no relevant
document, or no result, that is 0. Definitions are trec_eval's wherever it has the measure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Floats, Ints
from harness.errors import DataError
from harness.measures.graded import Graded
from harness.measures.names import Better, Measure, Use
from harness.measures.second import Loop, Second, TrecEval

#: (rankings, measure) -> scores [n_queries].
Formula = Callable[[Graded, Measure], Floats]

#: The highest grade of ERR's scale, as TREC's gdeval.pl has it.
ERR_SCALE = 4


@dataclass(frozen=True)
class Ranked:
    """One measure of a ranking.

    Attributes:
        name, what: as it is written, and in words; what may hold ``{parameter}``.
        formula: how it is computed.
        second: how ``harness verify`` computes it again.
        source: where its definition comes from.
        depth: whether a depth stands in its name.
        level: whether a relevance level may.
        parameter: what its parameter is, or empty where it has none.
        also: how trec_eval and ir-measures write it.
        better: which of two values is. Comparing, gating and selecting go by the higher one, so a loss is entered
            negated, as distances are.
    """

    name: str
    what: str
    formula: Formula
    second: Second
    source: str
    depth: Use = "optional"
    level: bool = True
    parameter: str = ""
    also: tuple[str, ...] = ()
    better: Better = "higher"

    @property
    def form(self) -> str:
        """How it is written, with what may stand in its name."""
        point = ".P" if self.parameter else ""
        depth = {"needed": "@K", "optional": "[@K]", "none": ""}[self.depth]
        return self.name + point + depth + ("[-lLEVEL]" if self.level else "")

    def told(self, measure: Measure) -> str:
        """What one measure of this row looks at, in words."""
        depth = f", over the first {measure.depth} results" if measure.depth else ""
        level = f"; relevant from grade {measure.level}" if self.level else ""
        return self.what.format(parameter=f"0.{measure.parameter}") + depth + level

    def scores(self, graded: Graded, measure: Measure) -> Floats:
        """Score every query, [n_queries]. Raises DataError for grades that the measure is not made for."""
        return self.formula(graded.top(measure.depth), measure)


def _share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Floats:
    """part / whole, 0 where whole is."""
    result = np.zeros(len(part))
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result


def _found(graded: Graded, measure: Measure) -> Floats:
    return graded.total(graded.hits(measure.level))


def _looked_at(graded: Graded, measure: Measure) -> Ints:
    """How many results a share of them is of: the depth, even where a query has fewer."""
    return np.full(len(graded), measure.depth) if measure.depth else graded.counts


def _discounted(graded: Graded, gain: Callable[[Ints], NDArray[np.generic]]) -> Floats:
    rows = graded.hits(1)
    ranks = graded.rank[rows]
    # The C library's logarithm: NumPy's differs in the last bit from processor to processor.
    logs = np.asarray([0.0, *(math.log2(rank + 1) for rank in range(1, int(ranks.max(initial=0)) + 1))])
    return graded.total(rows, gain(graded.grades[rows]) / logs[ranks])


def _ndcg(gain: Callable[[Ints], NDArray[np.generic]]) -> Formula:
    def formula(graded: Graded, measure: Measure) -> Floats:
        return _share(_discounted(graded, gain), _discounted(graded.ideal.top(measure.depth), gain))

    return formula


def _reciprocal_rank(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    first = rows[graded.place(rows) == 1]
    return graded.total(first, 1.0 / graded.rank[first])


def _average_precision(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    return _share(graded.total(rows, graded.place(rows) / graded.rank[rows]), graded.relevant(measure.level))


def _recall(graded: Graded, measure: Measure) -> Floats:
    return _share(_found(graded, measure), graded.relevant(measure.level))


def _precision(graded: Graded, measure: Measure) -> Floats:
    return _share(_found(graded, measure), _looked_at(graded, measure))


def _f1(graded: Graded, measure: Measure) -> Floats:
    precision, recall = _precision(graded, measure), _recall(graded, measure)
    return 2 * _share(precision * recall, precision + recall)


def _hit_rate(graded: Graded, measure: Measure) -> Floats:
    return np.minimum(_found(graded, measure), 1.0)


def _r_precision(graded: Graded, measure: Measure) -> Floats:
    relevant = graded.relevant(measure.level)
    rows = graded.hits(measure.level)
    return _share(graded.total(rows[graded.rank[rows] <= relevant[graded.query[rows]]]), relevant)


def _bpref(graded: Graded, measure: Measure) -> Floats:
    judged = np.flatnonzero(graded.grades >= 0)
    wrong = graded.grades[judged] < measure.level
    rows = judged[~wrong]
    above = graded.place(judged)[~wrong] - graded.place(rows)  # judged and not relevant
    relevant, others = graded.relevant(measure.level), graded.not_relevant(measure.level)
    most, fewest = relevant[graded.query[rows]], np.minimum(relevant, others)[graded.query[rows]]
    return _share(graded.total(rows, 1.0 - _share(np.minimum(above, most), fewest)), relevant)


def _rank_biased_precision(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    p = measure.fraction
    return (1 - p) * graded.total(rows, p ** (graded.rank[rows] - 1.0))


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


def _linear(grades: Ints) -> Ints:
    return grades


def _exponential(grades: Ints) -> NDArray[np.generic]:
    return 2.0**grades - 1


def _any(values: Sequence[float], measure: Measure) -> float:
    return float(values[0] > 0)


def _within(values: Sequence[float], measure: Measure) -> float:
    """trec_eval has no cut-off here: a first relevant document below the depth counts nothing."""
    reached = values[0] > 0 and (not measure.depth or round(1 / values[0]) <= measure.depth)
    return values[0] if reached else 0.0


def _harmonic(values: Sequence[float], measure: Measure) -> float:
    if len(values) == 1:
        return values[0]
    precision, recall = values
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _persisting(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    score, looks = 0.0, 1.0
    for grade in grades:
        score += (1 - measure.fraction) * looks * (grade >= measure.level)
        looks *= measure.fraction
    return score


def _cascading(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    score, reached = 0.0, 1.0
    for rank, grade in enumerate(grades, start=1):
        stops = (2 ** max(grade, 0) - 1) / 2**ERR_SCALE
        score += reached * stops / rank
        reached *= 1 - stops
    return score


def _by_name(rows: Iterable[Ranked]) -> Mapping[str, Ranked]:
    return {row.name: row for row in rows}


RANKED = _by_name(
    [
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
            "mrr",
            "reciprocal rank of the first relevant document",
            _reciprocal_rank,
            TrecEval(("recip_rank",), made=_within),
            "Voorhees (1999)",
            also=("RR", "recip_rank"),
        ),
        Ranked(
            "map",
            "average precision over all relevant documents",
            _average_precision,
            TrecEval(("map",), ("map_cut",)),
            "trec_eval",
            also=("AP", "map_cut"),
        ),
        Ranked(
            "recall",
            "share of the relevant documents that were found",
            _recall,
            TrecEval(("set_recall",), ("recall",)),
            "trec_eval",
            also=("R", "SetR", "set_recall"),
        ),
        Ranked(
            "precision",
            "share of the first k that is relevant",
            _precision,
            TrecEval(("set_P",), ("P",)),
            "trec_eval",
            depth="needed",
            also=("P", "SetP", "set_P"),
        ),
        Ranked(
            "hit_rate",
            "1 where any relevant document is among the first k",
            _hit_rate,
            TrecEval(("recip_rank",), ("success",), made=_any),
            "trec_eval",
            also=("Success", "success"),
        ),
        Ranked(
            "r-precision",
            "precision at the number of relevant documents",
            _r_precision,
            TrecEval(("Rprec",)),
            "trec_eval",
            depth="none",
            also=("Rprec",),
        ),
        Ranked(
            "f1",
            "harmonic mean of precision and recall",
            _f1,
            TrecEval(("set_F",), ("P", "recall"), made=_harmonic),
            "van Rijsbergen (1979)",
            also=("F", "F1", "SetF", "set_F"),
        ),
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
            "rbp",
            "rank-biased precision with the persistence {parameter}",
            _rank_biased_precision,
            Loop(_persisting),
            "Moffat and Zobel (2008)",
            parameter="persistence",
            also=("RBP",),
        ),
    ]
)


def examples() -> list[Measure]:
    """Every measure in each way that it can be written: with and without a depth, at two relevance levels."""
    return [
        Measure(row.name, depth, level, "80" if row.parameter else "")
        for row in RANKED.values()
        for depth in {"needed": (3, 10), "optional": (0, 3, 10), "none": (0,)}[row.depth]
        for level in ((1, 2) if row.level else (1,))
    ]
