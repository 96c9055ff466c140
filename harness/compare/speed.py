"""How two pipelines' speeds compare: a ratio from blocks measured in one job, or the reason why there is
none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness import stats
from harness.compare.causes import hardware_of
from harness.compare.evidence import BASELINE_ARM
from harness.errors import BundleError
from harness.results.bundle import Bundle
from harness.results.schema import Arm, Control, Figure, figure_of
from harness.results.tables import SAMPLES
from harness.stats.interval import Interval
from harness.timing import figures, record

#: The series of ``samples.parquet`` that holds closed-loop latencies.
LATENCY = record.LATENCY
MEMORY = "memory.peak_rss"
#: What comparisons, rules and costs are made from.
_SERIES = (
    LATENCY,
    figures.CONTROL,
    MEMORY,
    "index.build",
    *(f"offline.queries.{name}" for name in ("seconds", "items")),
)
FloatArray = NDArray[np.float64]
Blocks = dict[tuple[int, int], FloatArray]
#: The same samples give the same figures, but for the order of a sum.
_SAME = 1e-9


@dataclass(frozen=True)
class SpeedRatio:
    """The first pipeline's latency over the second's.

    Attributes:
        first, second: the arms.
        ratio: above 1 where the first is slower; None where refused.
        interval: over blocks and, from three sets of processes on, over sets: the wider; None under 6 blocks.
        n_blocks: blocks that hold both.
        refusal: why there is no ratio; None where there is one.
        doubts: why it may not be believed.
    """

    first: str
    second: str
    ratio: float | None
    interval: Interval | None
    n_blocks: int
    refusal: str | None = None
    doubts: tuple[str, ...] = ()


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
            f"measured in different jobs{machines}: stored wall-clock does not compare; measure both in one job with "
            "'harness run CONFIG --against CONFIG'",
        )
    if not one.has(SAMPLES):
        return _refused(labels, "the bundle holds no raw samples, and a ratio is made from nothing else")
    for pipeline, label in ((name, labels[0]), (other_name, labels[1])):
        timing = one.pipelines[pipeline].timing
        if timing is not None and timing.invalid:
            return _refused(labels, f"{label}: its timing is invalid ({timing.invalid})")
    for candidate, baseline in ((name, other_name), (other_name, name)):
        if baseline == f"{BASELINE_ARM}{candidate}":
            arm_log_ratios(one, candidate)  # refuses a bundle that says other than its samples
    logs = _shared_logs(one, name, other_name)
    if not len(logs):
        return _refused(
            labels, "the two share no block of samples, so their speeds were not measured side by side"
        )
    estimate = stats.estimate_ratio(logs, sets=_shared_sets(one, name, other_name))
    return SpeedRatio(
        *labels, estimate.ratio, estimate.interval, estimate.n_blocks, doubts=doubts_of_speed(one)
    )


def doubts_of_speed(bundle: Bundle) -> tuple[str, ...]:
    """Why a bundle's timings are not to be decided from, in sentences without a full stop; none where they are."""
    session, control = bundle.result.timing, control_of(bundle)
    if session is None:
        return ()
    found = []
    if session.indicative:
        found.append(
            f"speed was measured by the profile {session.profile}, which is for a first look, not for decisions"
        )
    if session.control.noisy or (control is not None and control.noisy):
        found.append(
            "the machine was too noisy while timing: a pipeline differed from itself; do not trust the speeds"
        )
    return tuple(found)


def is_timed(bundle: Bundle, pipeline: str) -> bool:
    """Whether a bundle holds any timing of a pipeline."""
    against = bundle.result.against
    in_arms = against is not None and pipeline.removeprefix(BASELINE_ARM) in against.pipelines
    return in_arms or bundle.pipelines[pipeline].timing is not None


def arm_log_ratios(bundle: Bundle, pipeline: str) -> FloatArray:
    """log(candidate / baseline) of each block that both arms of a pipeline share, from the raw samples, [n_blocks].

    Raises BundleError where ``result.json`` says other than its samples.
    """
    logs = _shared_logs(bundle, pipeline, f"{BASELINE_ARM}{pipeline}")
    stored = _arm(bundle, pipeline).latency
    require_same(bundle, f"{pipeline}: the arms' log-ratios", stored.log_ratios if stored else (), logs)
    return logs


def arm_sets(bundle: Bundle, pipeline: str) -> NDArray[np.int64]:
    """The set of processes of each of :func:`arm_log_ratios`' blocks, [n_blocks]."""
    return _shared_sets(bundle, pipeline, f"{BASELINE_ARM}{pipeline}")


def arm_memory(bundle: Bundle, pipeline: str) -> Figure:
    """The ratio of the two arms' peak memory, from the raw samples; its value None where there are none.

    Raises BundleError where ``result.json`` says other than its samples.
    """
    records = records_of(bundle)
    mine, theirs = records.get(pipeline, {}), records.get(f"{BASELINE_ARM}{pipeline}", {})
    made = figure_of(figures.series_ratio(mine, theirs, MEMORY))
    stored = _arm(bundle, pipeline).memory
    if made.value is not None and stored and stored.ratio and stored.ratio.value is not None:
        require_same(bundle, f"{pipeline}: the arms' memory", [stored.ratio.value], [made.value])
    return made


def control_of(bundle: Bundle) -> Control | None:
    """The A/A control made again from the raw samples; None where none was measured.

    Raises BundleError where ``result.json`` says other than its samples.
    """
    session = bundle.result.timing
    if session is None or not session.control.pipeline:
        return None
    logs = figures.control_logs(records_of(bundle), session.control.pipeline)
    require_same(bundle, "the A/A control", session.control.log_ratios, logs)
    if not len(logs):
        return None
    made = figures.control(logs)
    return Control(session.control.pipeline, tuple(logs.tolist()), made["noisy"], made["reason"] or "")


def _arm(bundle: Bundle, pipeline: str) -> Arm:
    against = bundle.result.against
    return Arm() if against is None else against.pipelines.get(pipeline, Arm())


def require_same(
    bundle: Bundle, what: str, stored: Sequence[float], made: Sequence[float] | FloatArray
) -> None:
    """Raise BundleError where stored figures are not those of the samples; of what is not there nothing is said."""
    if not len(made) or not len(stored):
        return
    if len(stored) != len(made) or not np.allclose(stored, made, rtol=_SAME, atol=_SAME):
        raise BundleError(
            f"{bundle.path}: {what} in result.json are not those of its samples; 'harness verify {bundle.path}' says "
            "what differs"
        )


def _shared_logs(bundle: Bundle, first: str, second: str) -> FloatArray:
    records = records_of(bundle)
    return figures.arm_logs(records.get(first, {}), records.get(second, {}))


def _shared_sets(bundle: Bundle, first: str, second: str) -> NDArray[np.int64]:
    records = records_of(bundle)
    return figures.arm_sets(records.get(first, {}), records.get(second, {}))


def latency_blocks(bundle: Bundle, pipeline: str) -> Blocks:
    """A pipeline's closed-loop latencies by (set, block), in the unit stored."""
    found = records_of(bundle).get(pipeline, {}).get(LATENCY)
    return {} if found is None else found.per_block()


@lru_cache(maxsize=4)
def records_of(bundle: Bundle) -> Mapping[str, record.Record]:
    """The raw series that comparisons are made from, by pipeline; empty where the bundle holds no samples."""
    if not bundle.has(SAMPLES):
        return {}
    rows = bundle.table(SAMPLES)
    wanted = pc.is_in(rows["series"], value_set=pa.array(_SERIES, pa.string()))
    rows = rows.filter(pc.or_(wanted, pc.starts_with(rows["series"], "load.")))
    return record.from_table(
        {name: rows[name].to_numpy(zero_copy_only=False) for name in SAMPLES.schema.names}
    )


def _refused(labels: tuple[str, str], why: str) -> SpeedRatio:
    return SpeedRatio(*labels, None, None, 0, why)
