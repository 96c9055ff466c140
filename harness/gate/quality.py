"""Quality rules: golden, non-inferiority, floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness import stats
from harness.compare.causes import explain
from harness.compare.evidence import Evidence, FloatArray, query_texts
from harness.compare.limits import difference_limits, figure_limits
from harness.gate.verdicts import Check, Moved, Status
from harness.policy import Floor, Golden, NonInferiority, Rule
from harness.results.bundle import Bundle

#: What a golden figure may move by with the same perf_key, and otherwise.
SAME_MACHINE, OTHER_MACHINE = 1e-6, 2e-4
#: How many queries of a check that did not pass are named.
_NAMED = 3


@dataclass(frozen=True, eq=False)
class Arms:
    """One pipeline and the one it is judged against, on the same items."""

    bundle: Bundle
    baseline: Bundle
    pipeline: str
    against: str
    mine: Evidence
    theirs: Evidence


def judge(arms: Arms, measure: str, rule: Rule, alpha: float) -> Check:
    """Apply a rule to one pipeline's measure."""
    match rule:
        case Floor():
            raise ValueError("a floor needs no baseline: use judge_floor")
        case Golden():
            check = _golden(arms, measure, rule)
        case NonInferiority():
            check = _non_inferiority(arms, measure, rule, alpha)
    if check.status not in ("fail", "inconclusive") or arms.mine.gold is not None:
        return check
    mine, theirs = arms.mine.of(arms.pipeline, measure), arms.theirs.of(arms.against, measure)
    # A golden figure that rose failed by the queries that gained.
    towards = -1.0 if isinstance(rule, Golden) and (mine - theirs).mean() > 0.0 else 1.0
    return replace(check, queries=_named(arms.bundle, arms.mine, towards * (mine - theirs), mine, theirs))


def _named(
    bundle: Bundle, evidence: Evidence, order: FloatArray, mine: FloatArray, theirs: FloatArray | None = None
) -> tuple[Moved, ...]:
    """The queries with the smallest ``order`` [n_queries], of those that differ from the baseline."""
    places = [int(i) for i in np.argsort(order, kind="stable") if theirs is None or order[i] < 0.0][:_NAMED]
    texts = query_texts(bundle) if places else {}
    return tuple(
        Moved(
            evidence.ids[i],
            texts.get(evidence.ids[i], ""),
            float(mine[i]),
            None if theirs is None else float(theirs[i]),
        )
        for i in places
    )


def judge_floor(
    bundle: Bundle, evidence: Evidence, pipeline: str, measure: str, rule: Floor, alpha: float
) -> Check:
    """At least so much, whatever the baseline: shown by the limits. The lowest queries are named where it is not."""
    value, name = bundle.value(pipeline, measure), f"floor {rule.min:g}"
    limits = figure_limits(evidence, pipeline, measure, alpha)
    if limits is None or limits.low is None or limits.high is None or limits.p_below is None:
        why = f"{value:.6g} on too few items for limits"
        return Check(pipeline, measure, name, "inconclusive", why, value, rule.min)
    p_value = limits.p_below(rule.min)
    status: Status = "pass" if limits.low >= rule.min else "fail" if p_value <= alpha else "inconclusive"
    said = {"pass": "reaches", "fail": "is below", "inconclusive": "cannot be told from"}[status]
    level = (
        f"one-sided {1 - alpha:.0%} limits [{limits.low:z.4f}, {limits.high:z.4f}], n = {len(evidence.ids):,}"
    )
    return Check(
        pipeline,
        measure,
        name,
        status,
        f"{value:.6g} {said} {rule.min:g}: {level}",
        value,
        rule.min,
        limits.low,
        limits.high,
        queries=()
        if status == "pass" or evidence.gold is not None
        else _named(bundle, evidence, scores := evidence.of(pipeline, measure), scores),
        p_value=p_value,
    )


def fails_by_holm(checks: Sequence[Check], alpha: float) -> tuple[Check, ...]:
    """Keep failures that hold among all of a gate's checks, by Holm; those that do not are inconclusive.

    A pass asks every check to pass, and needs no correction (an intersection-union test, R. Berger 1982); a failure
    asks any to fail, and one of many does by chance.
    """
    at = [i for i, check in enumerate(checks) if check.p_value is not None]
    adjusted = stats.holm([p for check in checks if (p := check.p_value) is not None])
    settled = list(checks)
    for i, p_adjusted in zip(at, adjusted, strict=True):
        check = replace(checks[i], p_adjusted=p_adjusted)
        if check.status == "fail" and len(at) > 1:
            told = f"p = {check.p_value:.2g}, Holm over the {len(at)} checks {p_adjusted:.2g}"
            kept = p_adjusted <= alpha
            reason = (
                f"{check.reason}; {told}"
                if kept
                else f"cannot be told among {len(at)} checks: {told}; alone, {check.reason}"
            )
            check = replace(check, status="fail" if kept else "inconclusive", reason=reason)
        settled[i] = check
    return tuple(settled)


def enough_queries(check: Check, n: int, required: int | None) -> Check:
    """A verdict from fewer queries than the policy requires is inconclusive; golden figures need none."""
    if required is None or n >= required or check.status not in ("pass", "fail") or check.rule == "golden":
        return check
    why = f"{n:,} queries are fewer than the {required:,} that the policy requires; they say: {check.reason}"
    return replace(check, status="inconclusive", reason=why, p_value=None)


def _golden(arms: Arms, measure: str, rule: Golden) -> Check:
    one, other = arms.bundle.value(arms.pipeline, measure), arms.baseline.value(arms.against, measure)
    same = arms.bundle.result.perf_key == arms.baseline.result.perf_key
    tolerance = rule.tolerance if rule.tolerance is not None else SAME_MACHINE if same else OTHER_MACHINE
    moved = one - other
    kept = abs(moved) <= tolerance
    changed = ""
    if arms.mine.gold is None:
        mine, theirs = arms.mine.of(arms.pipeline, measure), arms.theirs.of(arms.against, measure)
        changed = f"; {int((np.abs(mine - theirs) > 1e-9).sum()):,} of {len(mine):,} queries changed"
    where = "same perf_key" if same else "another perf_key"
    reason = f"Δ = {moved:+.3g}, allowed {tolerance:g} ({where}){changed}"
    return Check(
        arms.pipeline,
        measure,
        "golden",
        "pass" if kept else "fail",
        reason,
        one,
        other,
        -tolerance,
        tolerance,
        causes=() if kept else _causes(arms, moved),
    )


def _non_inferiority(arms: Arms, measure: str, rule: NonInferiority, alpha: float) -> Check:
    name = f"non-inferiority, margin {rule.margin:g}"
    one, other = arms.bundle.value(arms.pipeline, measure), arms.baseline.value(arms.against, measure)
    limits = difference_limits((arms.mine, arms.pipeline), (arms.theirs, arms.against), measure, alpha)
    if limits is None:
        return Check(
            arms.pipeline,
            measure,
            name,
            "not comparable",
            "a pipeline gives every item the same: the measure is not defined",
            one,
            other,
        )
    status = stats.non_inferiority(limits.low, limits.high, rule.margin)
    if limits.low is None or limits.high is None or limits.p_below is None:
        reason = f"Δ = {limits.delta:+z.4f} on too few items for an interval"
        return Check(arms.pipeline, measure, name, status, reason, one, other)
    level = (
        f"one-sided {1 - alpha:.0%} limits [{limits.low:+z.4f}, {limits.high:+z.4f}], n = "
        f"{len(arms.mine.ids):,}"
    )
    detectable = limits.detectable or 0.0
    said = {
        "pass": f"worse by no more than {rule.margin:g}: Δ = {limits.delta:+z.4f}, {level}",
        "fail": f"worse by more than {rule.margin:g}: Δ = {limits.delta:+z.4f}, {level}",
        "inconclusive": f"cannot be told: Δ = {limits.delta:+z.4f}, {level}; the smallest detectable effect "
        f"is {detectable:.4f}"
        + (
            f", more than the margin: {_needed(len(arms.mine.ids), detectable, rule.margin, alpha)}"
            if detectable > rule.margin
            else ""
        ),
    }[status]
    if limits.delta == limits.low == limits.high == 0.0:
        said = f"no {arms.mine.item} moved, n = {len(arms.mine.ids):,}"
    if limits.skewed:
        said += "; a few queries carry the difference (skewed), so these limits are rough"
    causes = () if status == "pass" else _causes(arms, limits.delta)
    return Check(
        arms.pipeline,
        measure,
        name,
        status,
        said,
        one,
        other,
        limits.low,
        limits.high,
        limits.detectable,
        causes,
        p_value=limits.p_below(-rule.margin),
    )


def _needed(n: int, detectable: float, margin: float, alpha: float) -> str:
    """How many items a margin needs, of the deviation that this effect comes from."""
    sd = detectable * math.sqrt(n) / stats.multiplier(n, alpha, sides=1)
    needed = stats.items_needed(sd, margin, alpha)
    return (
        "no number of queries that anyone has shows that margin"
        if needed is None
        else (f"that margin needs about {needed:,} queries, or a wider one")
    )


def _causes(arms: Arms, delta: float) -> tuple[str, ...]:
    return tuple(str(c) for c in explain((arms.bundle, arms.pipeline), (arms.baseline, arms.against), delta))
