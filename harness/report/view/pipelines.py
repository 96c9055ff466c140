"""Each pipeline's figures, and its place between quality and latency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness import stats
from harness.compare.evidence import BASELINE_ARM
from harness.compare.speed import latency_blocks
from harness.report.model import LoadPoint, PipelineView, TimingView, TradeOff
from harness.report.table import Estimate
from harness.report.view.figures import estimate, estimates, finite
from harness.results.bundle import Bundle
from harness.results.tables import SAMPLES
from harness.selection import Selection
from harness.selection.costs import Price, costs_of
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
            kind=str(part["kind"]),
            stages=dict(part["stages"]),
            measures={
                measure: estimate(figure, "†" if (figure or {}).get("limited_by_depth") is not None else "")
                for measure, figure in part["measures"].items()
            },
            groups=groups.get(name, ""),
            judged={key: finite(share) for key, share in part.get("judged", {}).items()},
            unanswered=int(part.get("unanswered") or 0),
            results=part.get("results"),
            costs=costs_of(part, price),
            timing=_timing(bundle, name, part.get("timing"), samples=samples),
            recommended=name == choice.recommended,
            best_probability=choice.best.get(name),
            front_probability=choice.probability.get(name),
            on_front=name in choice.front,
        )
        for name, part in bundle.pipelines.items()
    )


def _timing(
    bundle: Bundle, name: str, timing: Mapping[str, Any] | None, *, samples: bool
) -> TimingView | None:
    if not timing:
        return None
    latency = timing.get("latency") or {}
    stages = timing.get("stages") or {}
    latencies = np.zeros(0)
    if samples and bundle.has(SAMPLES) and not timing.get("invalid"):
        blocks = latency_blocks(bundle, name)
        if blocks:
            latencies = np.sort(np.concatenate(list(blocks.values())))
    return TimingView(
        invalid=str(timing.get("invalid") or ""),
        latency={
            key: estimate(latency.get(key)) for key in ("mean", "p50", "p90", "p95", "p99") if key in latency
        },
        autocorrelation=_number(latency.get("autocorrelation")),
        steady=latency.get("steady"),
        seconds=_number((latency.get("reached") or {}).get("seconds")),
        stages={key: figure for key, figure in estimates(stages).items() if key != "sum_ratio"},
        sum_ratio=_number(stages.get("sum_ratio", timing.get("sum_ratio"))),
        cold=estimates(timing.get("cold")),
        index=estimates(timing.get("index")),
        throughput=estimates(timing.get("throughput")),
        load=tuple(_point(point) for point in timing.get("load") or ()),
        max_rate=timing.get("max_rate"),
        memory=estimates(timing.get("memory")),
        counters={
            str(key): int(value)
            for key, value in (timing.get("counters") or {}).items()
            if isinstance(value, int | float) and np.isfinite(value)
        },
        samples=latencies,
    )


def _number(figure: Any) -> float | None:
    return estimate(figure).value


def _point(point: Mapping[str, Any]) -> LoadPoint:
    return LoadPoint(
        rate_per_s=finite(point.get("rate_per_s")) or 0.0,
        fraction=finite(point.get("fraction")),
        p50=estimate(point.get("p50")),
        p90=estimate(point.get("p90")),
        p99=estimate(point.get("p99")),
        n=point.get("n"),
        dropped=point.get("dropped"),
        valid=bool(point.get("valid", True)),
        reason=str(point.get("reason") or ""),
    )


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
