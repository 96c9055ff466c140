"""Statistics from samples: a value and an interval only where the count allows them."""

from __future__ import annotations

import pytest

from harness.stats import quantile_interval
from harness.timing import figures
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import run_block
from harness.timing.record import closed_loop_record
from harness.timing.samples import Place, Samples, from_rows
from harness.timing.summary import capacity_per_s
from scripted import ScriptedService, VirtualClock, fixed, noisy, requests_of

MS = 1_000_000


def closed(n: int, script=None) -> Samples:
    clock = VirtualClock()
    return run_block(ScriptedService(clock, script or noisy(MS, 0.3, seed=n)), requests_of([4] * n), clock)


@pytest.mark.parametrize(
    ("n", "given"), [(5, []), (6, ["p50"]), (36, ["p50", "p90"]), (367, ["p50", "p90", "p95"])]
)
def test_percentiles_begin_at_their_counts(n, given):
    made = figures.latency(closed_loop_record(closed(n)))
    told = {name: made[name] for name in ("p50", "p90", "p95", "p99")}
    assert [name for name, figure in told.items() if figure["value"] is not None] == given
    for name, figure in told.items():
        assert (figure["value"] is None) == (figure["interval"] is None) == (name not in given)
        assert figure["n"] == n
    assert told["p99"]["reason"] == f"needs 368 samples, has {n}"


def test_closed_intervals_are_binomial():
    samples = closed(500)
    figure = figures.latency(closed_loop_record(samples))["p95"]
    found = quantile_interval(samples.service_ns / MS, 0.95)
    assert figure["interval"] == {
        "low": found.low,
        "high": found.high,
        "confidence": 0.95,
        "method": "binomial",
    }
    assert found.low <= figure["value"] <= found.high


def test_stages_add_up_to_the_whole():
    made = figures.stages(closed_loop_record(closed(50, fixed(10 * MS))))
    assert (made["encode"]["value"], made["tokenise"]["value"]) == (9.0, 1.0)
    assert made["sum_ratio"] == pytest.approx(1.0)
    assert figures.stages(closed_loop_record(from_rows([], Place()))) is None


def test_capacity_is_of_the_mean():
    samples = closed(100, lambda call, now_ns: MS if call % 2 else 3 * MS)
    assert capacity_per_s(samples) == NS_PER_S / (2 * MS)
    assert capacity_per_s(from_rows([], Place())) is None
