"""Which steps need which models, and which pipelines share a step."""

from __future__ import annotations

from collections.abc import Sequence

from harness.config import LoadedConfig, PipelineSettings
from harness.config.pipelines import unrolled_names
from harness.search.ann import Approximate
from harness.tasks.base import (
    BuildIndex,
    Candidates,
    Encode,
    ReadRun,
    Rerank,
    Retrieve,
    ScoreSentences,
    Step,
)
from harness.tasks.first_stages import source_of


def models_needed(steps: Sequence[Step]) -> list[str]:
    """Return the names of the models that some steps use, each once."""
    names: dict[str, None] = {}
    for step in steps:
        if isinstance(step, Retrieve | BuildIndex):
            names[step.source] = None
        elif isinstance(step, Rerank | ScoreSentences | Encode):
            names[step.model] = None
    return list(names)


def users_of(config: LoadedConfig, step: Step) -> tuple[str, ...]:
    """Return the pipelines that a step's result goes into, itself or through a fusion."""
    names: list[str] = []
    for name, pipeline in config.settings.pipelines.items():
        if isinstance(step, ScoreSentences):
            swept = pipeline.similarity if isinstance(pipeline.similarity, tuple) else (pipeline.similarity,)
            if pipeline.score == step.model and step.similarity in swept:
                names.append(f"{name}@{step.similarity}" if isinstance(pipeline.similarity, tuple) else name)
        elif _uses(config, name, pipeline, step):
            names += unrolled_names(name, pipeline)
    fusions = [
        name for name, pipeline in config.settings.pipelines.items() if set(pipeline.fuse or ()) & set(names)
    ]
    return (*names, *fusions)


def _uses(config: LoadedConfig, name: str, pipeline: PipelineSettings, step: Step) -> bool:
    match step:
        case ReadRun(path):
            return pipeline.run == path
        case Rerank(model):
            return pipeline.rerank == model
        case Encode(model):
            return pipeline.encode == model
        case BuildIndex(model, build):
            how = _how(config, name, pipeline)
            return pipeline.retrieve == model and how is not None and how.build == build
        case Retrieve(source, _, how):
            if (pipeline.retrieve or pipeline.candidates) != source:
                return False
            # What an index finds is held against the exact results.
            return how is None or _how(config, name, pipeline) == how
        case Candidates(source):
            return pipeline.candidates == source
    return False


def _how(config: LoadedConfig, name: str, pipeline: PipelineSettings) -> Approximate | None:
    return None if pipeline.retrieve is None else source_of(config, name, pipeline).how
