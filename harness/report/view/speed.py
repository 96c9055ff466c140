"""How two pipelines' speeds compare where they were measured side by side."""

from __future__ import annotations

from collections.abc import Sequence

from harness.compare.evidence import BASELINE_ARM
from harness.compare.paired import Paired
from harness.compare.speed import is_timed, speed_ratio
from harness.report.model import Estimate, SpeedRatioView
from harness.report.view.figures import estimate
from harness.results.bundle import Bundle


def ratios_of(bundle: Bundle, declared: Sequence[Paired]) -> tuple[SpeedRatioView, ...]:
    """The two arms of a job first, then the pairs declared in advance that were both timed."""
    arms = (bundle.result.get("against") or {}).get("pipelines") or {}
    found = []
    for name, arm in arms.items():
        latency = arm.get("latency") or {}
        memory = (arm.get("memory") or {}).get("ratio")
        found.append(
            SpeedRatioView(
                str(name),
                f"{BASELINE_ARM}{name}",
                estimate(latency.get("ratio")),
                estimate(memory),
                str(latency.get("verdict") or ""),
                str(latency.get("reason") or ""),
            )
        )
    told = {(one.first, one.second) for one in found}
    pairs = [pair for pair in dict.fromkeys((row.first, row.second) for row in declared) if pair not in told]
    for first, second in pairs:
        if not (is_timed(bundle, first) and is_timed(bundle, second)):
            continue
        ratio = speed_ratio((bundle, first), (bundle, second), (first, second))
        low = None if ratio.interval is None else ratio.interval.low
        high = None if ratio.interval is None else ratio.interval.high
        figure = Estimate(ratio.ratio, low, high, ratio.n_blocks)
        found.append(SpeedRatioView(first, second, figure, reason=ratio.refusal or ""))
    return tuple(found)
