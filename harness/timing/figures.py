"""A bundle's timing figures, from the raw series and nothing else.

A figure is ``{value, n, interval}``, with a ``reason`` where the count allows no value. Times are in
milliseconds unless the name says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats import (
    Interval,
    SlowdownRule,
    block_log_ratios,
    estimate_ratio,
    lag1_autocorrelation,
    log_mean_interval,
    mean_interval,
    percentile,
    quantile_interval,
    smallest_count,
    too_noisy,
)
from harness.timing.clock import NS_PER_S
from harness.timing.counters import COUNTER_NAMES
from harness.timing.load_curve import LatencyBound, LoadPoint, max_rate
from harness.timing.open_loop import generator_lags, overloaded
from harness.timing.record import LATENCY, NS_PER_MS, ROUND_TRIP, Record, Series, load_numbers, load_samples
from harness.timing.samples import FloatArray, Samples, from_columns
from harness.timing.summary import Statistic
from harness.timing.waits import open_loop_summary

Figure = dict[str, Any]
MeanInterval = Callable[[ArrayLike], Interval | None]

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
#: The series of the A/A control's own turns, and the prefix of the copy's name.
CONTROL = "control"
_STAGE = "stage."
_RATES = {"tokens": "tokens_per_s", "padded_tokens": "padded_tokens_per_s"}
_NOISE = SlowdownRule()


def figure(
    value: float | None, n: int, interval: Interval | None = None, reason: str | None = None
) -> Figure:
    """One figure as a bundle holds it; what is not finite is no value."""
    if value is not None and not math.isfinite(value):
        value, interval, reason = None, None, reason or "dropped queries reach it: their latency is infinite"
    limits = None if interval is None else vars(interval).copy()
    if limits is not None and not (math.isfinite(limits["low"]) and math.isfinite(limits["high"])):
        limits = None
    made: Figure = {"value": value, "n": n, "interval": limits}
    return made if reason is None else {**made, "reason": reason}


def mean_figure(values: ArrayLike, interval: MeanInterval = mean_interval) -> Figure:
    """The mean of a few repeats, with Student's t interval over them."""
    some = np.asarray(values, dtype=np.float64)
    if not len(some):
        return figure(None, 0, reason="not measured")
    return figure(float(some.mean()), len(some), interval(some))


def derived(record: Record, bound: LatencyBound | None = None) -> dict[str, Any]:
    """Everything in a pipeline's timing that follows from its samples; a part that was not measured is
    None."""
    return {
        "latency": latency(record),
        "stages": stages(record),
        "cold": {"start": repeated(record, "start"), "first_query": repeated(record, "first_query")},
        "index": {"build_s": repeated(record, "index.build"), "load_s": repeated(record, "index.load")},
        "throughput": throughput(record),
        "load": load(record),
        "max_rate": None if bound is None else highest_rate(record, bound),
        "memory": memory(record),
        "counters": counters(record),
    }


def latency(record: Record) -> dict[str, Any] | None:
    """Closed-loop latency by the service's clock: percentiles with their exact binomial intervals.

    The mean's interval is Student's t over the blocks, which is wider than one over queries where a block
    has a level of its own.
    """
    found = record.get(LATENCY)
    if found is None or not len(found):
        return None
    values, n = found.value, len(found)
    made: dict[str, Any] = {"mean": _blocked_mean(found)}
    for name, p in PERCENTILES.items():
        needed = smallest_count(p)
        made[name] = (
            figure(percentile(values, p), n, quantile_interval(values, p))
            if n >= needed
            else figure(None, n, reason=f"needs {needed} samples, has {n}")
        )
    settled = record.get("steady")
    seconds = float(record[ROUND_TRIP].value.sum()) / 1000.0 if ROUND_TRIP in record else None
    return {
        **made,
        "autocorrelation": lag1_autocorrelation(values),
        "steady": None if settled is None else bool((settled.value > 0).all()),
        "reached": {"seconds": seconds, "count": n},
    }


def stages(record: Record) -> dict[str, Any] | None:
    """Mean time of each stage, what no stage accounts for, and the stages' sum over the whole."""
    named = {name[len(_STAGE) :]: one for name, one in record.items() if name.startswith(_STAGE)}
    whole = record.get(LATENCY)
    if whole is None or not named or not whole.value.sum() > 0.0:
        return None
    accounted = np.sum([one.value for one in named.values()], axis=0)
    # Of whole nanoseconds: what remains of a sum that fits is rounding, and has no interval.
    unaccounted = np.round((whole.value - accounted) * NS_PER_MS) / NS_PER_MS
    rest = Series("ms", whole.set_index, whole.block, whole.item, unaccounted)
    return {
        **{name: _blocked_mean(one) for name, one in named.items()},
        "other": _blocked_mean(rest),
        "sum_ratio": float(accounted.sum() / whole.value.sum()),
    }


def throughput(record: Record, interval: MeanInterval = log_mean_interval) -> dict[str, Any] | None:
    """Rates in 1/s over the repeats. Their interval is Student's t of the logarithm: no rate is negative.

    Tokens are those of the work that costs most of a pipeline: its documents where it encodes them, else
    its pairs or queries.
    """
    kinds = [kind for kind in ("queries", "documents", "pairs") if f"offline.{kind}.seconds" in record]
    if not kinds:
        return None
    made = {f"{kind}_per_s": rate_figure(record, kind, interval) for kind in kinds}
    if "pairs" not in kinds and record["offline.queries.pairs"].value.any():
        made["pairs_per_s"] = mean_figure(_rate(record, "queries", "pairs"), interval)
    heaviest = next(kind for kind in ("documents", "pairs", "queries") if kind in kinds)
    for counter, name in _RATES.items():
        rates = _rate(record, heaviest, counter)
        if rates.any():
            made[name] = mean_figure(rates, interval)
    return made


def rate_figure(record: Record, kind: str, interval: MeanInterval = log_mean_interval) -> Figure | None:
    """Queries, documents or pairs a second over the repeats; None where there are none."""
    if f"offline.{kind}.seconds" not in record:
        return None
    return mean_figure(_rate(record, kind, "items"), interval)


def capacity_per_s(record: Record) -> float | None:
    """Queries a second that the closed loop served; None without one."""
    trips = record.get(ROUND_TRIP)
    total = 0.0 if trips is None else float(trips.value.sum())
    return None if trips is None or total <= 0.0 else len(trips) * 1000.0 / total


def load(record: Record, planned: bool = True) -> list[dict[str, Any]]:
    """The load points in the order of their rates; a point that is not valid reports no latency."""
    capacity = capacity_per_s(record)
    made = []
    for point in sorted(load_points(record, planned), key=lambda point: point.rate_per_s):
        known = {} if point.summary is None else point.summary.percentiles
        parts = {name: _statistic(known.get(p), len(point.samples)) for name, p in PERCENTILES.items()}
        made.append(
            {
                "rate_per_s": point.rate_per_s,
                "fraction": None if capacity is None else point.rate_per_s / capacity,
                **{name: parts[name] for name in ("p50", "p90", "p99")},
                "n": len(point.samples),
                "dropped": int(point.samples.dropped.sum()),
                "valid": point.invalid is None,
                "reason": point.invalid,
            }
        )
    return made


def load_points(record: Record, planned: bool = True) -> tuple[LoadPoint, ...]:
    """The load points in the order in which they were measured, judged again from their samples.

    ``planned``: whether an interval is given by the load that was asked for, or as before by that of the samples.
    """
    capacity = capacity_per_s(record) if planned else None
    points = []
    for number in load_numbers(record):
        rate, samples = load_samples(record, number)
        overload = overloaded(samples)
        invalid = overload or generator_lags(samples)
        asked = None if capacity is None else rate / capacity
        summary = None if invalid else open_loop_summary(samples, load=asked)
        points.append(LoadPoint(rate, samples, summary, invalid, overload is not None))
    return tuple(points)


def highest_rate(record: Record, bound: LatencyBound, planned: bool = True) -> dict[str, Any]:
    """The highest rate that kept the bound at any load point measured; why there is none otherwise."""
    made: dict[str, Any] = {"bound_ms": bound.latency_ns / NS_PER_MS, "percentile": bound.p}
    if ROUND_TRIP not in record or not len(record[ROUND_TRIP]):
        return {**made, "rate_per_s": None, "valid": False, "reason": "nothing was served"}
    points = load_points(record, planned)
    found = max_rate(bound, _round_trips(record), _measure_nothing, curve=points, tries=0)
    reason = found.invalid
    if reason and not points and "impossible" not in reason:
        reason = "no load was measured: this timing profile has no open loop (ci, laptop and server have)"
    return {
        **made,
        "rate_per_s": found.rate_per_s,
        "broken_per_s": found.broken_per_s,
        "valid": reason is None,
        "reason": reason,
    }


def memory(record: Record) -> dict[str, Any]:
    """Peak memory over the sets, and the sizes of index and model on disk, in bytes."""
    made: dict[str, Any] = {}
    for name in ("peak_rss", "peak_device", "reserved_device"):
        found = record.get(f"memory.{name}")
        made[f"{name}_bytes"] = None if found is None else mean_figure(found.value)
    for name in ("index", "model"):
        found = record.get(f"{name}.bytes")
        made[f"{name}_bytes"] = None if found is None or not len(found) else int(found.value.max())
    return made


def counters(record: Record) -> dict[str, int] | None:
    """Work over the fixed queries, exact."""
    found = {name: record[f"work.{name}"] for name in COUNTER_NAMES if f"work.{name}" in record}
    return {name: int(one.value.sum()) for name, one in found.items()} or None


def arm_logs(candidate: Record, baseline: Record) -> FloatArray:
    """log(candidate / baseline) of the median latencies of each block that holds both, [n_blocks]."""
    return shared_log_ratios(candidate.get(LATENCY), baseline.get(LATENCY))


def arm_sets(candidate: Record, baseline: Record) -> NDArray[np.int64]:
    """The set of processes of each block that both hold, [n_blocks], in the order of :func:`arm_logs`."""
    mine, theirs = candidate.get(LATENCY), baseline.get(LATENCY)
    if mine is None or theirs is None:
        return np.zeros(0, dtype=np.int64)
    others = theirs.per_block()
    return np.asarray([place[0] for place in mine.per_block() if place in others], dtype=np.int64)


def shared_log_ratios(candidate: Series | None, baseline: Series | None) -> FloatArray:
    """log of the ratio of medians of each block that both series hold, [n_blocks]; empty without one."""
    if candidate is None or baseline is None:
        return np.zeros(0)
    mine, theirs = candidate.per_block(), baseline.per_block()
    shared = [place for place in mine if place in theirs]
    return block_log_ratios([mine[place] for place in shared], [theirs[place] for place in shared])


def ratio_figure(log_ratios: FloatArray, sets: NDArray[np.int64] | None = None) -> Figure:
    """The ratio that per-block log-ratios [n_blocks] estimate: Hodges-Lehmann, with its interval.

    It is the signed-rank one over blocks or, where the set of each block is given, [n_blocks], and there are at least
    three sets, the wider of it and Student's over the sets' means.
    """
    if not len(log_ratios):
        return figure(None, 0, reason="no block was measured of both")
    found = estimate_ratio(log_ratios, sets=sets)
    reason = None if found.interval else f"an interval needs 6 blocks, has {found.n_blocks}"
    return figure(found.ratio, found.n_blocks, found.interval, reason)


def series_ratio(candidate: Record, baseline: Record, name: str) -> Figure:
    """Ratio of a figure that both give once in each set, such as their peak memory."""
    mine, theirs = candidate.get(name), baseline.get(name)
    if mine is None or theirs is None:
        return figure(None, 0, reason="not measured of both")
    return repeats_ratio(mine.value.tolist(), theirs.value.tolist())


def throughput_ratio(candidate: Record, baseline: Record) -> Figure:
    """Ratio of the queries a second, from one repeat in each set; above 1 where the candidate is faster."""
    if not all("offline.queries.items" in record for record in (candidate, baseline)):
        return figure(None, 0, reason="not measured of both")
    rates = [_rate(record, "queries", "items").tolist() for record in (candidate, baseline)]
    return repeats_ratio(*rates)


def repeats_ratio(candidate: Sequence[float], baseline: Sequence[float]) -> Figure:
    """Ratio of a figure measured once in each set: the geometric mean, with Student's t interval of its
    logarithm."""
    n = min(len(candidate), len(baseline))
    if n == 0 or min([*candidate, *baseline]) <= 0.0:
        return figure(None, 0, reason="not measured of both")
    logs = np.log(np.asarray(candidate[:n]) / np.asarray(baseline[:n]))
    limits = mean_interval(logs)
    if limits is not None:
        limits = Interval(math.exp(limits.low), math.exp(limits.high), limits.confidence, limits.method)
    return figure(math.exp(float(logs.mean())), n, limits)


def control_logs(records: Mapping[str, Record], pipeline: str) -> FloatArray:
    """log(copy / pipeline) of the A/A control, [n_blocks].

    The copy's series is ``control`` where the control had turns of its own, and ``latency`` where it took part
    in the blocks of two arms.
    """
    copy = records.get(copy_name(pipeline), {})
    name = CONTROL if CONTROL in copy else LATENCY
    return shared_log_ratios(copy.get(name), records.get(pipeline, {}).get(name))


def copy_name(pipeline: str) -> str:
    """What the A/A control's copy of a pipeline is called among the samples."""
    return f"{CONTROL}:{pipeline}"


def control(log_ratios: FloatArray) -> dict[str, Any]:
    """The A/A control: two copies of one pipeline, whose ratio is 1 on a machine fit to be measured on."""
    ratio = ratio_figure(log_ratios)
    made = {"ratio": ratio, "log_ratios": log_ratios.tolist()}
    if ratio["interval"] is None:
        return {**made, "noisy": True, "reason": ratio.get("reason")}
    limits = ratio["interval"]
    noisy = too_noisy(log_ratios)
    widest = 1.0 + 2.0 * _NOISE.margin
    words = f"{ratio['value']:.3f} ({limits['low']:.3f} to {limits['high']:.3f}, {ratio['n']} blocks)"
    fit = f"{1 / widest:.2f} to {widest:.2f}"
    reason = f"a pipeline against its own copy: {words}; a machine fit to be measured on stays within {fit}"
    return {**made, "noisy": noisy, "reason": reason}


def _blocked_mean(found: Series) -> Figure:
    blocks = [float(values.mean()) for values in found.per_block().values()]
    return figure(float(found.value.mean()), len(found), mean_interval(blocks))


def repeated(record: Record, name: str) -> Figure | None:
    """The mean of a figure that a series holds once in each set; None where it holds none."""
    found = record.get(name)
    return None if found is None or not len(found) else mean_figure(found.value)


def _rate(record: Record, kind: str, counter: str) -> FloatArray:
    amounts = record[f"offline.{kind}.{counter}"].value
    return np.asarray(amounts / record[f"offline.{kind}.seconds"].value, dtype=np.float64)


def _statistic(found: Statistic | None, n: int) -> Figure:
    if found is None:
        return figure(None, n)
    scaled = found.interval
    if scaled is not None:
        scaled = Interval(scaled.low / NS_PER_MS, scaled.high / NS_PER_MS, scaled.confidence, scaled.method)
    value = None if found.value is None else found.value / NS_PER_MS
    return figure(value, found.count, scaled, found.reason)


def _round_trips(record: Record) -> Samples:
    """The closed loop's samples as far as a bound needs them: their round trips."""
    trips = (record[ROUND_TRIP].value * NS_PER_MS).round().astype(np.int64)
    zeros = np.zeros(len(trips), dtype=np.int64)
    columns: Mapping[str, ArrayLike] = {
        "set": record[ROUND_TRIP].set_index,
        "block": record[ROUND_TRIP].block,
        "request_id": record[ROUND_TRIP].item,
        "scheduled_ns": zeros,
        "started_ns": zeros,
        "ended_ns": trips,
        "service_ns": trips,
        "dropped": zeros.astype(np.bool_),
        **dict.fromkeys(COUNTER_NAMES, zeros),
    }
    return from_columns(columns)


def _measure_nothing(rate_per_s: float) -> LoadPoint:
    raise AssertionError(f"nothing is measured here, asked for {rate_per_s}/s ({NS_PER_S} ns)")
