"""Whether two backends, files or precisions of one model can stand in for each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness import stats
from harness.compare.evidence import Evidence
from harness.compare.limits import difference_limits
from harness.compare.paired import ALPHA, Paired
from harness.compare.speed import SpeedRatio
from harness.measures.overlap import overlap
from harness.results.bundle import Bundle
from harness.results.runs import read_run
from harness.results.schema import Alike
from harness.stages import told_of
from harness.stats.interval import Interval

#: The first results that are held against each other.
DEPTH = 10
#: By how much a stand-in may be worse, as gates have it unless their policy says otherwise.
MARGIN = 0.005
Arms = Mapping[str, tuple[Bundle, str]]


@dataclass(frozen=True)
class Equivalence:
    """One stand-in against its original; the first is the stand-in.

    Attributes:
        first, second: the arms.
        texts: whose embeddings were held against each other.
        cosine_min, cosine_mean: of the two embeddings of a text.
        overlap: share of the second's first ten results among the first's, mean over queries; None for sentences.
        overlap_interval: 95 % bootstrap.
        measure, delta, interval: quality, first - second.
        low, high: one-sided limits of delta, as a gate has them; None where there are none.
        verdict: by non-inferiority at ``MARGIN``, from these limits; None where the figure is not defined.
        speed: the first's latency over the second's; None where it was not measured side by side.
    """

    first: str
    second: str
    texts: int
    cosine_min: float
    cosine_mean: float
    overlap: float | None
    overlap_interval: Interval | None
    measure: str
    delta: float | None
    interval: Interval | None
    low: float | None
    high: float | None
    verdict: str | None
    speed: float | None


def equivalences(
    arms: Arms, evidence: Evidence, results: Sequence[Paired], speeds: Sequence[SpeedRatio], primary: str
) -> Iterator[Equivalence]:
    """Yield a report for each pair of arms that differ in how one model is run, and in nothing else."""
    by_pair = {(one.first, one.second): one for one in speeds}
    for found in results:
        if found.measure != primary:
            continue
        (bundle, first), (other, second) = arms[found.first], arms[found.second]
        agreed = _agreed(bundle, first, second) if bundle.path == other.path else None
        if agreed is None:
            continue
        shares = _shares(bundle, first, second)
        speed = by_pair.get((found.first, found.second))
        limits = difference_limits((evidence, found.first), (evidence, found.second), primary, ALPHA)
        low, high = (None, None) if limits is None else (limits.low, limits.high)
        yield Equivalence(
            first=found.first,
            second=found.second,
            texts=agreed.texts,
            cosine_min=agreed.cosine["min"],
            cosine_mean=agreed.cosine["mean"],
            overlap=None if shares is None else float(shares.mean()),
            overlap_interval=None
            if shares is None or len(shares) < 2
            else stats.bootstrap_mean(shares, seed=0),
            measure=primary,
            delta=found.delta,
            interval=found.interval,
            low=low,
            high=high,
            verdict=None if limits is None else stats.non_inferiority(low, high, MARGIN),
            speed=None if speed is None else speed.ratio,
        )


def _agreed(bundle: Bundle, first: str, second: str) -> Alike | None:
    """Return how the embeddings of two pipelines' models agree, where the pipelines are the same but for them."""
    parts = [bundle.pipelines[name] for name in (first, second)]
    for agreed in bundle.result.alike:
        models = (agreed.first, agreed.second)
        both = [told_of(part).renamed(part.stages, dict.fromkeys(models, "")) for part in parts]
        if both[0] == both[1] and parts[0].stages != parts[1].stages:
            return agreed
    return None


def _shares(bundle: Bundle, first: str, second: str) -> np.ndarray[Any, Any] | None:
    places = [bundle.pipelines[name].run for name in (first, second)]
    if not all(place and bundle.holds(place) for place in places):
        return None
    found, exact = (read_run(bundle.file(place)) for place in places)
    return overlap(found, exact, DEPTH)


__all__ = ["MARGIN", "Equivalence", "equivalences"]
