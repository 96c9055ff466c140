"""Two arms on a virtual machine that drifts: no false alarm, and a planted slow-down is found."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import NotComparableError
from harness.stats import SlowdownRule, false_alarm_rate, judge_slowdown
from harness.timing.arms import ArmsSettings, judge_arms, measure_arms, paired_log_ratios, paired_sets
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import BlockRule, run_block
from harness.timing.samples import Place
from harness.timing.service import ServiceError
from harness.timing.warmup import WarmUpRule
from scripted import ScriptedService, VirtualClock, drifting, fixed, noisy, requests_of

MS = 1_000_000
REQUESTS = requests_of(range(1, 41))
# Short turns and warm-up: what takes time here is Python, not the virtual second.
SETTINGS = ArmsSettings(
    warm_up=WarmUpRule(min_ns=0, give_up_ns=NS_PER_S), block=BlockRule(duration_ns=NS_PER_S // 5)
)


def arms(slowdown: float, spread: float = 0.05, seed: int = 0, settings: ArmsSettings = SETTINGS):
    """Arms on one machine that slows by 60 % an hour of virtual time, with a noise of ``spread`` a query."""
    clock = VirtualClock()
    seeds = iter(range(1_000 * seed, 1_000 * seed + 1_000))

    def start(factor):
        return ScriptedService(clock, drifting(noisy(int(factor * 10 * MS), spread, next(seeds)), 60.0))

    return measure_arms(lambda: start(slowdown), lambda: start(1.0), REQUESTS, clock, settings)


def test_equal_arms_pass_after_twelve_blocks_in_three_sets():
    result = arms(1.0)
    assert (result.verdict, result.ratio.n_blocks) == ("pass", 12)
    assert result.ratio.interval.contains(1.0)
    assert result.control_ratio.interval.contains(1.0)
    assert np.unique(result.measured["candidate"].samples.set_index).tolist() == [0, 1, 2]
    assert {len(arm.warm_ups) for arm in result.measured.values()} == {3}


def test_drift_within_the_blocks_cancels():
    clock = VirtualClock()
    result = measure_arms(
        *[lambda: ScriptedService(clock, drifting(fixed(10 * MS), 600.0))] * 2, REQUESTS, clock, SETTINGS
    )
    assert result.ratio.ratio == pytest.approx(1.0, abs=1e-3)


def test_a_slow_candidate_fails():
    result = arms(1.10)
    assert result.verdict == "fail"
    assert result.ratio.ratio == pytest.approx(1.10, abs=0.02)
    assert "the candidate takes 1.1" in result.reason


def test_a_faster_candidate_passes():
    assert arms(0.5).verdict == "pass"


def test_an_undecided_one_is_extended_once_to_twenty_blocks():
    result = arms(1.07, spread=0.3, settings=ArmsSettings(**{**vars(SETTINGS), "control": False}))
    assert (result.verdict, result.ratio.n_blocks) == ("inconclusive", 20)
    assert len(result.measured["baseline"].warm_ups) == 5
    assert "control" not in result.measured


def test_processes_that_differ_among_themselves_are_no_proof():
    clock, factors = VirtualClock(), iter([1.07, 1.12, 1.17, 1.22, 1.27])

    def start(factor):
        return ScriptedService(clock, fixed(int(factor * 10 * MS)))

    settings = ArmsSettings(**{**vars(SETTINGS), "control": False})
    result = measure_arms(lambda: start(next(factors)), lambda: start(1.0), REQUESTS, clock, settings)
    samples = [result.measured[arm].samples for arm in ("candidate", "baseline")]
    assert paired_sets(*samples).tolist() == [set_index for set_index in range(5) for _ in range(4)]
    first = paired_log_ratios(*samples)[:12]
    assert (judge_slowdown(first), judge_slowdown(first, sets=paired_sets(*samples)[:12])) == (
        "fail",
        "extend",
    )
    assert (result.ratio.n_blocks, result.ratio.n_sets) == (20, 5)
    assert result.ratio.interval.method == "signed-rank and sets"


def test_a_noisy_machine_is_invalid():
    result = arms(1.0, spread=1.5)
    assert result.verdict == "invalid"
    assert "too noisy" in result.reason


def test_false_alarms_are_rare_and_power_is_high():
    quick = ArmsSettings(**{**vars(SETTINGS), "block": BlockRule(duration_ns=1, queries=5), "control": False})
    assert [arms(1.0, 0.08, seed, quick).verdict for seed in range(20)].count("fail") == 0
    assert [arms(1.12, 0.05, seed, quick).verdict for seed in range(20)].count("pass") <= 1


def test_the_recorded_control_tells_the_rules_false_alarm_rate():
    result = arms(1.0, spread=0.2)
    logs = paired_log_ratios(result.measured["control"].samples, result.measured["baseline"].samples)
    assert false_alarm_rate(logs, n_resamples=300) <= 0.05
    assert false_alarm_rate(logs + np.log(1.5), n_resamples=50) == 1.0


def test_the_verdict_can_be_recomputed_from_the_samples():
    result = arms(1.10)
    assert judge_arms(result.measured, SlowdownRule()) == result


def test_an_arm_that_dies_makes_the_comparison_invalid():
    clock = VirtualClock()
    result = measure_arms(
        lambda: ScriptedService(clock, fixed(10 * MS), name="new", dies_on=60),
        lambda: ScriptedService(clock, fixed(10 * MS)),
        REQUESTS,
        clock,
        SETTINGS,
    )
    assert (result.verdict, result.ratio) == ("invalid", None)
    assert result.reason == "candidate: service 'new' died on call 60"


def test_an_arm_that_does_not_start_makes_the_comparison_invalid():
    def broken():
        raise ServiceError("no such interpreter")

    clock = VirtualClock()
    result = measure_arms(broken, lambda: ScriptedService(clock, fixed(10 * MS)), REQUESTS, clock, SETTINGS)
    assert (result.verdict, result.reason) == ("invalid", "candidate: no such interpreter")


def test_samples_of_different_blocks_do_not_compare():
    clock = VirtualClock()
    parts = [
        run_block(ScriptedService(clock, fixed(MS)), REQUESTS, clock, place=Place(block=block))
        for block in (0, 1)
    ]
    with pytest.raises(NotComparableError, match="not measured in the same blocks"):
        paired_log_ratios(*parts)
