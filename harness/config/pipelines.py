"""The pipelines of a config: which keys one has says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from harness.config.values import Positive
from harness.errors import listed
from harness.settings import Settings
from harness.yamlfile import Location

if TYPE_CHECKING:
    from harness.config.configs import Config


def _one_or_many(value: Any) -> str:
    return "<sweep>" if isinstance(value, list | tuple) else "<one>"


Depth = Annotated[
    Annotated[Positive, Tag("<one>")] | Annotated[tuple[Positive, ...], Field(min_length=1), Tag("<sweep>")],
    Discriminator(_one_or_many),
]


class PipelineSettings(Settings):
    """One pipeline; which keys it has says what it is."""

    retrieve: str | None = None
    rerank: str | None = None
    candidates: str | None = None
    depth: Depth | None = None
    run: str | None = None
    score: str | None = None

    @model_validator(mode="after")
    def _is_a_pipeline(self) -> PipelineSettings:
        given = self.model_fields_set
        forms = ({"retrieve"}, {"retrieve", "rerank"}, {"rerank", "candidates"}, {"run"}, {"score"})
        depthless = given - {"depth"}
        if depthless not in forms:
            raise ValueError(
                f"given are the keys {listed(sorted(given)) or 'none'}; a pipeline is one of: retrieve; "
                "retrieve and "
                "rerank; rerank and candidates (each with a depth); run; score"
            )
        if "depth" in given and depthless == {"score"}:
            raise ValueError("a pipeline that scores pairs has no depth")
        if isinstance(self.depth, tuple):
            if "rerank" not in given:
                raise ValueError("a list of depths is a sweep of a reranker; this pipeline has none")
            if len(set(self.depth)) != len(self.depth):
                raise ValueError("depth: one is given twice")
        return self


def pipeline_names(config: Config) -> list[str]:
    """Return every pipeline's name, a sweep's with its depth: ``two-stage@10``."""
    names: list[str] = []
    for name, pipeline in config.pipelines.items():
        names += (
            [f"{name}@{depth}" for depth in pipeline.depth] if isinstance(pipeline.depth, tuple) else [name]
        )
    return names


def location_of(pipeline: str, *rest: str) -> Location:
    """Where a pipeline's key stands in its file."""
    return ("pipelines", pipeline.rsplit("@", 1)[0], *rest)
