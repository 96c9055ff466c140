"""Recomputing latencies and two-arm ratios from the raw samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import stats
from harness.compare.evidence import BASELINE_ARM
from harness.compare.speed import latency_blocks
from harness.results.bundle import Bundle
from harness.results.tables import SAMPLES
from harness.verify.ledger import Ledger

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def check_timings(bundle: Bundle, ledger: Ledger) -> None:
    """Closed-loop percentiles with counts and intervals, and the ratios of two arms, from
    ``samples.parquet``.
    """
    timed = {name: part["timing"] for name, part in bundle.pipelines.items() if part.get("timing")}
    arms = (bundle.result.get("against") or {}).get("pipelines", {})
    if not timed and not arms:
        return
    if not bundle.has(SAMPLES):
        ledger.skip("timings: the bundle holds no raw samples (a baseline does not)")
        return
    for name, timing in timed.items():
        if timing.get("latency"):
            _latency(bundle, name, timing["latency"], ledger)
    for name, arm in arms.items():
        _arm(bundle, name, arm.get("latency") or {}, ledger)


def _latency(bundle: Bundle, pipeline: str, latency: Mapping[str, Any], ledger: Ledger) -> None:
    blocks = latency_blocks(bundle, pipeline)
    if not blocks:
        ledger.skip(f"{pipeline}, latency: no samples of it are stored")
        return
    samples = np.concatenate(list(blocks.values()))
    for key, p in _PERCENTILES.items():
        figure = latency.get(key)
        if figure is None:
            continue
        enough = len(samples) >= stats.smallest_count(p)
        ledger.check(f"{pipeline}, latency {key} n", figure["n"], len(samples))
        ledger.check(
            f"{pipeline}, latency {key} value",
            figure["value"],
            stats.percentile(samples, p) if enough else None,
        )
        ledger.check_interval(
            f"{pipeline}, latency {key}",
            figure.get("interval"),
            stats.quantile_interval(samples, p) if enough else None,
        )
    if latency.get("mean"):
        ledger.check(f"{pipeline}, latency mean value", latency["mean"]["value"], float(samples.mean()))


def _arm(bundle: Bundle, pipeline: str, latency: Mapping[str, Any], ledger: Ledger) -> None:
    stored = latency.get("log_ratios")
    if not stored:
        return
    estimate = stats.estimate_ratio(stored)
    figure = latency.get("ratio") or {}
    ledger.check(f"{pipeline}, latency ratio", figure.get("value"), estimate.ratio)
    ledger.check_interval(f"{pipeline}, latency ratio", figure.get("interval"), estimate.interval)
    mine, theirs = latency_blocks(bundle, pipeline), latency_blocks(bundle, f"{BASELINE_ARM}{pipeline}")
    shared = [place for place in mine if place in theirs]
    if len(shared) != len(stored):
        ledger.skip(
            f"{pipeline}, the arms' log-ratios: {len(shared)} blocks of samples are stored for {len(stored)} "
            "ratios"
        )
        return
    logs = stats.block_log_ratios([mine[place] for place in shared], [theirs[place] for place in shared])
    for i, (one, other) in enumerate(zip(stored, logs.tolist(), strict=True)):
        ledger.check(f"{pipeline}, latency log-ratio of block {i}", one, other)
