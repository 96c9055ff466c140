"""What a retrieval pipeline begins with: which source, how it is searched, and how deep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from harness.config import LoadedConfig, PipelineSettings, location_of
from harness.search.ann import LEAST_EF, Approximate, Build
from harness.tasks.base import Candidates, Retrieve

DEFAULT_DEPTH = 1000
DEFAULT_RERANK_DEPTH = 100
EVERYTHING = 2**31 - 1


@dataclass(frozen=True)
class Source:
    """A first stage but for its depth. ``how`` is None for candidates, BM25, and exact search."""

    kind: type[Retrieve] | type[Candidates]
    name: str
    how: Approximate | None = None

    def step(self, depth: int) -> Retrieve | Candidates:
        """Return the step that finds so many results."""
        return (
            Candidates(self.name, depth) if self.kind is Candidates else Retrieve(self.name, depth, self.how)
        )

    @property
    def exact(self) -> Source:
        """The same source, searched exactly."""
        return Source(self.kind, self.name)

    @property
    def label(self) -> str:
        """A name that can be a file's."""
        told = {} if self.how is None else self.how.as_dict()
        settings = [f"{key.replace('ef_construction', 'efc')}{told[key]}" for key in told if key != "kind"]
        parts = [self.name, *([str(told["kind"])] if told else []), *settings]
        return "-".join(parts).replace("/", "_").lstrip(".") or "run"


def source_of(config: LoadedConfig, name: str, pipeline: PipelineSettings) -> Source:
    """Return a pipeline's first stage. Raises ConfigError where an index keeps fewer candidates than are asked for."""
    if pipeline.retrieve is not None:
        return Source(Retrieve, pipeline.retrieve, _how(config, name, pipeline))
    candidates = cast(str, pipeline.candidates)
    model = config.settings.models.get(candidates)
    if candidates == "bm25" or (model is not None and model.kind in ("bm25", "bi_encoder")):
        return Source(Retrieve, candidates)
    return Source(Candidates, candidates)


def _how(config: LoadedConfig, name: str, pipeline: PipelineSettings) -> Approximate | None:
    hnsw = pipeline.hnsw
    if hnsw is None:
        return Approximate(Build()) if pipeline.index == "flat" else None
    deepest = max(depths(pipeline))
    ef = max(LEAST_EF, deepest) if hnsw.ef is None else hnsw.ef
    if ef < deepest:
        default = "" if pipeline.depth is not None else " (the default)"
        raise config.fail(
            f"ef {ef} is below the depth {deepest}{default}: HNSW finds no more than the ef candidates it keeps; "
            "raise ef to the depth or above, or lower the depth",
            *location_of(name, "index", "hnsw", "ef"),
        )
    return Approximate(Build(hnsw.m, hnsw.ef_construction), ef)


def depths(pipeline: PipelineSettings) -> tuple[int, ...]:
    """Return a pipeline's depths; a sweep has several."""
    if isinstance(pipeline.depth, tuple):
        return pipeline.depth
    if pipeline.depth is not None:
        return (pipeline.depth,)
    if pipeline.run is not None:
        return (EVERYTHING,)
    if pipeline.rerank is None or pipeline.candidates == "all":
        return (DEFAULT_DEPTH,)
    return (DEFAULT_RERANK_DEPTH,)


def expanded(name: str, pipeline: PipelineSettings) -> list[tuple[str, int]]:
    """Return each pipeline that one stands for, with its depth."""
    sweep = isinstance(pipeline.depth, tuple)
    return [(f"{name}@{depth}" if sweep else name, depth) for depth in depths(pipeline)]


def searched(config: LoadedConfig) -> Mapping[str, PipelineSettings]:
    """Return the pipelines that have a first stage: neither an existing run nor a fusion."""
    given: Mapping[str, Any] = config.settings.pipelines
    return {
        name: pipeline for name, pipeline in given.items() if pipeline.run is None and pipeline.fuse is None
    }
