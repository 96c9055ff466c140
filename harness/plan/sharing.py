"""Which steps need which models, and which pipelines share a step."""

from __future__ import annotations

from collections.abc import Sequence

from harness.config import LoadedConfig
from harness.tasks.base import ReadRun, Rerank, Retrieve, ScoreSentences, Step


def models_needed(steps: Sequence[Step]) -> list[str]:
    """Return the names of the models that some steps use, each once."""
    names: dict[str, None] = {}
    for step in steps:
        if isinstance(step, Retrieve):
            names[step.source] = None
        elif isinstance(step, Rerank | ScoreSentences):
            names[step.model] = None
    return list(names)


def users_of(config: LoadedConfig, step: Step) -> tuple[str, ...]:
    """Return the pipelines that a step's result goes into."""
    names = []
    for name, pipeline in config.settings.pipelines.items():
        match step:
            case ReadRun(path):
                uses = pipeline.run == path
            case Rerank(model):
                uses = pipeline.rerank == model
            case ScoreSentences(model):
                uses = pipeline.score == model
            case _:
                uses = (pipeline.retrieve or pipeline.candidates) == step.source
        if uses:
            depths = pipeline.depth if isinstance(pipeline.depth, tuple) else ()
            names += [f"{name}@{depth}" for depth in depths] or [name]
    return tuple(names)
