"""Closed loop, blocks and profiles: how much is measured, in which order, and what a failure leaves."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import NotComparableError, UsageError
from harness.timing.blocks import ServiceSet, measure_closed_loop, round_requests, turn_order
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import block_size, run_block
from harness.timing.profiles import PROFILES, Quota, profile_named
from harness.timing.service import ServiceError
from harness.timing.warmup import WarmUpRule
from scripted import ScriptedService, VirtualClock, fixed, requests_of

MS = 1_000_000
REQUESTS = requests_of(range(1, 31))


def test_profiles_are_the_table_of_the_method():
    table = {
        name: (p.closed.duration_ns / 1e9, p.closed.count, p.sets, p.offline_ns / 1e9, p.offline_repeats)
        for name, p in PROFILES.items()
        if p
    }
    assert table == {
        "smoke": (1, 20, 1, 1, 1),
        "quick": (5, 100, 1, 3, 2),
        "ci": (10, 200, 3, 10, 5),
        "laptop": (30, 1_000, 5, 30, 5),
        "server": (60, 2_000, 5, 60, 5),
    }
    open_loops = {
        name: p.open and (p.open.duration_ns / 1e9, p.open.count) for name, p in PROFILES.items() if p
    }
    assert open_loops == {
        "smoke": None,
        "quick": None,
        "ci": (20, 200),
        "laptop": (60, 1_000),
        "server": (120, 5_000),
    }
    assert profile_named("off") is None
    with pytest.raises(UsageError, match=r"'servr' \(did you mean 'server'\?\)"):
        profile_named("servr")


@given(
    duration=st.integers(1, 10**6),
    count=st.integers(1, 10**4),
    elapsed=st.integers(0, 10**7),
    n=st.integers(0, 10**5),
)
def test_quota_needs_both_but_never_over_four_times_the_duration(duration, count, elapsed, n):
    quota = Quota(duration, count)
    assert quota.reached(elapsed, n) == (elapsed >= duration and n >= count)
    assert quota.over(elapsed, n) == (quota.reached(elapsed, n) or elapsed >= 4 * duration)
    assert quota.share(3).count * 3 >= count


@pytest.mark.parametrize(("rate", "arrivals"), [(5, 200), (10, 200), (100, 2_000), (2, 140), (0.001, 1)])
def test_arrivals_of_a_quota_of_20_seconds_and_200(rate, arrivals):
    assert Quota(20 * NS_PER_S, 200).arrivals(rate) == arrivals


@pytest.mark.parametrize(
    ("latency_ms", "queries"), [(0.5, 2_000), (10, 100), (50, 20), (100, 20), (101, 10), (400, 5), (3_000, 5)]
)
def test_blocks_are_a_second_and_twenty_queries_or_five_slow_ones(latency_ms, queries):
    assert block_size(latency_ms * MS) == queries


def test_impossible_latency():
    with pytest.raises(ValueError, match="must be positive"):
        block_size(0)


def test_a_block_ends_with_its_budget():
    clock = VirtualClock()
    samples = run_block(ScriptedService(clock, fixed(10)), REQUESTS, clock, budget_ns=45)
    assert len(samples) == 5


def test_orders_are_mirrored_and_drawn_anew():
    orders = {turn_order("ABC", (0, 0, turn), mirrored=True) for turn in range(60)}
    assert len(orders) == 6
    assert all(order == order[::-1] and sorted(order[:3]) == ["A", "B", "C"] for order in orders)
    two = Counter("".join(turn_order("AB", (1, 0, turn), mirrored=True)) for turn in range(200))
    assert set(two) == {"ABBA", "BAAB"}
    assert min(two.values()) > 70
    assert turn_order("ABC", (0, 0, 1), mirrored=False) == turn_order("ABC", (0, 0, 1), mirrored=False)


def test_a_round_holds_each_query_before_any_twice():
    queries = round_requests(REQUESTS, (0, 0, 0), 45)
    assert len({query.id for query in queries[:30]}) == 30
    assert queries[30:] == queries[:15]
    assert round_requests(REQUESTS, (0, 0, 1), 45) != queries


def measure(services, profile="ci", requests=REQUESTS):
    clock = VirtualClock()
    started: dict[str, list[ScriptedService]] = {name: [] for name in services}

    def factory(name, arguments):
        def start():
            started[name].append(ScriptedService(clock, **arguments))
            return started[name][-1]

        return start

    factories = {name: factory(name, arguments) for name, arguments in services.items()}
    return measure_closed_loop(factories, requests, profile_named(profile), clock), started


def test_every_pipeline_reaches_its_quota_over_sets_of_fresh_services():
    measured, started = measure(
        {name: {"script": fixed(ms * MS)} for name, ms in {"a": 3, "b": 20, "c": 70}.items()}
    )
    for name, result in measured.items():
        assert (result.quota_met, result.failure) == (True, None)
        assert result.samples.service_ns.sum() >= 10 * NS_PER_S
        assert len(result.samples) >= 200
        assert np.unique(result.samples.set_index).tolist() == [0, 1, 2]
        assert len(result.warm_ups) == len(result.infos) == len(started[name]) == 3
        assert all(service.closed for service in started[name])
        assert result.samples.service_ns.sum() <= 20 * NS_PER_S


def test_services_share_the_rounds_and_their_queries():
    measured, _ = measure({"a": {"script": fixed(30 * MS)}, "b": {"script": fixed(40 * MS)}})
    a, b = measured["a"].samples, measured["b"].samples
    for block in np.unique(b.block):
        mine, theirs = (s.request_id[(s.block == block) & (s.set_index == 0)] for s in (a, b))
        shortest = len(theirs) // 2  # mirrored: twice the same queries
        assert list(mine[:shortest]) == list(theirs[:shortest])


def test_two_services_take_turns_in_mirrored_blocks():
    measured, _ = measure({"a": {"script": fixed(30 * MS)}, "b": {"script": fixed(30 * MS)}})
    turns = sorted(
        (int(s.started_ns[i]), name)
        for name, s in ((name, result.samples) for name, result in measured.items())
        for i in range(len(s))
        if s.set_index[i] == 0 and s.block[i] == 0
    )
    order = [name for i, (_, name) in enumerate(turns) if i == 0 or turns[i - 1][1] != name]
    assert order in (["a", "b", "a"], ["b", "a", "b"])


def test_a_very_slow_pipeline_stops_at_four_times_the_duration_and_says_so():
    measured, _ = measure({"slow": {"script": fixed(3 * NS_PER_S)}}, profile="quick")
    result = measured["slow"]
    assert not result.quota_met
    assert result.samples.service_ns.sum() == 21 * NS_PER_S  # the query under way at 20 s is not cut short
    assert len(result.samples) == 7


@pytest.mark.parametrize("dies_on", [0, 5, 900])
def test_one_that_dies_is_left_out_and_the_others_finish(dies_on):
    measured, started = measure(
        {"dies": {"script": fixed(3 * MS), "dies_on": dies_on}, "lives": {"script": fixed(9 * MS)}}
    )
    assert measured["dies"].failure == f"service 'stub' died on call {dies_on}"
    assert not measured["dies"].quota_met
    assert len(started["dies"]) == 1
    assert measured["lives"].quota_met
    assert all(service.closed for services in started.values() for service in services)


def test_one_that_does_not_start_is_left_out():
    clock = VirtualClock()

    def broken():
        raise ServiceError("no such model")

    measured = measure_closed_loop(
        {"broken": broken, "fine": lambda: ScriptedService(clock, fixed(MS))},
        REQUESTS,
        profile_named("smoke"),
        clock,
    )
    assert measured["broken"].failure == "no such model"
    assert len(measured["broken"].samples) == 0
    assert measured["fine"].quota_met


def test_services_are_closed_where_something_else_goes_wrong():
    clock = VirtualClock()
    service = ScriptedService(clock, lambda call, now_ns: 1 // 0)
    with pytest.raises(ZeroDivisionError), ServiceSet({"a": lambda: service}, REQUESTS, clock, WarmUpRule()):
        pass
    assert service.closed


def test_nothing_to_measure():
    with pytest.raises(NotComparableError, match="1 services and 0 queries"):
        measure({"a": {"script": fixed(1)}}, requests=())
    with pytest.raises(NotComparableError, match="0 services"):
        measure({})
