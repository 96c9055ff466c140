"""Open-loop statistics: intervals that hold the truth though waits are correlated, or say why not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.stats import quantile_interval
from harness.timing.open_loop import draw_arrivals, run_open_loop
from harness.timing.samples import Place, Samples, concatenate, from_columns, from_rows
from harness.timing.summary import PERCENTILES
from harness.timing.waits import open_loop_summary, utilisation
from scripted import ScriptedService, VirtualClock, fixed, requests_of

MS = 1_000_000


def opened(n: int, load: float, seed: int, set_index: int = 0) -> Samples:
    clock = VirtualClock()
    return run_open_loop(
        ScriptedService(clock, fixed(10 * MS)),
        requests_of([4]),
        draw_arrivals(100 * load, n, seed),
        clock,
        place=Place(set_index),
    )


def queue(n: int, load: float, seed: int, *, exponential: bool) -> Samples:
    """M/M/1 or M/D/1 without a service: Lindley's recursion unrolled, as columns."""
    arrivals = draw_arrivals(100 * load, n, seed)
    drawn = np.random.default_rng([seed, 1]).exponential(10 * MS, n)
    times = drawn.astype(np.int64) if exponential else np.full(n, 10 * MS)
    before = np.concatenate([[0], np.cumsum(times)[:-1]])
    started = np.maximum.accumulate(arrivals - before) + before
    nothing = {name: np.zeros(n, np.int64) for name in from_rows([], Place()).columns()}
    return from_columns(
        {
            **nothing,
            "request_id": np.full(n, "q"),
            "scheduled_ns": arrivals,
            "started_ns": started,
            "ended_ns": started + times,
            "service_ns": times,
        }
    )


@pytest.mark.parametrize("exponential", [False, True])
@pytest.mark.parametrize(("n", "load"), [(300, 0.5), (1_000, 0.5), (1_000, 0.7), (5_000, 0.7), (5_000, 0.9)])
def test_coverage_wherever_an_interval_is_given(n, load, exponential):
    if exponential:  # M/M/1: the latency is exponential with the difference of the two rates
        quantiles = {p: -math.log(1 - p) / (1 - load) * 10 * MS for p in PERCENTILES}
    else:
        truth = queue(1_000_000, load, seed=10**6, exponential=False).sojourn_ns
        quantiles = {p: np.quantile(truth, p) for p in PERCENTILES}
    held = {p: [] for p in quantiles}
    for seed in range(120):
        summary = open_loop_summary(queue(n, load, seed, exponential=exponential))
        for p, value in quantiles.items():
            if (interval := summary.percentiles[p].interval) is not None:
                held[p].append(interval.contains(value))
    for p, hits in held.items():
        assert not hits or np.mean(hits) >= 0.90, f"p{100 * p:g}: {np.mean(hits):.1%} of {len(hits)}"
    assert len(held[0.5]) > 100


def test_an_interval_by_the_load_asked_for_shows_no_lucky_runs():
    """By a run's own load those are shown whose queries were quick, and whose waits are low with them."""
    truth = -math.log(0.5) / 0.3 * 10 * MS
    runs = [queue(373, 0.7, seed, exponential=True) for seed in range(150)]

    def shown(load: float | None) -> float:
        found = [open_loop_summary(run, load=load).percentiles[0.5] for run in runs]
        return float(np.mean([one.value / truth for one in found if one.interval is not None]))

    assert shown(None) < 0.93
    assert shown(0.7) > 0.95


def test_a_service_that_is_slower_under_load_is_judged_by_its_own():
    slow = queue(3_000, 0.9, seed=0, exponential=False)
    assert open_loop_summary(slow, load=0.5).percentiles[0.9].interval is None
    assert open_loop_summary(slow, load=0.89).percentiles[0.5].interval is not None


def test_the_binomial_would_be_wrong():
    truth = np.quantile(queue(1_000_000, 0.9, seed=10**6, exponential=False).sojourn_ns, 0.5)
    runs = [queue(5_000, 0.9, seed, exponential=False).sojourn_ns for seed in range(60)]
    assert np.mean([quantile_interval(run, 0.5).contains(truth) for run in runs]) < 0.6


def test_an_interval_is_around_its_value():
    statistic = open_loop_summary(opened(3_000, 0.6, seed=4)).percentiles[0.9]
    assert statistic.interval.method == "batch-means"
    assert statistic.interval.low < statistic.value < statistic.interval.high
    assert statistic.reason is None


def test_too_short_a_run_has_a_value_and_says_how_long_it_should_be():
    statistic = open_loop_summary(opened(500, 0.5, seed=0)).percentiles[0.99]
    assert statistic.value is not None
    assert statistic.interval is None
    assert statistic.reason == "waits are correlated: 500 queries; an interval needs about 3196 at this load"


def test_batches_do_not_span_sets():
    parts = [opened(700, 0.5, seed=i, set_index=i) for i in range(5)]
    together = concatenate(parts)
    assert utilisation(together) == pytest.approx(0.5, rel=0.01)
    statistic = open_loop_summary(together).percentiles[0.99]
    assert statistic.count == 3_500
    assert statistic.interval is not None


def test_utilisation():
    assert utilisation(opened(2_000, 0.7, seed=1)) == pytest.approx(0.7, rel=0.01)
    assert utilisation(from_rows([], Place())) is None
    assert utilisation(opened(1, 0.7, seed=1)) is None
    assert utilisation(queue(300, 1.4, seed=0, exponential=False)) == pytest.approx(1.4, rel=0.02)
    columns = {**opened(50, 0.5, seed=0).columns(), "dropped": np.ones(50, bool)}
    assert utilisation(from_columns(columns)) == math.inf
    summary = open_loop_summary(from_columns(columns))
    assert (summary.dropped, summary.mean, summary.percentiles[0.5].value) == (50, None, math.inf)
