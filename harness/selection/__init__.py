"""Choosing: constraints, the Pareto front with its uncertainty, a recommendation with its reasons.

In a notebook::

    from harness.selection import Needs, select

    found = select(["bundles/mine"], Needs(max_p95_ms=50))
    found.recommended, found.reasons
    found.frame()   # one row a pipeline
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import stats
from harness.compare.arms import side_by_side
from harness.compare.causes import require_comparable
from harness.compare.evidence import BASELINE_ARM, Evidence, load, require
from harness.compare.losses import LossSplit, loss_splits
from harness.compare.paired import Paired, compare_pairs
from harness.compare.speed import doubts_of_speed
from harness.errors import NotComparableError, UsageError, listed, nearest
from harness.results import bundle as bundles
from harness.results.bundle import Bundle
from harness.selection import words
from harness.selection.costs import HOURS_PER_MONTH, Costs, Price, costs_of, require_one_machine
from harness.selection.dev import Dev, Held, held_out, quality_of, split
from harness.selection.needs import AXES, Constraint, Needs, constraints_of, parse_size, parse_time
from harness.selection.validation import Validated, cross_validated
from harness.selection.words import arithmetic, reasons_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "HOURS_PER_MONTH",
    "Candidate",
    "ConstraintCost",
    "Dev",
    "Held",
    "Needs",
    "Price",
    "Selection",
    "Validated",
    "parse_size",
    "parse_time",
    "select",
]


@dataclass(frozen=True)
class Candidate:
    """One pipeline as a choice.

    Attributes:
        label: its name.
        quality: measure -> aggregate, of the dev queries where there are such.
        costs: what was measured of it.
        missed: constraint -> by what share of its limit it is missed (None: not measured); empty where it
            fits.
        on_front: whether no other pipeline is at least as good for no more; None without a cost axis.
        front_probability: share of bootstrap resamples in which it is on the front.
    """

    label: str
    quality: dict[str, float]
    costs: Costs
    missed: dict[str, float | None]
    on_front: bool
    front_probability: float

    @property
    def fits(self) -> bool:
        """Whether it meets every constraint."""
        return not self.missed


@dataclass(frozen=True)
class ConstraintCost:
    """What one constraint costs: the best choice without it, and the quality given up (None: nothing
    changes).
    """

    constraint: str
    instead: str | None
    comparison: Paired | None


@dataclass(frozen=True)
class Selection:
    """The choice.

    Attributes:
        title: suite and count.
        measure: the measure that quality means here.
        axis: the front's cost axis, or None where no cost was measured.
        candidates: every pipeline, best first.
        recommended: None where no pipeline meets the constraints.
        tied: fitting pipelines whose difference from the recommended is shown to be within the margin given.
        open: fitting pipelines that cannot be told apart from it and are not tied either.
        validated: the figure of choosing on four fifths of the queries and measuring on the fifth; None: not asked for.
        held: what it is on the queries that were kept from the choice, on which comparisons and losses are then; None:
            all queries were chosen on.
        comparisons: of every other fitting pipeline with the recommended.
        prices: of each constraint, in quality.
        nearest: where none fits, the one that misses least.
        reasons: in sentences.
        arithmetic: how the costs were computed, to be redone by hand.
        losses: of two-stage pipelines.
        warnings: what to keep in mind.
    """

    title: str
    measure: str
    axis: str | None
    candidates: tuple[Candidate, ...]
    recommended: str | None
    tied: tuple[str, ...]
    open: tuple[str, ...]
    validated: Validated | None
    held: Held | None
    comparisons: tuple[Paired, ...]
    prices: tuple[ConstraintCost, ...]
    nearest: str | None
    reasons: tuple[str, ...]
    arithmetic: tuple[str, ...]
    losses: tuple[LossSplit, ...]
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 with a recommendation, 1 where no pipeline meets the constraints."""
        return 0 if self.recommended else 1

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return {"exit_code": self.exit_code, **asdict(self)}

    def frame(self) -> pd.DataFrame:
        """One row a pipeline."""
        import pandas as pd

        held = {} if self.held is None else self.held.test
        rows = [
            {
                "pipeline": c.label,
                **c.quality,
                **{f"{measure} test": value for measure, value in held.get(c.label, {}).items()},
                **asdict(c.costs),
                "fits": c.fits,
                "on_front": c.on_front,
                "front_probability": c.front_probability,
                "recommended": c.label == self.recommended,
            }
            for c in self.candidates
        ]
        return pd.DataFrame(rows)


@np.errstate(over="ignore")
def select(
    given: Sequence[Bundle | Path | str],
    needs: Needs = Needs(),  # noqa: B008
    loaded: Evidence | None = None,
) -> Selection:
    """Choose among the pipelines of one bundle, or of several on the same data.

    ``loaded`` is a single bundle's evidence where the caller has it: its bootstrap is then drawn once for both.

    Raises UsageError for an unknown objective, NotComparableError where bundles are about other data or
    machines, or a constraint looks at what no pipeline was measured for.
    """
    if not given:
        raise UsageError("name at least one bundle to choose from")
    read = [one if isinstance(one, Bundle) else bundles.read(one) for one in given]
    parts = [load(bundle) for bundle in read] if loaded is None else [loaded]
    for other in read[1:]:
        require_comparable(read[0], other)
    evidence, arms = side_by_side(read, [_own(part) for part in parts])
    measure = _measure(needs, evidence, read[0])
    whole = evidence
    evidence, test, said = (whole, whole, "") if needs.dev is None else split(needs.dev, whole)
    warning = require_one_machine(read)
    costs = {
        label: costs_of(bundle, name, needs.price, needs.max_p95_ms) for label, (bundle, name) in arms.items()
    }
    quality = quality_of(evidence)
    constraints = constraints_of(needs)
    for constraint in constraints:
        _require_measured(constraint, evidence, quality, costs)
    axis = _axis(needs, costs)
    front, probability = _front(evidence, measure, [_cost(costs[label], axis) for label in evidence.labels])
    candidates = [
        Candidate(
            label,
            quality[label],
            costs[label],
            _missed(constraints, quality[label], costs[label], _floors(constraints, evidence, label)),
            front[i],
            probability[i],
        )
        for i, label in enumerate(evidence.labels)
    ]
    ranked = tuple(sorted(candidates, key=lambda c: _rank(c, needs, measure)))
    fitting = [c for c in ranked if c.fits]
    best = fitting[0] if fitting else None
    comparisons = _against(test, best, fitting, measure)
    tied = tuple(r.first for r in comparisons if _equivalent(r, needs.margin))
    unsure = tuple(
        r.first for r in comparisons if r.verdict == "cannot be told apart" and r.first not in tied
    )
    prices = tuple(_price(c, ranked, best, test, needs, measure) for c in constraints) if best else ()
    closest = None if best else min(ranked, key=_distance).label
    losses = tuple(
        loss
        for label, (bundle, name) in arms.items()
        for loss in loss_splits(bundle, name, measure, label, test.ids if said else None)
    )
    held = held_out(said, evidence, test, best.label if best else None, measure) if said else None
    chosen = Selection(
        title=f"{read[0].result.suite.title}: {words.items(len(whole.ids), whole)}{words.shares(held)}",
        measure=measure,
        axis=axis,
        candidates=ranked,
        recommended=best.label if best else None,
        tied=tied,
        open=unsure,
        validated=cross_validated(whole, [c.label for c in fitting], measure)
        if needs.cross_validate
        else None,
        held=held,
        comparisons=comparisons,
        prices=prices,
        nearest=closest,
        reasons=(),
        arithmetic=arithmetic(ranked, needs),
        losses=losses,
        warnings=(*((warning,) if warning else ()), *_doubts(read, axis, constraints)),
    )
    return Selection(**{**vars(chosen), "reasons": reasons_of(chosen, needs, constraints)})


def _doubts(read: Sequence[Bundle], axis: str | None, constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """Why the speeds that a choice hangs on may not be believed."""
    if axis is None and all(constraint.at_least for constraint in constraints):
        return ()
    found = {doubt: bundle.name for bundle in reversed(read) for doubt in doubts_of_speed(bundle)}
    return tuple(doubt if len(read) == 1 else f"{name}: {doubt}" for doubt, name in found.items())


def _own(evidence: Evidence) -> Evidence:
    """Without the baseline's arms: they are there to be compared with, not to be chosen."""
    kept = [i for i, label in enumerate(evidence.labels) if not label.startswith(BASELINE_ARM)]
    if len(kept) == len(evidence.labels):
        return evidence  # with the replicates that were drawn for it
    labels = tuple(evidence.labels[i] for i in kept)
    return replace(evidence, labels=labels, values=evidence.values[kept])


def _measure(needs: Needs, evidence: Evidence, bundle: Bundle) -> str:
    if needs.objective in evidence.measures:
        return needs.objective
    if needs.objective != "quality" and needs.objective not in AXES:
        valid = ["quality", *evidence.measures, *AXES]
        raise UsageError(
            f"unknown objective {needs.objective!r}{nearest(needs.objective, valid)}; valid are "
            f"{listed(valid)}"
        )
    return bundle.primary if bundle.primary in evidence.measures else evidence.measures[0]


def _require_measured(
    constraint: Constraint, evidence: Evidence, quality: dict[str, dict[str, float]], costs: dict[str, Costs]
) -> None:
    if constraint.at_least:
        require(evidence.measures, constraint.key, "measure", f"{constraint.name}: the bundle has ")
    if all(constraint.figure(quality[label], costs[label]) is None for label in evidence.labels):
        why = next(iter(costs.values())).missing or "it was not measured"
        raise NotComparableError(
            f"{constraint.name}: no pipeline can be judged by it, because {why}; run the config with timing "
            "on, such as "
            "--set timing=quick"
        )


def _axis(needs: Needs, costs: dict[str, Costs]) -> str | None:
    order = [needs.axis] if needs.axis else ["cost", "p95", "memory"]
    known = [axis for axis in order if axis and all(_cost(c, axis) is not None for c in costs.values())]
    if needs.axis and not known:
        lacking = [label for label, c in costs.items() if _cost(c, needs.axis) is None]
        raise NotComparableError(
            f"--axis {needs.axis}: not measured for {listed(lacking)}; run the config with timing on"
        )
    if needs.objective in AXES and all(_cost(c, needs.objective) is None for c in costs.values()):
        raise NotComparableError(
            f"--objective {needs.objective}: not measured for any pipeline; run the config with timing on"
        )
    return known[0] if known else None


def _cost(costs: Costs, axis: str | None) -> float | None:
    found: float | None = None if axis is None else getattr(costs, AXES[axis])
    return found


def _front(evidence: Evidence, measure: str, costs: list[float | None]) -> tuple[list[bool], list[float]]:
    """Membership, and its bootstrap probability; without a cost axis only the best are on the front."""
    dear = np.asarray([0.0 if cost is None else cost for cost in costs])
    good = np.asarray([evidence.mean(label, measure) or 0.0 for label in evidence.labels])
    if len(dear) == 1:  # alone, it is on every front
        return [True], [1.0]
    replicates = np.nan_to_num(evidence.replicates(measure), nan=0.0)
    on_front = stats.pareto_front(good, dear)
    return on_front.tolist(), stats.front_probability(replicates, dear[:, None]).tolist()


def _equivalent(row: Paired, margin: float | None) -> bool:
    """Two one-sided tests at a margin (D. Schuirmann 1987), by the family's interval: it lies within the margin."""
    return (
        margin is not None
        and row.interval is not None
        and -margin < row.interval.low <= row.interval.high < margin
    )


def _floors(constraints: Sequence[Constraint], evidence: Evidence, label: str) -> dict[str, float | None]:
    """The lower limit of every measure that has a minimum."""
    asked = {c.key for c in constraints if c.at_least}
    found = {key: evidence.interval(label, key) for key in asked}
    return {key: None if interval is None else interval.low for key, interval in found.items()}


def _missed(
    constraints: Sequence[Constraint],
    quality: dict[str, float],
    costs: Costs,
    floors: dict[str, float | None],
) -> dict[str, float | None]:
    """What is not shown to be met: decided on the limit, where there is one."""
    missed: dict[str, float | None] = {}
    for constraint in constraints:
        figure = constraint.figure(quality, costs)
        if figure is None:
            missed[constraint.name] = None
            continue
        limit = constraint.limit_of(floors, costs)
        if (excess := constraint.excess(figure if limit is None else limit)) > 0:
            missed[constraint.name] = excess
    return missed


def _rank(candidate: Candidate, needs: Needs, measure: str) -> tuple[float, float, str]:
    quality = -candidate.quality[measure]
    if needs.objective in AXES:
        cost = _cost(candidate.costs, needs.objective)
        return (float("inf") if cost is None else cost, quality, candidate.label)
    known = [c for c in (_cost(candidate.costs, axis) for axis in ("cost", "p95", "memory")) if c is not None]
    return (quality, known[0] if known else 0.0, candidate.label)


def _against(
    evidence: Evidence, best: Candidate | None, fitting: Sequence[Candidate], measure: str
) -> tuple[Paired, ...]:
    others = [c.label for c in fitting if best is not None and c.label != best.label]
    if best is None or not others:
        return ()
    return compare_pairs(evidence, [(other, best.label) for other in others], [measure])


def _price(
    constraint: Constraint,
    ranked: Sequence[Candidate],
    best: Candidate,
    evidence: Evidence,
    needs: Needs,
    measure: str,
) -> ConstraintCost:
    """The best by quality that only this constraint keeps out."""
    without = [c for c in ranked if not set(c.missed) - {constraint.name}]
    instead = max(without, key=lambda c: c.quality[measure])
    if (
        instead.label == best.label
        or needs.objective in AXES
        or instead.quality[measure] <= best.quality[measure]
    ):
        return ConstraintCost(constraint.name, None, None)
    (found,) = compare_pairs(evidence, [(instead.label, best.label)], [measure])
    return ConstraintCost(constraint.name, instead.label, found)


def _distance(candidate: Candidate) -> tuple[int, float]:
    misses = [float("inf") if share is None else share for share in candidate.missed.values()]
    return len(misses), max(misses, default=0.0)
