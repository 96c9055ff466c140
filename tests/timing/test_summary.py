"""Statistics from samples: a value and an interval only where the count allows them."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats import quantile_interval
from harness.timing.clock import NS_PER_S, VirtualClock
from harness.timing.closed_loop import run_block
from harness.timing.open_loop import draw_arrivals, run_open_loop
from harness.timing.samples import Place, Samples, concatenate, from_columns, from_rows
from harness.timing.summary import (
    capacity_per_s,
    closed_loop_summary,
    open_loop_summary,
    stage_summary,
)
from harness.timing.testing import ScriptedService, fixed, noisy, requests_of

MS = 1_000_000


def closed(n: int, script=None) -> Samples:
    clock = VirtualClock()
    return run_block(ScriptedService(clock, script or noisy(MS, 0.3, seed=n)), requests_of([4] * n), clock)


@pytest.mark.parametrize(("n", "given"), [(5, []), (6, [0.5]), (36, [0.5, 0.9]), (367, [0.5, 0.9, 0.95])])
def test_percentiles_begin_at_their_counts(n, given):
    summary = closed_loop_summary(closed(n))
    assert [p for p, statistic in summary.percentiles.items() if statistic.value is not None] == given
    for p, statistic in summary.percentiles.items():
        assert (statistic.value is None) == (statistic.interval is None) == (p not in given)
        assert (statistic.count, statistic.unit) == (n, "ns")
    assert summary.percentiles[0.99].reason == f"needs 368 samples, has {n}"


def test_closed_intervals_are_binomial():
    samples = closed(500)
    statistic = closed_loop_summary(samples).percentiles[0.95]
    assert statistic.interval == quantile_interval(samples.service_ns, 0.95)
    assert statistic.interval.low <= statistic.value <= statistic.interval.high


def opened(n: int, load: float, seed: int, set_index: int = 0) -> Samples:
    clock = VirtualClock()
    return run_open_loop(
        ScriptedService(clock, fixed(10 * MS)),
        requests_of([4]),
        draw_arrivals(100 * load, n, seed),
        clock,
        place=Place(set_index),
    )


def test_open_intervals_come_from_batches_and_are_wider_than_the_binomial():
    samples = opened(3_000, 0.9, seed=4)
    statistic = open_loop_summary(samples).percentiles[0.9]
    binomial = quantile_interval(samples.sojourn_ns, 0.9)
    assert statistic.interval.method == "batch-percentiles"
    assert statistic.interval.high - statistic.interval.low > 1.5 * (binomial.high - binomial.low)
    assert open_loop_summary(samples).autocorrelation > 0.8


def test_open_intervals_hold_the_truth_far_more_often_than_the_binomial():
    truth = {p: np.quantile(opened(60_000, 0.7, seed=10**6).sojourn_ns, p) for p in (0.5, 0.9)}
    held = {p: [0, 0] for p in truth}
    for seed in range(60):
        samples = opened(1_000, 0.7, seed)
        for p, value in truth.items():
            held[p][0] += open_loop_summary(samples).percentiles[p].interval.contains(value)
            held[p][1] += quantile_interval(samples.sojourn_ns, p).contains(value)
    assert held[0.9][0] >= 52 > held[0.9][1]
    assert held[0.5][0] >= 52 > held[0.5][1]


def test_few_batches_give_a_value_without_an_interval():
    statistic = open_loop_summary(opened(500, 0.5, seed=0)).percentiles[0.99]
    assert statistic.value is not None
    assert statistic.interval is None
    assert "too few batches" in statistic.reason


def test_batches_do_not_span_sets():
    parts = [opened(700, 0.5, seed=i, set_index=i) for i in range(3)]
    statistic = open_loop_summary(concatenate(parts)).percentiles[0.99]
    assert statistic.count == 2_100
    assert statistic.interval is not None
    short = [opened(90, 0.5, seed=i, set_index=i) for i in range(20)]
    assert open_loop_summary(concatenate(short)).percentiles[0.99].interval is None


def test_stages_add_up_to_the_whole():
    stages = stage_summary(closed(50, fixed(10 * MS)))
    assert stages.mean_ns == {"encode": 9 * MS, "tokenise": MS}
    assert stages.share == {"encode": 0.9, "tokenise": 0.1}
    assert stages.accounted == pytest.approx(1.0)
    assert stage_summary(from_rows([], Place())) is None


def test_a_breakdown_with_a_gap_says_so():
    columns = {**closed(10, fixed(10 * MS)).columns()}
    columns["stage_encode_ns"] = columns["stage_encode_ns"] // 2
    assert stage_summary(from_columns(columns)).accounted == pytest.approx(0.55)


def test_capacity_is_of_the_mean():
    samples = closed(100, lambda call, now_ns: MS if call % 2 else 3 * MS)
    assert capacity_per_s(samples) == NS_PER_S / (2 * MS)
    assert capacity_per_s(from_rows([], Place())) is None
