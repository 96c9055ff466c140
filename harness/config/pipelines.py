"""The pipelines of a config: which keys one has says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from harness.config.models import Similarity
from harness.config.searching import FusionMethod, Hnsw, HnswIndex, IndexSettings, Normalisation
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


Similarities = Annotated[
    Annotated[Similarity, Tag("<one>")]
    | Annotated[tuple[Similarity, ...], Field(min_length=1), Tag("<sweep>")],
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
    similarity: Similarities | None = None
    encode: str | None = None
    index: IndexSettings | None = None  # of retrieve; default: exact, without a library
    fuse: Annotated[tuple[str, ...], Field(min_length=2)] | None = None
    method: FusionMethod | None = None  # of fuse; default: rrf
    k: Positive | None = None  # of rrf; default: 60
    weights: tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...] | None = None  # default: equal
    normalisation: Normalisation | None = None  # of weighted; default: min-max

    @model_validator(mode="after")
    def _is_a_pipeline(self) -> PipelineSettings:
        given = self.model_fields_set
        forms = (
            {"retrieve"},
            {"retrieve", "rerank"},
            {"rerank", "candidates"},
            {"run"},
            {"score"},
            {"encode"},
            {"fuse"},
        )
        depthless = given - {"depth"} - self._optional()
        if depthless not in forms:
            raise ValueError(
                f"given are the keys {listed(sorted(given)) or 'none'}; a pipeline is one of: retrieve; "
                "retrieve and "
                "rerank; rerank and candidates (each with a depth); run; score; encode; fuse"
            )
        if "depth" in given and depthless in ({"score"}, {"encode"}):
            raise ValueError(
                f"a pipeline that {'scores pairs' if 'score' in given else 'encodes texts'} has no depth"
            )
        if isinstance(self.similarity, tuple) and len(set(self.similarity)) != len(self.similarity):
            raise ValueError("similarity: one is given twice")
        if isinstance(self.depth, tuple):
            if "rerank" not in given:
                raise ValueError("a list of depths is a sweep of a reranker; this pipeline has none")
            if len(set(self.depth)) != len(self.depth):
                raise ValueError("depth: one is given twice")
        if self.fuse is not None:
            self._check_fusion(self.fuse)
        return self

    def _optional(self) -> set[str]:
        """Keys that may stand beside those that say what the pipeline is."""
        if self.score is not None:
            return {"similarity"}
        if self.retrieve is not None:
            return {"index"}
        return {"method", "k", "weights", "normalisation"} if self.fuse is not None else set()

    def _check_fusion(self, names: tuple[str, ...]) -> None:
        if len(set(names)) != len(names):
            raise ValueError("fuse: one is given twice")
        of_weighted = [key for key in ("weights", "normalisation") if getattr(self, key) is not None]
        if self.method != "weighted" and of_weighted:
            raise ValueError(
                f"{listed(of_weighted)}: a setting of 'method: weighted', and the method here is rrf"
            )
        if self.method == "weighted" and self.k is not None:
            raise ValueError("k: a setting of 'method: rrf', and the method here is weighted")
        if self.weights is not None and len(self.weights) != len(names):
            raise ValueError(
                f"weights: {len(self.weights)} are given for {len(names)} pipelines; give one each"
            )
        if self.weights is not None and not any(self.weights):
            raise ValueError("weights: all are 0; at least one must be above")

    @property
    def hnsw(self) -> Hnsw | None:
        """The settings of the HNSW index; None where there is none."""
        if self.index == "hnsw":
            return Hnsw()
        return self.index.hnsw if isinstance(self.index, HnswIndex) else None


def pipeline_names(config: Config) -> list[str]:
    """Return every pipeline's name, a sweep's with its depth or similarity: ``two-stage@10``, ``bi@dot``."""
    return [full for name, pipeline in config.pipelines.items() for full in unrolled_names(name, pipeline)]


def unrolled_names(name: str, pipeline: PipelineSettings) -> list[str]:
    """Return the names that one pipeline stands for: its own, or a sweep's."""
    swept = next((v for v in (pipeline.depth, pipeline.similarity) if isinstance(v, tuple)), ())
    return [f"{name}@{value}" for value in swept] or [name]


def location_of(pipeline: str, *rest: str) -> Location:
    """Where a pipeline's key stands in its file."""
    return ("pipelines", pipeline.rsplit("@", 1)[0], *rest)
