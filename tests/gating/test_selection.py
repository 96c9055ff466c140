"""select: constraints, the front, the reasons, and arithmetic that is redone here by hand."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.compare.evidence import Evidence, load
from harness.errors import BundleError, NotComparableError, UsageError
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.schema import Figure, Latency, LoadPoint, Timing
from harness.selection import Needs, Price, parse_size, parse_time, select
from harness.selection.costs import costs_from
from harness.selection.validation import cross_validated
from harness.stats import Interval

LATENCIES = {"good": 40.0, "near": 10.0, "bad": 1.0, "first": 2.0, "two": 30.0}


def test_without_constraints_the_best_is_recommended_and_ties_are_named(plain: Path) -> None:
    found = select([plain])
    quality = {c.label: c.quality["ndcg@10"] for c in found.candidates}
    assert found.recommended == max(quality, key=lambda label: quality[label])
    assert "near" in (*found.open, found.recommended)
    assert "bad" not in found.open
    assert found.tied == ()  # nobody said what would be equal
    assert found.exit_code == 0
    assert sum(c.front_probability for c in found.candidates) == pytest.approx(1.0)
    assert list(found.frame()["pipeline"]) == [c.label for c in found.candidates]


def test_arms_of_a_baseline_are_no_choice(scored: Path) -> None:
    assert all(not c.label.startswith("baseline:") for c in select([scored]).candidates)


def test_latency_constraint_its_price_and_the_cheaper_tie(timed: Callable[..., Path]) -> None:
    folder = timed(LATENCIES)
    free, bound = select([folder]), select([folder], Needs(max_p95_ms=20))
    assert bound.recommended == "near"
    assert {c.label for c in bound.candidates if not c.fits} == {"good", "two"}
    best = free.recommended
    evidence = load(bundles.read(folder))
    (price,) = bound.prices
    if best != "near":
        assert price.instead == best
        assert price.comparison is not None
        assert price.comparison.delta == pytest.approx(
            (evidence.of(best or "", "ndcg@10") - evidence.of("near", "ndcg@10")).mean()
        )
    assert any("could be up to" in text for text in free.reasons)
    assert not any("tied" in text.lower() for text in free.reasons)


def test_the_front_is_that_of_p95_and_quality(timed: Callable[..., Path]) -> None:
    found = select([timed(LATENCIES)])
    assert found.axis == "p95"
    points = {c.label: (c.quality["ndcg@10"], c.costs.p95_ms or math.nan) for c in found.candidates}
    for c in found.candidates:
        mine = points[c.label]
        dominated = any(q >= mine[0] and t <= mine[1] and (q, t) != mine for q, t in points.values())
        assert c.on_front != dominated
        assert 0 <= c.front_probability <= 1
    assert {c.label: c.front_probability for c in found.candidates}["bad"] == 1.0  # nothing is faster


def test_costs_by_hand(timed: Callable[..., Path]) -> None:
    found = select([timed(LATENCIES)], Needs(price=Price(0.5, 1e8, 0.7)))
    for c in found.candidates:
        per_hour = 1000.0 / LATENCIES[c.label] * 0.7 * 3600
        machines = max(1, math.ceil(1e8 / (per_hour * 730)))
        assert c.costs.machines == machines
        assert c.costs.per_million == pytest.approx(machines * 0.5 * 730 / 100)
        assert c.costs.index_build == pytest.approx(36 / 3600 * 0.5)
    assert found.axis == "cost"
    assert len(found.arithmetic) == 10
    busy = select([timed(LATENCIES, name="t2")], Needs(price=Price(0.5)))
    near = next(c for c in busy.candidates if c.label == "near")
    assert near.costs.per_million == pytest.approx(0.5 * 1e6 / (100 * 3600))


def test_objectives(timed: Callable[..., Path]) -> None:
    folder = timed(LATENCIES)
    assert select([folder], Needs(objective="p95")).recommended == "bad"
    low = select([folder], Needs(objective="memory", minimums=(("ndcg@10", 0.5),)))
    assert low.recommended != "bad"
    assert select([folder], Needs(objective="map")).measure == "map"
    with pytest.raises(UsageError, match="did you mean 'map'"):
        select([folder], Needs(objective="mapp"))


def test_no_pipeline_fits_and_the_nearest_is_named(timed: Callable[..., Path]) -> None:
    found = select([timed(LATENCIES)], Needs(max_p95_ms=20, minimums=(("ndcg@10", 0.999),)))
    assert (found.recommended, found.exit_code) == (None, 1)
    assert found.nearest in ("near", "bad", "first")
    assert "nearest is" in found.reasons[1]
    assert "ndcg@10 ≥ 0.999 by" in found.reasons[1]


def test_what_was_not_measured_is_no_constraint(plain: Path, timed: Callable[..., Path]) -> None:
    with pytest.raises(NotComparableError, match="no timing was measured"):
        select([plain], Needs(max_p95_ms=20))
    with pytest.raises(UsageError, match="did you mean 'ndcg@10'"):
        select([plain], Needs(minimums=(("ndcg@1", 0.5),)))
    some = select([timed({"good": 10.0})], Needs(max_p95_ms=20))
    assert some.recommended == "good"
    assert {c.label for c in some.candidates if c.missed.get("p95 ≤ 20 ms", 0) is None} == {
        "near",
        "bad",
        "first",
        "two",
    }


def test_timings_of_two_machines_do_not_stand_side_by_side(timed: Callable[..., Path]) -> None:
    import json

    first, second = timed(LATENCIES, name="a"), timed(LATENCIES, name="b")
    result = json.loads((second / "result.json").read_text())
    assert select([first, second]).warnings
    result["manifest"]["machine"]["cpu"] = "another"
    writing.write_result(second, result)
    with pytest.raises(NotComparableError, match="different machines"):
        select([first, second])


@pytest.mark.parametrize(
    ("text", "n_bytes"), [("800MB", 8e8), ("2GiB", 2**31), ("1.5 GiB", 1.5 * 2**30), ("1024", 1024)]
)
def test_sizes(text: str, n_bytes: float) -> None:
    assert parse_size(text) == n_bytes


def test_bad_needs() -> None:
    for words, make in (
        ("--max-memory: 'two' is no size", lambda: parse_size("two")),
        ("--max-p95: '5min' is no time", lambda: parse_time("5min")),
        ("positive", lambda: Needs(max_p95_ms=-1)),
        ("positive", lambda: Needs(max_p95_ms=float("nan"))),
        ("price", lambda: Needs(max_cost=3)),
        ("utilisation", lambda: Needs(price=Price(1.0, None, 2.0))),
        ("finite", lambda: Needs(price=Price(float("inf")))),
        ("axis", lambda: Needs(axis="colour")),
    ):
        with pytest.raises(UsageError, match=words):
            make()


def test_correlations_can_be_chosen_from(sts: Callable[..., Path]) -> None:
    found = select([sts({"dull": 3.0, "sharp": 0.2, "same": None})])
    assert found.recommended == "sharp"
    assert np.isclose(found.candidates[-1].quality["spearman"], 0.0, atol=1e-12)


def test_tied_is_shown_at_a_margin_and_never_for_want_of_evidence(plain: Path) -> None:
    wide, narrow = (select([plain], Needs(margin=margin)) for margin in (0.3, 0.001))
    assert "near" in (*wide.tied, wide.recommended)
    assert any("shown to differ by less than 0.3" in text for text in wide.reasons)
    assert narrow.tied == ()
    assert set(narrow.open) == set(select([plain]).open)
    with pytest.raises(UsageError, match="ties nothing"):
        Needs(margin=0.0)


def test_the_best_of_many_is_measured_on_queries_it_was_not_chosen_on(
    plain: Path, sts: Callable[..., Path]
) -> None:
    found = select([plain], Needs(cross_validate=True)).validated
    assert found is not None
    evidence = load(bundles.read(plain))
    best = max(float(evidence.of(label, "ndcg@10").mean()) for label in evidence.labels)
    assert found.value <= best + 1e-12
    assert sum(times for _, times in found.chosen) == 5
    assert any("likely to be a little high" in text for text in select([plain]).reasons)
    with pytest.raises(NotComparableError, match="whole set"):
        select([sts({"a": 1.0, "b": 2.0})], Needs(cross_validate=True))


def test_the_winner_of_equals_is_not_overrated() -> None:
    """Six equals on 40 queries: the best's own figure is too high, the cross-validated one is not."""
    random = np.random.default_rng(0)
    own, validated = [], []
    for _ in range(150):
        values = random.random((6, 1, 40))
        names = tuple("abcdef")
        evidence = Evidence("query", tuple(f"q{i:02}" for i in range(40)), names, ("m",), values)
        own.append(values.mean(axis=2).max())
        found = cross_validated(evidence, names, "m")
        assert found is not None
        validated.append(found.value)
    assert np.mean(own) > 0.54
    assert np.mean(validated) == pytest.approx(0.5, abs=0.012)


def test_a_constraint_is_decided_on_the_limit(timed: Callable[..., Path]) -> None:
    folder = timed(LATENCIES)
    evidence = load(bundles.read(folder))
    value = float(evidence.of("good", "ndcg@10").mean())
    found = select([folder], Needs(minimums=(("ndcg@10", value - 0.001),)))
    good = next(c for c in found.candidates if c.label == "good")
    assert not good.fits
    interval = evidence.interval("good", "ndcg@10")
    assert interval is not None
    assert select([folder], Needs(minimums=(("ndcg@10", interval.low - 1e-6),))).candidates
    assert next(
        c
        for c in select([folder], Needs(minimums=(("ndcg@10", interval.low - 1e-6),))).candidates
        if c.label == "good"
    ).fits


def test_under_a_latency_bound_the_price_is_not_that_of_full_batches() -> None:
    def figure(value: float, low: float, high: float) -> Figure:
        return Figure(value, 100, Interval(low, high, 0.95, "binomial"))

    timing = Timing(
        latency=Latency(mean=Figure(20.0), p95=figure(30.0, 28.0, 33.0)),
        throughput={"queries_per_s": Figure(400.0)},
        load=(
            LoadPoint(25.0, p99=figure(35.0, 30.0, 45.0)),
            LoadPoint(35.0, p99=figure(45.0, 40.0, 60.0)),
            LoadPoint(45.0, p99=Figure(48.0)),
        ),
    )
    price = Price(1.0)
    free, bound = costs_from(timing, price), costs_from(timing, price, 50.0)
    assert (free.queries_per_s, bound.queries_per_s) == (400.0, 25.0)
    assert "shown to stay within 50 ms" in bound.rate_from
    assert costs_from(timing, price, 34.0).rate_from == "one query at a time"
    assert bound.upper["p95_ms"] == 33.0


def test_costs_are_those_of_the_samples(timed: Callable[..., Path]) -> None:
    folder = timed(LATENCIES)
    before = {c.label: c.costs for c in select([folder]).candidates}
    result = json.loads((folder / "result.json").read_text())
    for place, part in (("latency", "p95"), ("memory", "peak_rss_bytes"), ("throughput", "queries_per_s")):
        changed = copy.deepcopy(result)
        changed["pipelines"]["good"]["timing"][place][part]["value"] *= 1.001
        writing.write_result(folder, {k: v for k, v in changed.items() if k not in ("files", "digest")})
        with pytest.raises(BundleError, match=r"good: .* in result.json are not those of its samples"):
            select([folder])
    writing.write_result(folder, {k: v for k, v in result.items() if k not in ("files", "digest")})
    assert {c.label: c.costs for c in select([folder]).candidates} == before
    (folder / "samples.parquet").unlink()
    writing.seal(folder)
    assert all(
        "holds no raw samples" in str(c.costs.missing)
        for c in select([folder]).candidates
        if c.label in LATENCIES
    )
    with pytest.raises(NotComparableError, match="holds no raw samples"):
        select([folder], Needs(max_p95_ms=20))
