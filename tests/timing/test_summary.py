"""Statistics from samples: a value and an interval only where the count allows them."""

from __future__ import annotations

import pytest

from harness.stats import quantile_interval
from harness.timing.clock import NS_PER_S, VirtualClock
from harness.timing.closed_loop import run_block
from harness.timing.samples import Place, Samples, from_columns, from_rows
from harness.timing.summary import (
    capacity_per_s,
    closed_loop_summary,
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
