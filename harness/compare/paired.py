"""Two arms on the same items: the difference, how sure it is, and what could have been seen at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from harness import stats
from harness.compare.evidence import Evidence, FloatArray
from harness.stats.interval import Interval

ALPHA = 0.05
Verdict = Literal["first better", "second better", "cannot be told apart", "not defined"]


@dataclass(frozen=True)
class Paired:
    """One comparison of one measure; differences are first - second, in the measure's unit.

    Attributes:
        measure, first, second: what is compared; ``second`` is the baseline.
        n: items.
        first_value, second_value, delta: aggregates and their difference; None where a correlation is not
            defined.
        interval: 95 %: paired t for queries, percentiles of the paired bootstrap for correlations.
        t_p_value: two-sided paired t; None for correlations and where all differences are equal.
        p_value: sign-flip randomisation, or the paired bootstrap's.
        p_adjusted: after Holm's correction over the comparisons of this measure.
        family: how many comparisons were corrected for.
        effect_size: d_z with Hedges' correction; None for correlations.
        wins, ties, losses: items where the first is better, equal, worse; None for correlations.
        detectable: smallest difference found with 80 % power.
        verdict: by the adjusted p value at 5 %.
    """

    measure: str
    first: str
    second: str
    n: int
    first_value: float | None
    second_value: float | None
    delta: float | None
    interval: Interval | None
    t_p_value: float | None
    p_value: float | None
    p_adjusted: float | None
    family: int
    effect_size: float | None
    wins: int | None
    ties: int | None
    losses: int | None
    detectable: float | None
    verdict: Verdict

    @property
    def words(self) -> str:
        """The verdict, with the arms' names."""
        match self.verdict:
            case "first better":
                return f"{self.first} better"
            case "second better":
                return f"{self.second} better"
            case _:
                return str(self.verdict)


def compare_pairs(
    evidence: Evidence, pairs: Sequence[tuple[str, str]], measures: Sequence[str], *, seed: int = 0
) -> tuple[Paired, ...]:
    """Compare pairs of arms (candidate, baseline) by each measure, Holm-adjusted over the pairs of one
    measure.

    One set of resampling weights and signs serves all of them. Raises ValueError for no pairs.
    """
    if not pairs or not measures:
        raise ValueError("nothing to compare: no pairs, or no measures")
    if evidence.gold is not None:
        raw = [result for measure in measures for result in _correlations(evidence, pairs, measure)]
    else:
        raw = _per_query(evidence, pairs, measures, seed)
    adjusted: list[Paired] = []
    sizes = Counter(result.measure for result in raw if result.p_value is not None)
    for measure in measures:
        family = [result for result in raw if result.measure == measure]
        known = iter(stats.holm([r.p_value for r in family if r.p_value is not None]))
        for result in family:
            p = None if result.p_value is None else next(known)
            adjusted.append(
                replace(result, p_adjusted=p, family=sizes[measure], verdict=_verdict(result.delta, p))
            )
    return tuple(adjusted)


def _verdict(delta: float | None, p_adjusted: float | None) -> Verdict:
    if delta is None or p_adjusted is None:
        return "not defined"
    if p_adjusted > ALPHA or delta == 0.0:
        return "cannot be told apart"
    return "first better" if delta > 0 else "second better"


def _per_query(
    evidence: Evidence, pairs: Sequence[tuple[str, str]], measures: Sequence[str], seed: int
) -> list[Paired]:
    rows = [(measure, first, second) for measure in measures for first, second in pairs]
    firsts = np.stack([evidence.of(first, measure) for measure, first, _ in rows])
    seconds = np.stack([evidence.of(second, measure) for measure, _, second in rows])
    found = stats.compare_paired_family(firsts, seconds, seed=seed)
    return [
        Paired(
            measure=measure,
            first=first,
            second=second,
            n=one.n,
            first_value=float(firsts[i].mean()),
            second_value=float(seconds[i].mean()),
            delta=one.delta,
            interval=one.interval,
            t_p_value=one.t_p_value,
            p_value=one.p_value,
            p_adjusted=None,
            family=0,
            effect_size=one.effect_size,
            wins=one.wins,
            ties=one.ties,
            losses=one.losses,
            detectable=one.detectable,
            verdict="not defined",
        )
        for i, ((measure, first, second), one) in enumerate(zip(rows, found, strict=True))
    ]


def _correlations(evidence: Evidence, pairs: Sequence[tuple[str, str]], measure: str) -> list[Paired]:
    replicates = dict(zip(evidence.labels, evidence.replicates(measure), strict=True))
    results = []
    for first, second in pairs:
        one, other = evidence.mean(first, measure), evidence.mean(second, measure)
        defined = one is not None and other is not None
        interval, p_value, sd = (
            _bootstrap(replicates[first] - replicates[second]) if defined else (None, None, None)
        )
        results.append(
            Paired(
                measure=measure,
                first=first,
                second=second,
                n=len(evidence.ids),
                first_value=one,
                second_value=other,
                delta=one - other if one is not None and other is not None else None,
                interval=interval,
                t_p_value=None,
                p_value=p_value,
                p_adjusted=None,
                family=0,
                effect_size=None,
                wins=None,
                ties=None,
                losses=None,
                detectable=None if sd is None else 2.8 * sd,
                verdict="not defined",
            )
        )
    return results


def _bootstrap(differences: FloatArray) -> tuple[Interval | None, float | None, float | None]:
    """Interval, two-sided p and standard error of a difference from its replicates (as
    stats.CorrelationDifference).
    """
    usable = differences[~np.isnan(differences)]
    if 2 * len(usable) < len(differences):
        return None, None, None
    below, above = int((usable <= 1e-12).sum()), int((usable >= -1e-12).sum())
    p_value = min(1.0, 2.0 * (1 + min(below, above)) / (len(usable) + 1))
    return stats.percentile_interval(usable), p_value, float(usable.std(ddof=1))
