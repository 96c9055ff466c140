"""How a measure is computed a second time, by code that shares nothing with the first.

For a ranking: what to ask trec_eval for, or a plain loop over one query; :mod:`harness.verify.engine` carries it out.
For a whole set of items: a library's own function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.measures.names import Measure

#: (grades in rank order, -1 unjudged; grades of all judgments; the measure) -> score of one query.
OneQuery = Callable[[Sequence[int], Sequence[int], Measure], float]
#: What is given in place of a grade.
Gain = Callable[[int], int]


def as_given(values: Sequence[float], measure: Measure) -> float:
    """One figure, which is the measure."""
    return values[0]


@dataclass(frozen=True)
class TrecEval:
    """What trec_eval is asked for.

    Attributes:
        whole: its measures over all results.
        cut: those that take a depth; none: the whole ones are asked for, and ``made`` sees to the depth.
        made: (its figures of one query, in this order; the measure) -> score.
        gain: what to give it in place of a grade.
    """

    whole: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    made: Callable[[Sequence[float], Measure], float] = as_given
    gain: Gain | None = None

    name = "trec_eval"

    def requests(self, measure: Measure) -> tuple[str, ...]:
        """What to ask for."""
        if measure.depth and self.cut:
            return tuple(f"{name}_{measure.depth}" for name in self.cut)
        return self.whole


@dataclass(frozen=True)
class Loop:
    """A loop over one query's grades that follows the definition word by word, where trec_eval has no such measure."""

    score: OneQuery

    name = "a plain loop"


Second = TrecEval | Loop


@dataclass(frozen=True)
class Library:
    """A library's figure of a whole set: (outputs [n_items], gold [n_items]) -> figure; it is imported when called."""

    name: Literal["scipy.stats", "scikit-learn"]
    figure: Callable[[NDArray[np.float64], NDArray[np.float64]], float]
