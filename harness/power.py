"""How many queries a margin needs, what the queries at hand can show, and how many blocks a speed ratio needs.

In a notebook::

    from harness.power import Asked, power

    found = power(["bundles/baseline"], Asked(margins=(0.01,)))
    found.frame()  # one row a pair, measure and margin
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import stats
from harness.compare.arms import side_by_side
from harness.compare.causes import require_comparable
from harness.compare.evidence import Evidence, load, require
from harness.compare.speed import control_of
from harness.errors import NotComparableError, UsageError, counted
from harness.results import bundle as bundles
from harness.results.bundle import Bundle

if TYPE_CHECKING:
    import pandas as pd

MARGINS = (0.005, 0.01, 0.02, 0.05)
#: Numbers of queries at which the curve is drawn.
CURVE = (25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
#: A rule of speed asks for a two-sided 95 % interval.
_SPEED_ALPHA = 0.025
#: A signed-rank interval is wider than Student's where values are normal (its asymptotic efficiency, 3 / pi).
_SIGNED_RANK = 3.0 / math.pi


@dataclass(frozen=True)
class Asked:
    """What is asked.

    Attributes:
        margins: differences to be shown, in the measure's unit.
        queries: numbers of queries at which to say what can be shown; empty: those at hand, and a curve.
        pairs: (candidate, baseline) labels; empty: every pair.
        measures: empty: all.
        power: the probability that a difference of the margin is shown.
        alpha: one-sided error rate, as a gate's.
        slowdown: the ratio of two arms that a speed rule looks for.
    """

    margins: tuple[float, ...] = MARGINS
    queries: tuple[int, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    measures: tuple[str, ...] = ()
    power: float = stats.POWER
    alpha: float = 0.05
    slowdown: float = 1.05

    def __post_init__(self) -> None:
        """Raise UsageError for what cannot be asked."""
        if bad := [margin for margin in self.margins if not 0.0 < margin < 1.0]:
            raise UsageError(
                f"a margin of {bad[0]:g} cannot be shown: give one above 0 and below 1, such as 0.01"
            )
        if not 0.0 < self.alpha < 0.5:
            raise UsageError(f"alpha is {self.alpha:g}; it must lie between 0 and 0.5, such as 0.05")
        if not self.alpha < self.power < 1.0:
            raise UsageError(f"the power is {self.power:g}; it must lie between alpha and 1, such as 0.8")
        if bad_counts := [n for n in self.queries if n < 2]:
            raise UsageError(
                f"{counted(bad_counts[0], 'query has', 'queries have')} no deviation; give 2 or more"
            )
        if not 1.0 < self.slowdown < 10.0:
            raise UsageError(
                f"a slow-down of {self.slowdown:g} cannot be shown; give a ratio above 1, such as 1.05"
            )


@dataclass(frozen=True)
class PairPower:
    """What one pair's differences by one measure allow.

    Attributes:
        measure, first, second: what is compared.
        n: queries it is known from.
        sd: deviation of the paired differences over queries; 0 where no query differs, so that nothing can be told.
        needed: margin -> queries that show it; None beyond a milliard, or where no query differs.
        detectable: number of queries -> the smallest difference they show.
    """

    measure: str
    first: str
    second: str
    n: int
    sd: float
    needed: dict[float, int | None]
    detectable: dict[int, float]


@dataclass(frozen=True)
class SpeedPower:
    """How many blocks show a slow-down.

    Attributes:
        pipeline: whose A/A control it is known from.
        n: blocks it is known from.
        sd: deviation of log-ratios between blocks.
        slowdown: the ratio looked for.
        blocks: that show it, and that pass a pipeline which is no slower by the gate's rule.
    """

    pipeline: str
    n: int
    sd: float
    slowdown: float
    blocks: int | None


@dataclass(frozen=True)
class Power:
    """The answers.

    Attributes:
        title: the suite and how many queries it has.
        asked: the question.
        pairs: by measure, then from the smallest deviation to the largest.
        speed: None where no A/A control was measured.
    """

    title: str
    asked: Asked
    pairs: tuple[PairPower, ...]
    speed: SpeedPower | None

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        content = asdict(self)
        for pair in content["pairs"]:
            pair["needed"] = [{"margin": m, "queries": n} for m, n in pair["needed"].items()]
            pair["detectable"] = [{"queries": n, "difference": d} for n, d in pair["detectable"].items()]
        return content

    def frame(self) -> pd.DataFrame:
        """One row a pair, measure and margin."""
        import pandas as pd

        return pd.DataFrame(
            {
                "measure": p.measure,
                "first": p.first,
                "second": p.second,
                "sd": p.sd,
                "margin": m,
                "queries": n,
            }
            for p in self.pairs
            for m, n in p.needed.items()
        )


def power(given: Sequence[Bundle | Path | str], asked: Asked = Asked()) -> Power:
    """Answer from the per-query scores of a baseline, or of several bundles on the same queries.

    Raises UsageError for a pair or measure that is not there, NotComparableError for a bundle without pairs of
    per-query scores.
    """
    if not given:
        raise UsageError("name a bundle whose scores tell how much queries differ")
    read = [one if isinstance(one, Bundle) else bundles.read(one) for one in given]
    parts = [load(bundle) for bundle in read]
    for other in read[1:]:
        require_comparable(read[0], other)
    evidence, _ = side_by_side(read, parts)
    if evidence.gold is not None:
        raise NotComparableError(
            f"{read[0].path}: its measures are of the whole set, so that no deviation over {evidence.unit} is known"
        )
    for measure in asked.measures:
        require(evidence.measures, measure, "measure")
    for label in {label for pair in asked.pairs for label in pair}:
        require(evidence.labels, label, "pipeline")
    if len(evidence.labels) < 2:
        raise NotComparableError(
            f"{read[0].path}: holds one pipeline, and the deviation of a difference needs two; give a second bundle"
        )
    if len(evidence.ids) < 2:
        raise NotComparableError(f"{read[0].path}: holds one query, and one query has no deviation")
    return Power(
        f"{read[0].result.suite.title}: {len(evidence.ids):,} {evidence.unit}",
        asked,
        tuple(_pairs(evidence, asked)),
        next(filter(None, (_speed(bundle, asked) for bundle in read)), None),
    )


def spread(rows: Sequence[PairPower], most: int) -> list[PairPower]:
    """Return at most so many of a measure's pairs, two or more: the smallest and the largest deviation, and between."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most)]


def _pairs(evidence: Evidence, asked: Asked) -> Iterator[PairPower]:
    pairs = asked.pairs or tuple(combinations(evidence.labels, 2))
    for measure in asked.measures or evidence.measures:
        found = []
        for first, second in pairs:
            differences = evidence.of(first, measure) - evidence.of(second, measure)
            found.append((float(differences.std(ddof=1)), first, second))
        for sd, first, second in sorted(found):
            yield _of(measure, (first, second), (len(evidence.ids), sd), asked)


def _of(measure: str, pair: tuple[str, str], known: tuple[int, float], asked: Asked) -> PairPower:
    n, sd = known
    counts = sorted({n, *(asked.queries or CURVE)})
    return PairPower(
        measure,
        *pair,
        n,
        sd,
        {m: stats.items_needed(sd, m, asked.alpha, asked.power) if sd else None for m in asked.margins},
        {count: stats.detectable_difference(sd, count, asked.alpha, asked.power, 1) for count in counts},
    )


def _speed(bundle: Bundle, asked: Asked) -> SpeedPower | None:
    control = control_of(bundle)
    logs = np.asarray(() if control is None else control.log_ratios, dtype=np.float64)
    if control is None or len(logs) < 2:
        return None
    sd = float(logs.std(ddof=1))
    # A pass needs the upper limit below 1 + 2 m at no difference, a failure the lower one above 1 + m at 1 + 2 m.
    wanted = min(math.log(2 * asked.slowdown - 1.0), math.log((2 * asked.slowdown - 1.0) / asked.slowdown))
    needed = stats.items_needed(sd, wanted, _SPEED_ALPHA, asked.power)
    blocks = None if needed is None else max(6, math.ceil(needed / _SIGNED_RANK))
    return SpeedPower(control.pipeline, len(logs), sd, asked.slowdown, blocks)
