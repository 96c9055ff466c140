"""Two arms on the same items: the difference, how sure it is, and what could have been seen at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np

from harness import stats
from harness.compare.evidence import Evidence
from harness.measures.registry import parse
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
        interval: simultaneous 95 % over the family: it leaves out zero where the verdict tells the two apart.
        t_p_value: two-sided paired t; None for correlations and where all differences are equal.
        p_value: of this comparison alone: sign-flip randomisation, or the paired bootstrap's.
        p_adjusted: over the family, by max-t: every pair of the arms at hand by every measure, whichever are shown.
        family: how many comparisons that is.
        effect_size: d_z with Hedges' correction; None for correlations.
        wins, ties, losses: items where the first is better, equal, worse; None for correlations.
        detectable: smallest difference that the family tells apart with 80 % power.
        verdict: by the family's p value at 5 %; ``not defined`` without a figure, and where ``note`` is.
        note: why the figures do not compare although both are there, or empty.
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
    note: str = ""

    @property
    def words(self) -> str:
        """The verdict, with the arms' names."""
        match self.verdict:
            case "first better":
                return f"{self.first} better"
            case "second better":
                return f"{self.second} better"
            case _:
                return f"not told: {self.note}" if self.note else str(self.verdict)


@dataclass(frozen=True)
class _Place:
    """One comparison in its family; the interval is of first - second as named there."""

    p_value: float | None
    p_adjusted: float | None
    interval: Interval | None
    detectable: float | None

    @property
    def turned(self) -> _Place:
        """The same with the two arms the other way round."""
        found = self.interval
        turned = found and Interval(-found.high, -found.low, found.confidence, found.method)
        return _Place(self.p_value, self.p_adjusted, turned, self.detectable)


_Key = tuple[str, str, str]


def compare_pairs(
    evidence: Evidence, pairs: Sequence[tuple[str, str]], measures: Sequence[str]
) -> tuple[Paired, ...]:
    """Compare pairs of arms (candidate, baseline) by each measure.

    They are judged in one family: every pair of the arms that ``evidence`` holds, by every measure it holds. So a pair
    has one p value, whichever pairs are asked for, and one that was chosen after looking is corrected for that.
    Raises ValueError for no pairs.
    """
    if not pairs or not measures:
        raise ValueError("nothing to compare: no pairs, or no measures")
    family = _family(evidence)
    size = sum(place.p_value is not None for place in family.values())
    made = []
    for measure in measures:
        for first, second in pairs:
            known = (measure, first, second) in family
            place = family[measure, first, second] if known else family[measure, second, first].turned
            made.append(_paired(evidence, (measure, first, second), place, size))
    return tuple(made)


def _verdict(delta: float | None, p_adjusted: float | None) -> Verdict:
    if delta is None or p_adjusted is None:
        return "not defined"
    if p_adjusted > ALPHA or delta == 0.0:
        return "cannot be told apart"
    return "first better" if delta > 0 else "second better"


def _paired(evidence: Evidence, key: _Key, place: _Place, size: int) -> Paired:
    measure, first, second = key
    values = evidence.mean(first, measure), evidence.mean(second, measure)
    delta = None if values[0] is None or values[1] is None else values[0] - values[1]
    one = None
    if evidence.gold is None:
        one = stats.compare_paired(evidence.of(first, measure), evidence.of(second, measure), n_flips=1)
        delta = one.delta
    note = _depths_differ(evidence, key)
    return Paired(
        measure=measure,
        first=first,
        second=second,
        n=len(evidence.ids),
        first_value=values[0],
        second_value=values[1],
        delta=delta,
        interval=place.interval,
        t_p_value=None if one is None else one.t_p_value,
        p_value=place.p_value,
        p_adjusted=place.p_adjusted,
        family=size,
        effect_size=None if one is None else one.effect_size,
        wins=None if one is None else one.wins,
        ties=None if one is None else one.ties,
        losses=None if one is None else one.losses,
        detectable=place.detectable,
        verdict="not defined" if note else _verdict(delta, place.p_adjusted),
        note=note,
    )


def _depths_differ(evidence: Evidence, key: _Key) -> str:
    """Why a measure of two arms does not compare for their depths; empty where it does.

    A run file ends where somebody cut it: beyond the shorter of two, the longer one alone can find something. Pipelines
    of different depths are different systems, and compare.
    """
    measure, first, second = key
    depths = evidence.depths.get(first), evidence.depths.get(second)
    if evidence.gold is not None or depths[0] is None or depths[1] is None or depths[0] == depths[1]:
        return ""
    if not {first, second} & evidence.given:
        return ""
    reach = parse(measure).depth
    if 0 < reach <= min(depths[0], depths[1]):
        return ""
    return (
        f"{first} has {depths[0]:,} results a query and {second} {depths[1]:,}, and {measure} looks deeper than the "
        f"shorter; cut both at {min(depths[0], depths[1]):,}"
    )


@lru_cache(maxsize=16)
def _family(evidence: Evidence) -> Mapping[_Key, _Place]:
    """Every pair by every measure, judged together."""
    pairs = list(combinations(range(len(evidence.labels)), 2))
    keys = [
        (measure, evidence.labels[i], evidence.labels[j]) for measure in evidence.measures for i, j in pairs
    ]
    found = _of_means(evidence, pairs) if evidence.gold is None else _of_replicates(evidence, pairs)
    return {
        key: _Place(
            _known(found.p_values[i]), _known(found.adjusted[i]), found.intervals[i], found.detectable(i)
        )
        for i, key in enumerate(keys)
    }


def _of_means(evidence: Evidence, pairs: Sequence[tuple[int, int]]) -> stats.Family:
    # The order of the ids, not a file's: the same scores give the same p values under any suite.
    order = sorted(range(len(evidence.ids)), key=lambda i: evidence.ids[i])
    rows = np.concatenate([evidence.matrix(measure)[:, order] for measure in evidence.measures])
    n_arms = len(evidence.labels)
    places = [(m * n_arms + i, m * n_arms + j) for m in range(len(evidence.measures)) for i, j in pairs]
    return stats.max_t_means(rows, places, seed=stats.seed_of(rows))


def _of_replicates(evidence: Evidence, pairs: Sequence[tuple[int, int]]) -> stats.Family:
    deltas, moved = [], []
    for measure in evidence.measures:
        values = [evidence.mean(label, measure) for label in evidence.labels]
        drawn = evidence.replicates(measure)
        for i, j in pairs:
            one, other = values[i], values[j]
            defined = one is not None and other is not None
            deltas.append(one - other if one is not None and other is not None else 0.0)
            moved.append(drawn[i] - drawn[j] if defined else np.full(drawn.shape[1], np.nan))
    return stats.max_t_replicates(np.asarray(deltas), np.stack(moved))


def _known(p_value: float) -> float | None:
    return float(p_value) if np.isfinite(p_value) else None
