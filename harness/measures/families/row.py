"""What a measure of a ranking is: how it is written, its formula, a second way to it, and its source.

A formula takes rankings already cut to the measure's depth and gives one score a query; where a query has no relevant
document, or no result, that is 0. Definitions are trec_eval's wherever it has the measure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Floats, Ints
from harness.measures.graded import Graded
from harness.measures.names import Better, Measure, Use
from harness.measures.second import Second

#: (rankings, measure) -> scores [n_queries].
Formula = Callable[[Graded, Measure], Floats]


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
        hundredths: whether its parameter is written in hundredths, from 00 to 100, and no fraction's digits.
        usual: its parameter where others write none.
        pooled: whether it looks at what was in the pool and not judged (grade -1 in the judgments).
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
    hundredths: bool = False
    usual: str = ""
    pooled: bool = False
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
        value = f"{measure.hundredths:.2f}" if self.hundredths else f"0.{measure.parameter}"
        return self.what.format(parameter=value) + depth + level

    def scores(self, graded: Graded, measure: Measure) -> Floats:
        """Score every query, [n_queries]. Raises DataError for grades that the measure is not made for."""
        return self.formula(graded.top(measure.depth), measure)


def share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Floats:
    """part / whole, 0 where whole is."""
    result = np.zeros(len(part))
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result


def found(graded: Graded, measure: Measure) -> Floats:
    """How many relevant documents were found, [n_queries]."""
    return graded.total(graded.hits(measure.level))


def looked_at(graded: Graded, measure: Measure) -> Ints:
    """How many results a share of them is of: the depth, even where a query has fewer."""
    return np.full(len(graded), measure.depth) if measure.depth else graded.counts
