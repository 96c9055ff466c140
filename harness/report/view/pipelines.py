"""Each pipeline's figures, and its place between quality and latency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from harness import stats
from harness.compare.evidence import BASELINE_ARM
from harness.compare.speed import latency_blocks
from harness.report.model import LoadPoint, PipelineView, TimingView, TradeOff
from harness.report.table import Estimate
from harness.results import schema
from harness.results.bundle import Bundle
from harness.results.schema import Figures, Pipeline, value_of
from harness.results.tables import SAMPLES
from harness.selection import Selection
from harness.selection.costs import Costs, Price, costs_of
from harness.stages import in_words


@dataclass(frozen=True)
class Choice:
    """What was chosen; by pipeline, the probabilities of being the best and on the front, and whether it is on it."""

    recommended: str | None = None
    best: Mapping[str, float] = field(default_factory=dict)
    probability: Mapping[str, float] = field(default_factory=dict)
    front: frozenset[str] = frozenset()

    @classmethod
    def of(cls, chosen: Selection | None, best: Mapping[str, float]) -> Choice:
        """Read a selection; None: nothing could be chosen."""
        if chosen is None:
            return cls()
        return cls(
            chosen.recommended,
            best,
            {c.label: c.front_probability for c in chosen.candidates},
            frozenset(c.label for c in chosen.candidates if c.on_front),
        )


def pipelines_of(
    bundle: Bundle,
    choice: Choice | None = None,
    groups: Mapping[str, str] | None = None,
    price: Price | None = None,
    *,
    samples: bool = True,
) -> tuple[PipelineView, ...]:
    """Build every pipeline's view, in the config's order.

    Without ``choice`` and ``groups`` nothing is said of which is best; without ``samples`` none is read.
    """
    choice, groups = choice or Choice(), groups or {}
    return tuple(
        PipelineView(
            name=name,
            what=in_words(part),
            kind=part.kind,
            stages=part.stages,
            measures={
                measure: Estimate.of(figure, "" if figure.limited_by_depth is None else "†")
                for measure, figure in part.measures.items()
            },
            groups=groups.get(name, ""),
            judged=part.judged,
            unanswered=part.unanswered,
            results=part.results,
            costs=costs_of(bundle, name, price) if samples else Costs(),
            timing=_timing(bundle, part, samples=samples),
            recommended=name == choice.recommended,
            best_probability=choice.best.get(name),
            front_probability=choice.probability.get(name),
            on_front=name in choice.front,
        )
        for name, part in bundle.pipelines.items()
    )


def _timing(bundle: Bundle, part: Pipeline, *, samples: bool) -> TimingView | None:
    timing = part.timing
    if timing is None:
        return None
    latency = timing.latency
    latencies = np.zeros(0)
    if samples and bundle.has(SAMPLES) and not timing.invalid:
        blocks = latency_blocks(bundle, part.name)
        if blocks:
            latencies = np.sort(np.concatenate(list(blocks.values())))
    percentiles = {key: getattr(latency, key) for key in ("mean", "p50", "p90", "p95", "p99")}
    stages = {key: figure for key, figure in timing.stages.items() if key != "sum_ratio"}
    return TimingView(
        invalid=timing.invalid,
        latency={key: Estimate.of(figure) for key, figure in percentiles.items() if figure is not None},
        autocorrelation=latency.autocorrelation,
        steady=latency.steady,
        seconds=latency.reached.seconds,
        stages=_estimates(stages),
        sum_ratio=value_of(timing.stages.get("sum_ratio")),
        cold=_estimates(timing.cold),
        index=_estimates(timing.index),
        throughput=_estimates(timing.throughput),
        load=tuple(_point(point) for point in timing.load),
        max_rate=timing.max_rate,
        memory=_estimates(timing.memory),
        counters=timing.counters,
        samples=latencies,
    )


def _estimates(figures: Figures) -> dict[str, Estimate]:
    return {
        key: Estimate.of(one) for key, one in figures.items() if one is not None and one.value is not None
    }


def _point(point: schema.LoadPoint) -> LoadPoint:
    # Waits depend on each other: without an interval a figure says little of the load it is of, and is not shown.
    p50, p90, p99 = (
        Estimate(None) if one is None or one.interval is None else Estimate.of(one)
        for one in (point.p50, point.p90, point.p99)
    )
    counted = (point.n, point.dropped, point.valid, point.reason)
    return LoadPoint(point.rate_per_s, point.fraction, p50, p90, p99, *counted)


def trade_offs_of(pipelines: tuple[PipelineView, ...], measure: str) -> tuple[TradeOff, ...]:
    """Quality against p95 latency of every pipeline that has both; the front is theirs alone."""
    usable: list[tuple[PipelineView, Estimate, Estimate]] = []
    for one in pipelines:
        quality = one.measures.get(measure, Estimate(None))
        latency = Estimate(None) if one.timing is None else one.timing.latency.get("p95", Estimate(None))
        known = (
            quality.value is not None
            and latency.value is not None
            and not (one.timing and one.timing.invalid)
        )
        if known and not one.name.startswith(BASELINE_ARM):
            usable.append((one, quality, latency))
    if not usable:
        return ()
    good = np.array([quality.value for _, quality, _ in usable], dtype=np.float64)
    slow = np.array([latency.value for _, _, latency in usable], dtype=np.float64)
    front = stats.pareto_front(good, slow).tolist()
    return tuple(
        TradeOff(one.name, quality, latency, bool(on), one.recommended)
        for (one, quality, latency), on in zip(usable, front, strict=True)
    )
