"""Raw series: to a table and back, and the same figures from both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.timing import figures
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import run_block
from harness.timing.counters import WorkCounters
from harness.timing.load_curve import LoadSettings, measure_load
from harness.timing.offline import OfflineRepeat
from harness.timing.profiles import Quota
from harness.timing.record import (
    closed_loop_record,
    from_table,
    joined,
    load_record,
    load_samples,
    offline_record,
    series,
    shifted,
    table_columns,
    work_record,
)
from harness.timing.samples import Place
from harness.timing.waits import open_loop_summary
from scripted import ScriptedService, VirtualClock, fixed, noisy, requests_of

MS = 1_000_000
REQUESTS = requests_of(range(1, 21))


def read_back(records):
    return from_table({name: np.asarray(column) for name, column in table_columns(records).items()})


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "baseline:a"]),
        st.dictionaries(
            st.sampled_from(["latency", "stage.encode", "load.00.rate"]),
            st.lists(st.floats(0, 1e6), min_size=1, max_size=5),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_a_table_gives_back_what_it_was_made_of(values):
    records = {p: {name: series("ms", v) for name, v in some.items()} for p, some in values.items()}
    again = read_back(records)
    assert list(again) == list(records)
    for pipeline, record in records.items():
        for name, one in record.items():
            assert again[pipeline][name].value.tolist() == one.value.tolist()
            assert again[pipeline][name].unit == one.unit


def test_an_open_loop_is_the_same_after_the_table():
    clock = VirtualClock(7 * NS_PER_S)
    service = ScriptedService(clock, noisy(8 * MS, 0.2, 1))
    point = measure_load(service, REQUESTS, clock, 80.0, LoadSettings(Quota(10 * NS_PER_S, 500)))
    again = read_back({"a": load_record(3, 80.0, point.samples)})["a"]
    rate, samples = load_samples(again, 3)
    assert rate == 80.0
    assert samples.sojourn_ns.tolist() == point.samples.sojourn_ns.tolist()
    assert open_loop_summary(samples) == point.summary


def test_a_dropped_query_is_infinite_in_the_table_and_no_figure():
    clock = VirtualClock()
    service = ScriptedService(clock, fixed(100 * MS))
    settings = LoadSettings(Quota(NS_PER_S, 60), queue=2)
    point = measure_load(service, REQUESTS, clock, 30.0, settings)
    record = load_record(0, 30.0, point.samples)
    assert point.samples.dropped.any()
    assert np.isinf(record["load.00.ended"].value).sum() == point.samples.dropped.sum()
    (told,) = figures.load(joined([record]))
    assert told["dropped"] == point.samples.dropped.sum()
    assert not told["valid"]
    assert told["p50"]["value"] is None
    assert "overload" in told["reason"]


def test_latency_is_in_milliseconds_with_its_count():
    clock = VirtualClock()
    samples = run_block(ScriptedService(clock, fixed(3 * MS)), REQUESTS * 4, clock, place=Place(1, 2))
    record = closed_loop_record(samples)
    made = figures.latency(record)
    assert made["p50"] == {
        "value": 3.0,
        "n": 80,
        "interval": {"low": 3.0, "high": 3.0, "confidence": 0.95, "method": "binomial"},
    }
    assert made["p99"]["value"] is None
    assert made["reached"] == {"seconds": pytest.approx(0.24), "count": 80}
    assert figures.capacity_per_s(record) == pytest.approx(1000 / 3)
    assert figures.counters(work_record(samples))["tokens"] == 4 * sum(range(1, 21))
    assert figures.derived({})["latency"] is None


def test_stages_that_do_not_add_up_are_seen():
    clock = VirtualClock()
    record = dict(closed_loop_record(run_block(ScriptedService(clock, fixed(10 * MS)), REQUESTS, clock)))
    record["stage.encode"] = series("ms", record["stage.encode"].value / 2)
    assert figures.stages(record)["sum_ratio"] == pytest.approx(0.55)
    assert figures.stages(record)["other"]["value"] == pytest.approx(4.5)


def test_a_control_without_blocks_is_no_proof_of_a_quiet_machine():
    assert figures.control(np.zeros(3))["noisy"] is True
    assert figures.control(np.zeros(8))["noisy"] is False
    assert figures.control(np.full(8, 0.2))["noisy"] is True


def test_the_ratio_of_repeats_is_their_geometric_mean():
    ratio = figures.repeats_ratio([2.0, 8.0], [1.0, 2.0])
    assert ratio["value"] == pytest.approx(np.sqrt(8.0))
    assert ratio["n"] == 2
    assert figures.repeats_ratio([], [])["value"] is None


def test_throughput_is_what_was_processed_over_the_time_it_took():
    repeats = [OfflineRepeat(100, 2 * NS_PER_S, WorkCounters(4, 1000, 1500, 0, 0))] * 3
    record = joined([offline_record("queries", repeats, 0), offline_record("documents", repeats, 0)])
    made = figures.throughput(record)
    assert made["queries_per_s"]["value"] == 50.0
    assert made["documents_per_s"]["n"] == 3
    assert made["tokens_per_s"]["value"] == 500.0
    assert made["padded_tokens_per_s"]["value"] == 750.0
    assert "pairs_per_s" not in made


def test_a_rate_on_a_noisy_machine_has_no_negative_limit():
    repeats = [OfflineRepeat(n, NS_PER_S, WorkCounters(0, 0, 0, 0, 0)) for n in (40, 95)]
    made = figures.throughput(offline_record("queries", repeats, 0))["queries_per_s"]
    half = scipy_stats.t.ppf(0.975, 1) * np.log(95 / 40) / 2
    assert made["interval"]["low"] == pytest.approx(np.sqrt(40 * 95) * np.exp(-half))
    assert made["interval"]["high"] == pytest.approx(np.sqrt(40 * 95) * np.exp(half))
    assert 0 < made["interval"]["low"] < made["value"] < made["interval"]["high"]


def test_rates_without_likeness_have_no_interval():
    repeats = [OfflineRepeat(n, NS_PER_S, WorkCounters(0, 0, 0, 0, 0)) for n in (1, 10**60)]
    made = figures.throughput(offline_record("queries", repeats, 0))["queries_per_s"]
    assert made["interval"] is None


def test_what_remains_of_stages_that_sum_has_no_interval_of_no_width():
    whole = series("ms", [0.3, 0.7, 1.1])
    parts = {"stage.a": series("ms", [0.1, 0.3, 0.4]), "stage.b": series("ms", [0.2, 0.4, 0.7])}
    other = figures.stages({"latency": whole, **parts})["other"]
    assert (other["value"], other["interval"]) == (0.0, None)


def test_pairs_come_with_the_queries_that_are_reranked():
    repeats = [OfflineRepeat(10, NS_PER_S, WorkCounters(4, 1000, 1500, 200, 0))]
    made = figures.throughput(offline_record("queries", repeats, 0))
    assert made["pairs_per_s"]["value"] == 200.0
    assert made["pairs_per_s"]["interval"] is None


def test_sets_measured_apart_share_no_block():
    record = {"latency": series("ms", [1.0, 2.0], sets=[0, 1])}
    assert shifted(record, 2)["latency"].set_index.tolist() == [2, 3]
