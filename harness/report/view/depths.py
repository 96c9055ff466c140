"""Depth sweeps: quality, latency and the perfect reranker's ceiling against how many results are reranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.compare.evidence import BASELINE_ARM
from harness.compare.losses import LossSplit
from harness.report.model import DepthPoint, DepthSweep, PipelineView
from harness.report.table import Estimate
from harness.results.bundle import Bundle
from harness.stages import told_of


def sweeps_of(
    bundle: Bundle, pipelines: Sequence[PipelineView], losses: Mapping[str, LossSplit]
) -> tuple[DepthSweep, ...]:
    """One sweep for each reranker over each first stage, in the config's order."""
    families: dict[tuple[str, str], list[PipelineView]] = {}
    for one in pipelines:
        first = bundle.pipelines[one.name].first_stage
        if first is not None and not one.name.startswith(BASELINE_ARM):
            key = (first.source, str(one.stages.get("rerank", one.name)))
            families.setdefault(key, []).append(one)
    return tuple(_sweep(bundle, key, members, pipelines, losses) for key, members in families.items())


def _sweep(
    bundle: Bundle,
    key: tuple[str, str],
    members: Sequence[PipelineView],
    pipelines: Sequence[PipelineView],
    losses: Mapping[str, LossSplit],
) -> DepthSweep:
    first, reranker = key
    points = sorted((_point(bundle, one, losses.get(one.name)) for one in members), key=lambda p: p.depth)
    ceilings: dict[int, float] = {}
    for point in points:
        ceilings |= {} if point.loss is None else dict(point.loss.ceilings)
    known = [point.loss for point in points if point.loss is not None]
    alone = [
        one.measures[bundle.primary]
        for one in pipelines
        if one.name == first or one.stages.get(told_of(bundle.pipelines[one.name]).alone) == first
    ]
    return DepthSweep(
        family=f"{first} → {reranker}",
        first_stage=first,
        reranker=reranker,
        points=tuple(points),
        ceilings=dict(sorted(ceilings.items())),
        ideal=known[0].ideal if known else None,
        alone=alone[0] if alone else None,
    )


def _point(bundle: Bundle, one: PipelineView, loss: LossSplit | None) -> DepthPoint:
    timed = one.timing is not None and not one.timing.invalid
    latency = one.timing.latency.get("p95") if one.timing is not None and timed else None
    first = bundle.pipelines[one.name].first_stage
    assert first is not None  # a family is of those that have one
    return DepthPoint(
        pipeline=one.name,
        depth=first.depth,
        quality=one.measures.get(bundle.primary, Estimate(None)),
        latency=latency if latency is not None and latency.value is not None else None,
        loss=loss,
    )
