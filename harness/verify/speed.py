"""Recomputing every timing figure and the two-arm ratios from the raw samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import stats
from harness.compare.evidence import BASELINE_ARM
from harness.compare.speed import latency_blocks
from harness.results.bundle import Bundle
from harness.results.schema import Figure, Latency, Ratio, Session, Timing
from harness.results.tables import SAMPLES
from harness.timing import figures
from harness.timing.load_curve import LatencyBound
from harness.timing.record import ROUND_TRIP, Record, Series, from_table
from harness.verify.ledger import Ledger

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def check_timings(bundle: Bundle, ledger: Ledger) -> None:
    """Every figure of speed with its count and interval, the A/A control, and the ratios of two arms."""
    timed = {name: part.timing for name, part in bundle.pipelines.items() if part.timing is not None}
    arms = {} if bundle.result.against is None else bundle.result.against.pipelines
    if not timed and not arms:
        return
    if not bundle.has(SAMPLES):
        ledger.skip("timings: the bundle holds no raw samples (a baseline does not)")
        for name, arm in arms.items():
            _no_samples(name, arm.latency or Ratio(), ledger)
        return
    records = _records(bundle)
    for name, timing in timed.items():
        _latency(bundle, name, timing.latency, ledger)
        if name in records:
            _derived(bundle, name, records[name], ledger)
        _shared(name, timed, ledger)
    _control(bundle, records, ledger)
    for name, arm in arms.items():
        _arm(bundle, name, arm.latency or Ratio(), ledger)
        mine, theirs = records.get(name, {}), records.get(f"{BASELINE_ARM}{name}", {})
        for key, recomputed in (
            ("memory", figures.series_ratio(mine, theirs, "memory.peak_rss")),
            ("throughput", figures.throughput_ratio(mine, theirs)),
        ):
            stored = bundle.content["against"]["pipelines"][name].get(key)
            if recomputed["value"] is not None and stored:
                _tree(f"{name}, {key} ratio", stored.get("ratio"), recomputed, ledger)


def _records(bundle: Bundle) -> dict[str, dict[str, Series]]:
    table = bundle.table(SAMPLES)
    return from_table({name: table[name].to_numpy(zero_copy_only=False) for name in SAMPLES.schema.names})


def _derived(bundle: Bundle, pipeline: str, record: Record, ledger: Ledger) -> None:
    """Every figure that follows from a pipeline's samples, made again; what it shares is checked where it was
    measured.
    """
    timing = bundle.pipelines[pipeline].timing or Timing()
    rate, stored = timing.max_rate, bundle.content["pipelines"][pipeline]["timing"]
    bound = None if rate is None else LatencyBound(round(rate.bound_ms * 1e6), rate.percentile)
    recomputed = figures.derived(record, bound)
    for part, made in recomputed.items():
        # Nothing was kept of it, or it is older than the samples of it.
        if (
            made in (None, [], {})
            or stored.get(part) is None
            or (part == "latency" and ROUND_TRIP not in record)
        ):
            continue
        if part == "throughput":
            if _older(timing):
                made = figures.throughput(record, stats.mean_interval) or {}
            made = {key: value for key, value in made.items() if not _source(timing.throughput.get(key))}
        if part == "load" and _shown(made) != _shown(stored[part]):
            made = _before(stored[part], made, figures.load(record, planned=False))
        if part == "max_rate" and bound is not None and made != stored[part]:
            before = figures.highest_rate(record, bound, planned=False)
            made = before if before["rate_per_s"] == stored[part].get("rate_per_s") else made
        _tree(f"{pipeline}, {part}", stored[part], made, ledger)


def _shown(points: Any) -> list[list[bool]]:
    """Which percentiles of load points have an interval."""
    keys = ("p50", "p90", "p99")
    known = [point for point in points if isinstance(point, Mapping)] if isinstance(points, list) else []
    return [[bool((point.get(key) or {}).get("interval")) for key in keys] for point in known]


def _before(stored: Any, made: Any, before: Any) -> Any:
    """Of two ways to say which percentiles have an interval, that of the bundle's day; else the one of today."""
    return before if _shown(before) == _shown(stored) else made


def _older(timing: Timing) -> bool:
    """Whether the intervals of rates are from before they were made of logarithms."""
    found = [
        one.interval for one in timing.throughput.values() if one is not None and one.interval is not None
    ]
    return any(interval.method != stats.LOG_METHOD for interval in found)


def _source(figure: Figure | None) -> str:
    """Name the pipeline through which a model's rate was measured, where it was another one."""
    return "" if figure is None else figure.measured_in


def _shared(pipeline: str, timed: Mapping[str, Timing], ledger: Ledger) -> None:
    """Rates of a model that was measured through another pipeline are that pipeline's."""
    for key, figure in timed[pipeline].throughput.items():
        if figure is not None and figure.measured_in:
            source = timed.get(figure.measured_in, Timing()).throughput.get(key)
            ledger.check(
                f"{pipeline}, throughput {key} value", figure.value, None if source is None else source.value
            )


def _control(bundle: Bundle, records: Mapping[str, Record], ledger: Ledger) -> None:
    session = bundle.result.timing or Session()
    pipeline = session.control.pipeline
    if not pipeline or figures.copy_name(pipeline) not in records:
        return
    made = figures.control(figures.control_logs(records, pipeline))
    stored = bundle.content["timing"].get("control") or {}
    _tree("A/A control", {key: stored.get(key) for key in made}, made, ledger)


def _tree(where: str, stored: Any, made: Any, ledger: Ledger) -> None:
    """Check every leaf that was recomputed."""
    if isinstance(made, Mapping):
        for key, value in made.items():
            inner = stored.get(key) if isinstance(stored, Mapping) else None
            if value is None and isinstance(inner, Mapping):
                ledger.skip(f"{where} {key}: no samples of it are stored")
            elif value is not None or inner is not None:
                _tree(f"{where} {key}", inner, value, ledger)
    elif isinstance(made, list):
        ledger.check(f"{where} count", len(stored) if isinstance(stored, list) else None, len(made))
        for i, (one, other) in enumerate(zip(stored or (), made, strict=False)):
            _tree(f"{where} {i}", one, other, ledger)
    else:
        ledger.check(where, stored, made)


def _latency(bundle: Bundle, pipeline: str, latency: Latency, ledger: Ledger) -> None:
    if latency == Latency():
        return
    blocks = latency_blocks(bundle, pipeline)
    if not blocks:
        ledger.skip(f"{pipeline}, latency: no samples of it are stored")
        return
    samples = np.concatenate(list(blocks.values()))
    for key, p in _PERCENTILES.items():
        figure: Figure | None = getattr(latency, key)
        if figure is None:
            continue
        enough = len(samples) >= stats.smallest_count(p)
        ledger.check(f"{pipeline}, latency {key} n", figure.n, len(samples))
        ledger.check(
            f"{pipeline}, latency {key} value",
            figure.value,
            stats.percentile(samples, p) if enough else None,
        )
        ledger.check_interval(
            f"{pipeline}, latency {key}",
            figure.interval,
            stats.quantile_interval(samples, p) if enough else None,
        )
    if latency.mean is not None:
        ledger.check(f"{pipeline}, latency mean value", latency.mean.value, float(samples.mean()))


def _no_samples(pipeline: str, latency: Ratio, ledger: Ledger) -> None:
    """A ratio that no sample stands behind is not a figure."""
    if latency.log_ratios:
        ledger.check(f"{pipeline}, latency log-ratios, blocks of samples", len(latency.log_ratios), 0)


def _arm(bundle: Bundle, pipeline: str, latency: Ratio, ledger: Ledger) -> None:
    stored = latency.log_ratios
    if not stored:
        return
    figure = latency.ratio or Figure(None)
    mine, theirs = latency_blocks(bundle, pipeline), latency_blocks(bundle, f"{BASELINE_ARM}{pipeline}")
    shared = [place for place in mine if place in theirs]
    # Older bundles hold the interval over blocks alone, and say so by its method.
    by_sets = figure.interval is not None and figure.interval.method == "signed-rank and sets"
    sets = [place[0] for place in shared] if by_sets and len(shared) == len(stored) else None
    estimate = stats.estimate_ratio(stored, sets=sets)
    ledger.check(f"{pipeline}, latency ratio", figure.value, estimate.ratio)
    ledger.check_interval(f"{pipeline}, latency ratio", figure.interval, estimate.interval)
    ledger.check(f"{pipeline}, latency log-ratios, blocks of samples", len(stored), len(shared))
    if len(shared) != len(stored):
        return
    logs = stats.block_log_ratios([mine[place] for place in shared], [theirs[place] for place in shared])
    for i, (one, other) in enumerate(zip(stored, logs.tolist(), strict=True)):
        ledger.check(f"{pipeline}, latency log-ratio of block {i}", one, other)
