"""Quality rules: golden, non-inferiority, floor."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from harness import stats
from harness.compare.causes import explain
from harness.compare.evidence import Evidence, FloatArray, query_texts
from harness.gate.verdicts import Check, Moved, Status
from harness.policy import Floor, Golden, NonInferiority, Rule
from harness.results.bundle import Bundle
from harness.stats.student import t_quantile

#: What a golden figure may move by with the same perf_key, and otherwise.
SAME_MACHINE, OTHER_MACHINE = 1e-6, 2e-4
#: z(0.975) + z(0.80), as in the method: the smallest detectable effect in standard errors.
_DETECTABLE = 2.8
#: Cochran's rule: a mean's t limits need n > 25 skewness^2 (W. Cochran, *Sampling Techniques*, section 2.15).
_COCHRAN = 25.0
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


@dataclass(frozen=True)
class Limits:
    """A difference, candidate - baseline, with its one-sided limits at 1 - alpha each; None where not
    defined.

    ``detectable`` is the smallest detectable effect, 2.8 standard errors; ``skewed`` says that a few items
    carry the difference, so that t limits are rough.
    """

    delta: float
    low: float | None
    high: float | None
    detectable: float | None
    skewed: bool = False


def difference(arms: Arms, measure: str, alpha: float) -> Limits | None:
    """The difference of a measure and its one-sided limits; None where a correlation is not defined.

    Paired t for queries, percentiles of the paired bootstrap for correlations.
    """
    first, second = arms.mine.of(arms.pipeline, measure), arms.theirs.of(arms.against, measure)
    if arms.mine.gold is None:
        return paired_limits(first, second, alpha)
    one, other = arms.mine.mean(arms.pipeline, measure), arms.theirs.mean(arms.against, measure)
    if one is None or other is None:
        return None
    replicates = [
        evidence.replicates(measure)[evidence.labels.index(label)]
        for evidence, label in ((arms.mine, arms.pipeline), (arms.theirs, arms.against))
    ]
    moved = replicates[0] - replicates[1]
    moved = moved[~np.isnan(moved)]
    if 2 * len(moved) < stats.RESAMPLES:
        return Limits(one - other, None, None, None)
    low, high = np.quantile(moved, [alpha, 1.0 - alpha])
    return Limits(one - other, float(low), float(high), _DETECTABLE * float(moved.std(ddof=1)))


def paired_limits(first: FloatArray, second: FloatArray, alpha: float) -> Limits:
    """One-sided paired t limits at 1 - alpha of the mean of first - second, both [n_queries]."""
    found = stats.compare_paired(first, second, n_flips=1)
    if found.sd is None:
        return Limits(found.delta, None, None, None)
    half = t_quantile(found.n - 1, 1.0 - alpha) * found.sd / float(np.sqrt(found.n))
    return Limits(
        found.delta, found.delta - half, found.delta + half, found.detectable, _skewed(first - second)
    )


def _skewed(differences: FloatArray) -> bool:
    centred = differences - differences.mean()
    spread = float((centred**2).mean())
    if spread == 0.0:
        return False
    skewness = float((centred**3).mean()) / spread**1.5
    return bool(len(centred) <= _COCHRAN * skewness**2)


def judge_non_inferiority(limits: Limits, margin: float) -> Status:
    """Pass if the lower limit lies above -margin, fail if the upper lies below it, otherwise inconclusive.

    Figures that are the same item by item pass any margin, that of 0 too.
    """
    if limits.low is None or limits.high is None:
        return "inconclusive"
    if limits.low > -margin or (limits.delta == limits.low == limits.high == 0.0):
        return "pass"
    return "fail" if limits.high < -margin else "inconclusive"


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


def judge_floor(bundle: Bundle, evidence: Evidence, pipeline: str, measure: str, rule: Floor) -> Check:
    """At least so much, whatever the baseline; the lowest queries are named where it is not."""
    figure = bundle.pipelines[pipeline]["measures"][measure]
    value, interval = float(figure["value"]), figure.get("interval") or {}
    low, high = interval.get("low"), interval.get("high")
    shown = f", 95 % [{low:z.4f}, {high:z.4f}]" if interval else ""
    reached = value >= rule.min
    reason = f"{value:.6g} {'reaches' if reached else 'is below'} {rule.min:g} (n = {figure['n']:,}{shown})"
    return Check(
        pipeline,
        measure,
        f"floor {rule.min:g}",
        "pass" if reached else "fail",
        reason,
        value,
        rule.min,
        low,
        high,
        queries=()
        if reached or evidence.gold is not None
        else _named(bundle, evidence, scores := evidence.of(pipeline, measure), scores),
    )


def _golden(arms: Arms, measure: str, rule: Golden) -> Check:
    one, other = arms.bundle.value(arms.pipeline, measure), arms.baseline.value(arms.against, measure)
    same = arms.bundle.result.get("perf_key") == arms.baseline.result.get("perf_key")
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
    limits = difference(arms, measure, alpha)
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
    status = judge_non_inferiority(limits, rule.margin)
    if limits.low is None or limits.high is None:
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
            f", more than the margin: {_needed(len(arms.mine.ids), detectable, rule.margin)}"
            if detectable > rule.margin
            else ""
        ),
    }[status]
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
    )


def _needed(n: int, detectable: float, margin: float) -> str:
    """How many items a margin needs: the effect seen shrinks with the root of their number."""
    if margin == 0.0:
        return "no number of queries proves a margin of 0"
    return f"that margin needs about {int(np.ceil(n * (detectable / margin) ** 2)):,} queries, or a wider one"


def _causes(arms: Arms, delta: float) -> tuple[str, ...]:
    return tuple(str(c) for c in explain((arms.bundle, arms.pipeline), (arms.baseline, arms.against), delta))
