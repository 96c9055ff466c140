"""What a recipe with an objective says: from which weights, on what, towards what, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from harness.config import PackagedModel, digest
from harness.errors import listed
from harness.settings import Settings
from harness.values import Device, Seed
from harness.yamlfile import YamlFile

Positive = Annotated[int, Field(ge=1)]
Part = Literal["u", "v", "|u-v|", "u*v"]
ObjectiveName = Literal[
    "classification",
    "regression",
    "triplet",
    "contrastive",
    "binary-cross-entropy",
    "center",
    "simcse-unsupervised",
    "simcse-supervised",
]
_LIBRARIES = ("accelerate", "sentence-transformers", "torch", "transformers")
PoolingName = Literal["cls", "mean", "max", "linear-max"]

#: Objectives whose other texts in the batch are the negatives.
IN_BATCH = ("contrastive", "simcse-unsupervised", "simcse-supervised")
CROSS_ENCODER = ("binary-cross-entropy", "regression")
_OPTIONS = {
    "concatenation": ("classification", "center"),
    "margin": ("triplet",),
    "scale": (*IN_BATCH, "binary-cross-entropy"),
    "center_weight": ("center",),
    "positive_from": ("contrastive",),
}


class Objective(Settings):
    """What training minimises; ``losses.py`` has the formulas."""

    name: ObjectiveName
    concatenation: Annotated[tuple[Part, ...], Field(min_length=1)] = ("u", "v", "|u-v|")
    margin: Annotated[float, Field(gt=0)] = 1.0
    scale: Annotated[float, Field(gt=0)] = 20.0
    center_weight: Annotated[float, Field(gt=0)] = 0.003
    positive_from: Annotated[float, Field(ge=0, le=1)] = 0.8  # a pair scored this or more is a positive

    @field_validator("concatenation")
    @classmethod
    def _u_and_v_go_together(cls, value: tuple[Part, ...]) -> tuple[Part, ...]:
        if ("u" in value) != ("v" in value):
            raise ValueError(
                f"concatenation has one of u and v; valid are both or neither, not {listed(value)}"
            )
        if len(set(value)) != len(value):
            raise ValueError(f"concatenation: a part is given twice in {listed(value)}")
        return value

    @model_validator(mode="after")
    def _options_belong_to_it(self) -> Objective:
        for option in sorted(self.model_fields_set - {"name"}):
            if self.name not in _OPTIONS[option]:
                raise ValueError(f"{option} is an option of {listed(_OPTIONS[option])}, not of {self.name}")
        return self


class Mining(Settings):
    """Hard negatives for positive pairs: what the base, as a bi-encoder, ranks high and is not a positive."""

    depth: Positive = 50
    negatives: Positive = 2  # for each positive pair
    skip: Annotated[int, Field(ge=0)] = 0  # top results left out, as they may be positives nobody labelled

    @model_validator(mode="after")
    def _deep_enough(self) -> Mining:
        if self.depth < self.skip + self.negatives:
            raise ValueError(
                f"depth {self.depth} is less than skip + negatives ({self.skip + self.negatives})"
            )
        return self


class ObjectiveSettings(Settings):
    """A bi-encoder or a cross-encoder with one output, trained towards one objective.

    ``data`` is read by the loader that its first key names (see ``sources.py``); ``dev`` are sentence pairs as
    an STS suite's ``dataset`` names them: the checkpoint with the best Spearman correlation on them is kept, unless
    ``keep`` says the last.
    """

    kind: Literal["bi-encoder", "cross-encoder"]
    version: Positive
    base: str | PackagedModel
    layers: Positive | None = None  # the first so many of the backbone; default: all
    pooling: PoolingName | None = None  # of a bi-encoder; default: mean
    objective: Objective
    data: Annotated[dict[str, Any], Field(min_length=1)]
    dev: Annotated[dict[str, Any], Field(min_length=1)] | None = None
    mining: Mining | None = None
    epochs: Positive = 1
    steps: Positive | None = None  # stop after so many, whatever the epochs
    evaluations: Positive = 1  # on dev, evenly spread over the training, the last at its end
    keep: Literal["best", "last"] = "best"  # which of the evaluated checkpoints
    before_and_after: bool = False  # record Spearman, alignment and uniformity on dev, at start and end
    patience: Positive | None = None  # stop after so many evaluations without a better one
    dropout: Annotated[float, Field(ge=0, lt=1)] | None = None  # default: the backbone's own
    batch_size: Positive = 32
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    max_length: Positive = 128
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: Device = "cpu"
    seed: Seed = 0
    description: str = ""
    why: str = ""

    @model_validator(mode="after")
    def _fits_together(self) -> ObjectiveSettings:
        name = self.objective.name
        if self.kind == "cross-encoder":
            if name not in CROSS_ENCODER:
                raise ValueError(
                    f"objective {name} is a bi-encoder's; a cross-encoder has {listed(CROSS_ENCODER)}"
                )
            if self.pooling is not None:
                raise ValueError("pooling is a bi-encoder's; a cross-encoder has none")
        if name in IN_BATCH and self.batch_size < 2:
            raise ValueError(
                f"batch_size {self.batch_size}: {name} takes its negatives from the rest of the batch, and a batch "
                "of one has none; valid are 2 and more"
            )
        if self.patience is not None and self.dev is None:
            raise ValueError("patience counts evaluations on dev, and there is no dev")
        if self.before_and_after and (self.dev is None or self.kind == "cross-encoder"):
            raise ValueError("before_and_after measures a bi-encoder on dev; it needs both")
        if self.mining is not None and self.kind == "bi-encoder" and name not in ("triplet", "contrastive"):
            raise ValueError(
                f"mining gives negatives to triplet, contrastive and a cross-encoder, not to {name}"
            )
        return self


@dataclass(frozen=True)
class ObjectiveRecipe:
    """A recipe with an objective and the file it came from."""

    name: str
    settings: ObjectiveSettings
    file: YamlFile

    @property
    def folder(self) -> Path:
        """What the recipe's paths are relative to."""
        return self.file.path.parent

    @property
    def digest(self) -> str:
        """SHA-256 of what the recipe says that can change the weights; its data have digests of their own."""
        return digest(self.settings.model_dump(mode="json", exclude={"data", "dev", "description", "why"}))

    def key(self, base_files: dict[str, str], data_digest: str) -> str:
        """Return the digest of everything that the trained weights depend on."""
        return digest([self.digest, base_files, data_digest, versions(), code_digests()])


def code_digests() -> dict[str, str]:
    """Digests of the modules that a trained model depends on."""
    here = Path(__file__).parent
    names = ("backbones", "batches", "fitting", "losses", "mining", "quality", "shaping")
    return {name: digest((here / f"{name}.py").read_text(encoding="utf-8")) for name in names}


def versions() -> dict[str, str | None]:
    """Return the versions of the libraries that trained weights depend on."""
    return {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
