"""How two pipelines' speeds compare: a ratio from blocks measured in one job, or the reason why there is
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness import stats
from harness.compare.causes import hardware_of
from harness.compare.evidence import BASELINE_ARM
from harness.results.bundle import Bundle
from harness.results.tables import SAMPLES
from harness.stats.interval import Interval
from harness.timing import record

#: The series of ``samples.parquet`` that holds closed-loop latencies.
LATENCY = record.LATENCY
Blocks = dict[tuple[int, int], NDArray[np.float64]]


@dataclass(frozen=True)
class SpeedRatio:
    """The first pipeline's latency over the second's.

    Attributes:
        first, second: the arms.
        ratio: above 1 where the first is slower; None where refused.
        interval: signed-rank interval; None under 6 blocks.
        n_blocks: blocks that hold both.
        refusal: why there is no ratio; None where there is one.
    """

    first: str
    second: str
    ratio: float | None
    interval: Interval | None
    n_blocks: int
    refusal: str | None = None


def speed_ratio(first: tuple[Bundle, str], second: tuple[Bundle, str], labels: tuple[str, str]) -> SpeedRatio:
    """Compare two pipelines' latencies where they were measured in one job, else refuse and say why."""
    (one, name), (other, other_name) = first, second
    untimed = [
        label
        for label, (bundle, pipeline) in zip(labels, (first, second), strict=True)
        if not is_timed(bundle, pipeline)
    ]
    if untimed:
        return _refused(
            labels, "no timing was measured" if len(untimed) == 2 else f"{untimed[0]} was not timed"
        )
    if one.path != other.path:
        machines = " on different machines" if hardware_of(one) != hardware_of(other) else ""
        return _refused(
            labels,
            f"measured in different jobs{machines}: stored wall-clock does not compare; measure both in one "
            "job with "
            "'harness run CONFIG --against CONFIG'",
        )
    logs = _arm_logs(one, name, other_name)
    if logs is None:
        for pipeline, label in ((name, labels[0]), (other_name, labels[1])):
            invalid = (
                one.pipelines[pipeline]["timing"].get("invalid")
                if one.pipelines[pipeline]["timing"]
                else None
            )
            if invalid:
                return _refused(labels, f"{label}: its timing is invalid ({invalid})")
        logs = _shared_logs(one, name, other_name)
    if logs is None or len(logs) == 0:
        return _refused(
            labels, "the two share no block of samples, so their speeds were not measured side by side"
        )
    estimate = stats.estimate_ratio(logs)
    return SpeedRatio(*labels, estimate.ratio, estimate.interval, estimate.n_blocks)


def is_timed(bundle: Bundle, pipeline: str) -> bool:
    """Whether a bundle holds any timing of a pipeline."""
    arms = (bundle.result.get("against") or {}).get("pipelines", {})
    return bool(bundle.pipelines[pipeline].get("timing")) or pipeline.removeprefix(BASELINE_ARM) in arms


def _arm_logs(bundle: Bundle, first: str, second: str) -> NDArray[np.float64] | None:
    """Log-ratios of two arms of one job, either way round; None where the two are not each other's arms."""
    arms: Mapping[str, Any] = (bundle.result.get("against") or {}).get("pipelines", {})
    for candidate, baseline, sign in ((first, second, 1.0), (second, first, -1.0)):
        if baseline == f"{BASELINE_ARM}{candidate}" and candidate in arms:
            logs = (arms[candidate].get("latency") or {}).get("log_ratios")
            if logs:
                return sign * np.asarray(logs, dtype=np.float64)
    return None


def _shared_logs(bundle: Bundle, first: str, second: str) -> NDArray[np.float64] | None:
    if not bundle.has(SAMPLES):
        return None
    mine, theirs = latency_blocks(bundle, first), latency_blocks(bundle, second)
    shared = [place for place in mine if place in theirs]
    if not shared:
        return None
    return stats.block_log_ratios([mine[place] for place in shared], [theirs[place] for place in shared])


def latency_blocks(bundle: Bundle, pipeline: str) -> Blocks:
    """A pipeline's closed-loop latencies by (set, block), in the unit stored."""
    rows = bundle.table(SAMPLES)
    wanted = pc.and_(pc.equal(rows["pipeline"], pipeline), pc.equal(rows["series"], LATENCY))
    rows = rows.filter(wanted)
    places = np.column_stack([rows["set"].to_numpy(), rows["block"].to_numpy()])
    values = rows["value"].to_numpy()
    return {
        (int(place[0]), int(place[1])): values[(places == place).all(axis=1)]
        for place in np.unique(places, axis=0)
    }


def _refused(labels: tuple[str, str], why: str) -> SpeedRatio:
    return SpeedRatio(*labels, None, None, 0, why)
