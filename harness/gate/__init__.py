"""Judging a bundle by a policy, against a committed baseline or the arms within it. Nothing is measured here.

In Python::

    from harness.gate import gate

    result = gate("bundles/candidate", "configs/policies/quickstart.yaml", "reports/baselines/quickstart")
    result.verdict, result.exit_code, result.frame()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.compare import evidence as figures
from harness.compare.causes import data_causes
from harness.compare.evidence import BASELINE_ARM, Evidence
from harness.errors import HarnessError, NotComparableError, listed, nearest
from harness.gate import quality, speed
from harness.gate.baselines import find_baseline, find_reference, update_baseline
from harness.gate.quality import Arms
from harness.gate.verdicts import EXIT_CODES, Check, GateResult, Verdict
from harness.policy import Floor, LoadedPolicy, NonInferiority, Policy, Rule, load_policy
from harness.results import bundle as bundles
from harness.results.bundle import Bundle

__all__ = [
    "EXIT_CODES",
    "Check",
    "GateResult",
    "Verdict",
    "find_baseline",
    "gate",
    "judge",
    "load_policy",
    "update_baseline",
]

WITHIN = "arms within the bundle"


@dataclass(frozen=True, eq=False)
class _Sides:
    """The bundle, and what it is judged against (None: nothing), with what stops a comparison (empty:
    nothing).
    """

    bundle: Bundle
    mine: Evidence
    baseline: Bundle | None = None
    theirs: Evidence | None = None
    obstacle: str = ""

    def against(self, pipeline: str) -> str:
        """The baseline's name of a pipeline."""
        return f"{BASELINE_ARM}{pipeline}" if self.baseline is self.bundle else pipeline


def gate(
    bundle: Bundle | Path | str, policy: LoadedPolicy | Path | str, baseline: Path | str | None = None
) -> GateResult:
    """Judge a bundle: read everything, find the baseline, apply the policy. Raises HarnessError."""
    read = bundle if isinstance(bundle, Bundle) else bundles.read(bundle)
    loaded = policy if isinstance(policy, LoadedPolicy) else load_policy(policy)
    found = find_baseline(read, loaded, baseline)
    return judge(read, loaded, found, find_reference(loaded))


def judge(
    bundle: Bundle, policy: LoadedPolicy, baseline: Bundle | None, reference: Bundle | None = None
) -> GateResult:
    """Apply a policy to a bundle; ``baseline`` may be the bundle itself, whose arms are then judged.

    ``reference`` is a baseline that never moves: non-inferiority is judged against it as well.

    Raises NotComparableError where the bundle is empty, BundleError where its tables are incomplete.
    """
    settings = policy.settings
    sides = _sides(bundle, baseline)
    fixed = None if reference is None else _sides(bundle, reference)
    checks: list[Check] = []
    for pipeline in _judged(settings, sides):
        if pipeline not in bundle.pipelines:
            lost = f"{BASELINE_ARM}{pipeline}" in bundle.pipelines
            reason = (
                "only the baseline arm has it"
                if lost
                else f"the bundle has no such pipeline{nearest(pipeline, bundle.pipelines)}; it has "
                f"{listed(bundle.pipelines)}"
            )
            checks.append(Check(pipeline, "pipeline", "present", "not comparable", reason))
            continue
        checks += [_quality(sides, pipeline, m, rule, settings) for m, rule in settings.quality.items()]
        if fixed is not None:
            checks += [
                replace(
                    _quality(fixed, pipeline, m, rule, settings),
                    rule=f"{rule.rule} against the reference, margin {rule.margin:g}",
                )
                for m, rule in settings.quality.items()
                if isinstance(rule, NonInferiority)
            ]
        checks += speed.judge_speed(bundle, pipeline, settings.speed)
        if settings.counters:
            checks.append(_counters(sides, pipeline))
    name = None if baseline is None else WITHIN if baseline is bundle else str(baseline.path)
    settled = quality.fails_by_holm(checks, settings.alpha)
    times = (bundle.result.manifest.started, bundle.result.manifest.ended)
    return GateResult(str(bundle.path), policy.name, name, settled, settings.on_inconclusive, *times)


def _sides(bundle: Bundle, baseline: Bundle | None) -> _Sides:
    mine = figures.load(bundle)
    if baseline is None:
        why = (
            "there is no baseline; name one with --baseline, or write one with 'harness gate BUNDLE "
            "--update-baseline --reason TEXT'"
        )
        return _Sides(bundle, mine, obstacle=why)
    if baseline is bundle:
        return _Sides(bundle, mine, bundle, mine)
    try:
        theirs = figures.load(baseline)
        names = str(bundle.path), str(baseline.path)
        # Puts the baseline's items into the bundle's order; its refusal says which items are not shared.
        joined = figures.join([(names[0], mine), (names[1], theirs)])
    except NotComparableError as error:
        return _Sides(bundle, mine, baseline, None, _with_causes(bundle, baseline, error))
    causes = data_causes(bundle, baseline)
    if causes:
        why = (
            f"{bundle.path} and {baseline.path} differ in {'; '.join(map(str, causes))}: figures on other "
            "data do not compare"
        )
        return _Sides(bundle, mine, baseline, None, why)
    own = len(mine.labels)
    aligned = Evidence(mine.item, mine.ids, theirs.labels, joined.measures, joined.values[own:], mine.gold)
    return _Sides(bundle, mine, baseline, aligned)


def _with_causes(bundle: Bundle, baseline: Bundle, error: HarnessError) -> str:
    causes = data_causes(bundle, baseline)
    return f"{error}{' (they differ in ' + '; '.join(map(str, causes)) + ')' if causes else ''}"


def _judged(policy: Policy, sides: _Sides) -> Sequence[str]:
    if policy.pipelines:
        return policy.pipelines
    own = [name for name in sides.bundle.pipelines if not name.startswith(BASELINE_ARM)]
    if sides.theirs is None:
        return own
    # A pipeline that the baseline had and the bundle lost must not go unnoticed, be it in another bundle or an arm.
    if sides.baseline is sides.bundle:
        theirs = [n.removeprefix(BASELINE_ARM) for n in sides.bundle.pipelines if n.startswith(BASELINE_ARM)]
    else:
        theirs = list(sides.theirs.labels)
    return [*own, *(name for name in theirs if name not in own)]


def _quality(sides: _Sides, pipeline: str, measure: str, rule: Rule, policy: Policy) -> Check:
    check = _judged_alone(sides, pipeline, measure, rule, policy.alpha)
    return quality.enough_queries(check, len(sides.mine.ids), policy.require_queries)


def _judged_alone(sides: _Sides, pipeline: str, measure: str, rule: Rule, alpha: float) -> Check:
    named = rule.rule if not isinstance(rule, Floor) else f"floor {rule.min:g}"
    if measure not in sides.mine.measures:
        reason = (
            f"the bundle does not measure it{nearest(measure, sides.mine.measures)}; it has "
            f"{listed(sides.mine.measures)}"
        )
        return Check(pipeline, measure, named, "not comparable", reason)
    if isinstance(rule, Floor):
        return quality.judge_floor(sides.bundle, sides.mine, pipeline, measure, rule, alpha)
    if sides.baseline is None or sides.theirs is None:
        return Check(pipeline, measure, named, "not comparable", sides.obstacle)
    against = sides.against(pipeline)
    if against not in sides.theirs.labels or measure not in sides.theirs.measures:
        missing = f"pipeline {against!r}" if against not in sides.theirs.labels else f"measure {measure}"
        return Check(
            pipeline,
            measure,
            named,
            "not comparable",
            f"the baseline has no {missing}; update it, and say why",
        )
    arms = Arms(sides.bundle, sides.baseline, pipeline, against, sides.mine, sides.theirs)
    return quality.judge(arms, measure, rule, alpha)


def _counters(sides: _Sides, pipeline: str) -> Check:
    if sides.baseline is None or sides.theirs is None:
        return Check(pipeline, "counters", "exact", "not comparable", sides.obstacle)
    theirs = sides.baseline.pipelines.get(sides.against(pipeline))
    if theirs is None:
        return Check(
            pipeline,
            "counters",
            "exact",
            "not comparable",
            f"the baseline has no pipeline {pipeline!r}; update it, and say why",
        )
    return speed.judge_counters(sides.bundle.pipelines[pipeline], theirs)
