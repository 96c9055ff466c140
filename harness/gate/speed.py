"""Speed rules, for two arms measured in one job; and work counters, exact everywhere."""

from __future__ import annotations

from harness import stats
from harness.compare.speed import arm_log_ratios, arm_memory, arm_sets, control_of
from harness.gate.verdicts import Check, Status
from harness.policy import LatencyRule, MemoryRule, Speed
from harness.results.bundle import Bundle
from harness.results.schema import Arm, Pipeline, Ratio


def judge_speed(bundle: Bundle, pipeline: str, speed: Speed) -> list[Check]:
    """Apply the latency and memory rules; ``not judged`` where the bundle does not hold both arms."""
    checks = []
    against = bundle.result.against
    arm = Arm() if against is None else against.pipelines.get(pipeline, Arm())
    rules = ((speed.latency, arm.latency, _latency, "latency"), (speed.memory, arm.memory, _memory, "memory"))
    for rule, ratio, judge, subject in rules:
        if rule is None:
            continue
        name = f"at most {_limit(rule):g} times the baseline arm"
        if against is None:
            reason = (
                "the bundle holds one arm; measure both in one job with 'harness run CONFIG --against CONFIG'"
            )
            checks.append(Check(pipeline, subject, name, "not judged", reason))
        elif ratio is None:
            checks.append(
                Check(
                    pipeline,
                    subject,
                    name,
                    "not comparable",
                    "two arms were asked for, and this was not measured of both",
                )
            )
        else:
            checks.append(judge(bundle, pipeline, name, ratio, _limit(rule)))
    return checks


def _limit(rule: LatencyRule | MemoryRule) -> float:
    return rule.max_slowdown if isinstance(rule, LatencyRule) else rule.max_growth


def _latency(bundle: Bundle, pipeline: str, name: str, stored: Ratio, limit: float) -> Check:
    """The method's A/B rule on block ratios made from the raw samples; a failed A/A control or measurement is never
    a pass, and neither is one that nobody made.
    """

    def refused(why: str) -> Check:
        return Check(pipeline, "latency", name, "not comparable", why)

    if stored.verdict == "invalid":
        return refused(f"invalid: {stored.reason or 'no reason given'}")
    logs = arm_log_ratios(bundle, pipeline)
    if not len(logs):
        return refused(
            "the bundle holds no raw samples of a block of both arms, and a ratio is made from nothing else"
        )
    rule = stats.SlowdownRule(margin=limit - 1.0)
    control = control_of(bundle)
    if control is None:
        return refused(
            "no A/A control was measured with the arms, so nobody knows whether the machine is fit"
        )
    if control.noisy or stats.too_noisy(control.log_ratios, rule):
        reason = control.reason or "the A/A control differs from itself by more than the margin"
        return refused(f"invalid: the machine is too noisy ({reason})")
    sets = arm_sets(bundle, pipeline)
    estimate = stats.estimate_ratio(logs, rule.confidence, sets)
    found = stats.judge_slowdown(logs, rule, sets)
    status: Status = "inconclusive" if found == "extend" else found
    interval = estimate.interval
    limits = (interval.low, interval.high) if interval else (None, None)
    shown = f" (95 % {interval.low:.3f} to {interval.high:.3f})" if interval else ""
    said = {
        "pass": f"below {1 + 2 * rule.margin:g}",
        "fail": f"slower than {limit:g}",
        "inconclusive": "cannot be told" if len(logs) >= rule.blocks else f"needs {rule.blocks} blocks",
    }[status]
    reason = (
        f"{said}: the candidate takes {estimate.ratio:.3f}{shown} of the baseline's time, "
        f"{estimate.n_blocks} blocks{_between(estimate)}"
    )
    return Check(pipeline, "latency", name, status, reason, estimate.ratio, 1.0, *limits)


def _between(estimate: stats.RatioEstimate) -> str:
    """What fresh processes add to what blocks differ by."""
    if estimate.n_sets < stats.FEWEST_SETS or estimate.set_deviation is None:
        return "; too few sets of processes to speak for others than these"
    return f" of {estimate.n_sets} sets, which differ by {estimate.set_deviation:.1%}"


def _memory(bundle: Bundle, pipeline: str, name: str, stored: Ratio, limit: float) -> Check:
    """The ratio of peak memory, made from the raw samples."""
    figure = arm_memory(bundle, pipeline)
    ratio, interval = figure.value, figure.interval
    if ratio is None:
        why = "the bundle holds no raw samples of the peak memory of both arms"
        return Check(pipeline, "memory", name, "not comparable", why)
    if interval is None:
        status: Status = "pass" if ratio <= limit else "fail"
        told = f"{ratio:.4f} times the baseline's peak, n = {figure.n}"
        return Check(pipeline, "memory", name, status, told, ratio, 1.0)
    low, high = interval.low, interval.high
    status = "fail" if low > limit else "pass" if high < 2 * limit - 1 else "inconclusive"
    told = f"{ratio:.4f} times the baseline's peak (95 % {low:.4f} to {high:.4f})"
    return Check(pipeline, "memory", name, status, told, ratio, 1.0, low, high)


def judge_counters(mine: Pipeline, theirs: Pipeline) -> Check:
    """Work counters over the same fixed queries: equal, or a failure that names each that moved."""
    pipeline = mine.name
    one, other = ({} if part.timing is None else part.timing.counters for part in (mine, theirs))
    if not one and not other:
        return Check(
            pipeline, "counters", "exact", "not judged", "neither side has counters: they come with timing"
        )
    if not one:
        reason = (
            "the baseline has counters and the bundle has none: they come with timing, so run with timing on"
        )
        return Check(pipeline, "counters", "exact", "not comparable", reason)
    if not other:
        return Check(
            pipeline,
            "counters",
            "exact",
            "not judged",
            "the baseline has no counters yet; update it, and say why",
        )
    moved = [key for key in {**other, **one} if one.get(key) != other.get(key)]
    if not moved:
        return Check(pipeline, "counters", "exact", "pass", f"all {len(one)} counters are the same")
    told = ", ".join(f"{key} {other.get(key)} → {one.get(key)}" for key in moved)
    return Check(
        pipeline, "counters", "exact", "fail", f"{told}; if that is meant, update the baseline and say why"
    )
