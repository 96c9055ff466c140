"""Two arms in one job: is the candidate slower than the baseline, on this machine, today.

Candidate, baseline and a second copy of the baseline (the A/A control) take turns in mirrored blocks
(ABCCBA), so that the control is measured under the very drift that the comparison is. Blocks are spread over
sets of fresh processes: 4 in each, 12 in all, and once extended to 20. A control that is not the equal of its
own copy makes the verdict
*invalid*: not a pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.errors import NotComparableError
from harness.stats import (
    RatioEstimate,
    SlowdownRule,
    block_log_ratios,
    estimate_ratio,
    judge_slowdown,
    too_noisy,
)
from harness.timing.blocks import Measured, Recorder, ServiceSet, round_requests, turn_order
from harness.timing.clock import Clock
from harness.timing.closed_loop import BlockRule, block_size
from harness.timing.samples import FloatArray, Place, Samples
from harness.timing.service import Request, ServiceFactory
from harness.timing.warmup import WarmUpRule

CANDIDATE, BASELINE, CONTROL = "candidate", "baseline", "control"

ArmsVerdict = Literal["pass", "fail", "inconclusive", "invalid"]


@dataclass(frozen=True)
class ArmsSettings:
    """How two arms are compared.

    Attributes:
        rule: when the candidate is called slower, and after how many blocks.
        blocks_per_set: blocks before the services are started afresh.
        warm_up: of each service in each set.
        block: one turn of a service.
        control: whether the A/A control takes part; without one no verdict is *invalid* for noise.
        seed: of the orders and the queries.
        at_once: services of a set that start side by side.
        after: called with each set while its services live, its number, and what was gathered so far.
    """

    rule: SlowdownRule = field(default_factory=SlowdownRule)
    blocks_per_set: int = 4
    warm_up: WarmUpRule = field(default_factory=WarmUpRule)
    block: BlockRule = field(default_factory=BlockRule)
    control: bool = True
    seed: int = 0
    at_once: int = 1
    after: Callable[[ServiceSet, int, Recorder], None] | None = None


@dataclass(frozen=True)
class Arms:
    """Two arms compared.

    Attributes:
        measured: ``candidate``, ``baseline`` and ``control`` by name, with their raw samples.
        ratio: of the candidate's latency to the baseline's; None where nothing was measured.
        control_ratio: of the control's latency to the baseline's; None without a control.
        verdict: of the rule, or ``invalid``.
        reason: the verdict in words.
    """

    measured: Mapping[str, Measured]
    ratio: RatioEstimate | None
    control_ratio: RatioEstimate | None
    verdict: ArmsVerdict
    reason: str


_DEFAULTS = ArmsSettings()


def measure_arms(
    candidate: ServiceFactory,
    baseline: ServiceFactory,
    requests: Sequence[Request],
    clock: Clock,
    settings: ArmsSettings = _DEFAULTS,
) -> Arms:
    """Measure two arms and judge them; a failing arm makes the verdict *invalid*, with its own words.

    Raises:
        NotComparableError: no requests.
        ClockError: the clock went backwards.
    """
    factories = {CANDIDATE: candidate, BASELINE: baseline}
    if settings.control:
        factories[CONTROL] = baseline
    recorder = Recorder(factories)
    rule = settings.rule
    done = 0
    for target in (rule.blocks, rule.extended_blocks):
        for set_index in range(done, math.ceil(target / settings.blocks_per_set)):
            _measure_set(factories, requests, clock, settings, (set_index, recorder))
            done = set_index + 1
            if recorder.failures:
                return judge_arms(recorder.measured(), rule)
        arms = judge_arms(recorder.measured(), rule)
        if arms.verdict != "inconclusive":
            break
    return arms


def judge_arms(measured: Mapping[str, Measured], rule: SlowdownRule) -> Arms:
    """The verdict on arms already measured, by name; the same figures again from stored samples."""
    failures = [f"{name}: {arm.failure}" for name, arm in measured.items() if arm.failure]
    if failures:
        return Arms(measured, None, None, "invalid", "; ".join(failures))
    both = measured[CANDIDATE].samples, measured[BASELINE].samples
    logs, sets = paired_log_ratios(*both), paired_sets(*both)
    ratio = estimate_ratio(logs, rule.confidence, sets)
    control, noise = None, None
    if CONTROL in measured:
        control_logs = paired_log_ratios(measured[CONTROL].samples, measured[BASELINE].samples)
        control = estimate_ratio(control_logs, rule.confidence)
        noise = too_noisy(control_logs, rule)
    if noise:
        reason = f"the machine is too noisy: the baseline against its own copy is {_words(control)}"
        return Arms(measured, ratio, control, "invalid", reason)
    verdict = judge_slowdown(logs, rule, sets)
    reason = (
        f"the candidate takes {_words(ratio)} of the baseline's time; a slow-down of {rule.margin:.0%} fails"
    )
    return Arms(measured, ratio, control, "inconclusive" if verdict == "extend" else verdict, reason)


def paired_log_ratios(candidate: Samples, baseline: Samples) -> FloatArray:
    """log(candidate / baseline) of the median latencies of each block that holds both, shape [n_blocks].

    Raises:
        NotComparableError: the two share no block.
    """
    mine, theirs = _by_block(candidate), _by_block(baseline)
    shared = [place for place in mine if place in theirs]
    if not shared:
        raise NotComparableError(
            "the two were not measured in the same blocks, so their speeds do not compare"
        )
    return block_log_ratios([mine[place] for place in shared], [theirs[place] for place in shared])


def paired_sets(candidate: Samples, baseline: Samples) -> NDArray[np.int64]:
    """The set of processes of each of :func:`paired_log_ratios`' blocks, [n_blocks]."""
    theirs = _by_block(baseline)
    return np.asarray([place[0] for place in _by_block(candidate) if place in theirs], dtype=np.int64)


def _measure_set(
    factories: Mapping[str, ServiceFactory],
    requests: Sequence[Request],
    clock: Clock,
    settings: ArmsSettings,
    into: tuple[int, Recorder],
) -> None:
    set_index, recorder = into
    with ServiceSet(factories, requests, clock, settings.warm_up, at_once=settings.at_once) as services:
        # The slower arm decides: identical queries for all, and a turn of it stays short.
        sizes = [block_size(warm.probe_ns, settings.block) for warm in services.warm_ups.values()]
        for block in range(settings.blocks_per_set):
            if services.failures:
                break
            key = (settings.seed, set_index, block)
            queries = round_requests(requests, key, min(sizes))
            for name in turn_order(list(factories), key, mirrored=True):
                if name in services.live:
                    recorder.samples[name].append(services.run(name, queries, Place(set_index, block)))
        if settings.after is not None:
            settings.after(services, set_index, recorder)
        recorder.keep_set(services)


def _by_block(samples: Samples) -> dict[tuple[int, int], FloatArray]:
    places = np.stack([samples.set_index, samples.block], axis=1)
    latencies = samples.service_ns.astype(np.float64)
    served = ~samples.dropped
    return {
        (int(place[0]), int(place[1])): latencies[served & (places == place).all(axis=1)]
        for place in np.unique(places[served], axis=0)
    }


def _words(estimate: RatioEstimate | None) -> str:
    if estimate is None or estimate.interval is None:
        return "unknown"
    interval = estimate.interval
    return (
        f"{estimate.ratio:.3f} ({interval.low:.3f} to {interval.high:.3f}, {estimate.n_blocks} blocks, "
        f"{interval.confidence:.0%})"
    )
