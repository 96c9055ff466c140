"""How two pipelines' speeds compare where they were measured side by side."""

from __future__ import annotations

from collections.abc import Sequence

from harness.compare.evidence import BASELINE_ARM
from harness.compare.paired import Paired
from harness.compare.speed import SpeedRatio, arm_memory, is_timed, speed_ratio
from harness.report.model import SpeedRatioView
from harness.report.table import Estimate
from harness.results.bundle import Bundle
from harness.results.schema import Against, Ratio


def ratios_of(bundle: Bundle, declared: Sequence[Paired]) -> tuple[SpeedRatioView, ...]:
    """The two arms of a job first, then the pairs declared in advance that were both timed."""
    against = bundle.result.against or Against()
    found = []
    for name, arm in against.pipelines.items():
        latency, other = arm.latency or Ratio(), f"{BASELINE_ARM}{name}"
        if not {name, other} <= set(bundle.pipelines):
            continue
        ratio = speed_ratio((bundle, name), (bundle, other), (name, other))
        found.append(
            SpeedRatioView(
                name,
                other,
                _estimate(ratio),
                Estimate.of(arm_memory(bundle, name)),
                latency.verdict if ratio.refusal is None else "",
                ratio.refusal or latency.reason,
            )
        )
    told = {(one.first, one.second) for one in found}
    pairs = [pair for pair in dict.fromkeys((row.first, row.second) for row in declared) if pair not in told]
    for first, second in pairs:
        if not (is_timed(bundle, first) and is_timed(bundle, second)):
            continue
        ratio = speed_ratio((bundle, first), (bundle, second), (first, second))
        found.append(SpeedRatioView(first, second, _estimate(ratio), reason=ratio.refusal or ""))
    return tuple(found)


def _estimate(ratio: SpeedRatio) -> Estimate:
    low, high = (None, None) if ratio.interval is None else (ratio.interval.low, ratio.interval.high)
    return Estimate(ratio.ratio, low, high, ratio.n_blocks)
