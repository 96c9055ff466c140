"""What a choice is worth on queries it was not made on: five-fold cross-validation.

The best of several is best partly by luck with the queries at hand, so that its own figure and interval there are too
high (B. Efron, *Estimation of the error rate of a prediction rule*, 1983; M. Stone 1974). Here each fifth of the
queries is measured by the pipeline that is best on the other four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness import stats
from harness.compare.evidence import Evidence
from harness.errors import NotComparableError, counted
from harness.stats.interval import Interval

FOLDS = 5


@dataclass(frozen=True)
class Validated:
    """The figure of a choice on queries it was not made on.

    Attributes:
        measure: what was chosen and measured by.
        value, interval: over all queries, each measured by the choice of the other folds.
        n: queries.
        chosen: (pipeline, in how many folds), most often first.
    """

    measure: str
    value: float
    interval: Interval | None
    n: int
    chosen: tuple[tuple[str, int], ...]


def cross_validated(evidence: Evidence, labels: Sequence[str], measure: str) -> Validated | None:
    """Choose among ``labels`` by a measure on four fifths of the queries and measure on the fifth, in turns.

    None without a pipeline to choose. Raises NotComparableError for measures of a whole set, and under 10 queries.
    """
    if not labels:
        return None
    n = len(evidence.ids)
    if evidence.gold is not None or n < 2 * FOLDS:
        why = (
            "its measures are of a whole set"
            if evidence.gold is not None
            else f"{counted(n, 'query is', 'queries are')} too few"
        )
        raise NotComparableError(f"--cross-validate: {why}; it takes scores of at least {2 * FOLDS} queries")
    order = sorted(range(n), key=lambda i: evidence.ids[i])
    scores = np.stack([evidence.of(label, measure) for label in labels])[:, order]
    fold = np.random.default_rng(stats.seed_of(scores)).permutation(n) % FOLDS
    held = np.empty(n)
    chosen: Counter[str] = Counter()
    for k in range(FOLDS):
        best = int(scores[:, fold != k].mean(axis=1).argmax())
        chosen[labels[best]] += 1
        held[fold == k] = scores[best, fold == k]
    return Validated(measure, float(held.mean()), stats.bootstrap_mean(held), n, tuple(chosen.most_common()))
