"""The models of a config: where each comes from, and what overrides its own settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from harness.errors import listed
from harness.search.settings import Bm25, Similarity
from harness.settings import Settings
from harness.values import Device, Positive

Precision = Literal["auto", "fp32", "fp16", "bf16"]
Pooling = Literal["mean", "cls", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]


class PackagedModel(Settings):
    """A model whose weights an installed Python package carries."""

    package: str


class CustomModel(Settings):
    """A third party's class by dotted name, made with ``args``."""

    class_: str = Field(alias="class")
    args: dict[str, Any] = Field(default_factory=dict)


class RecipeModel(Settings):
    """A model that a recipe makes here, the first time it is asked for; ``set`` replaces values of the recipe."""

    recipe: str
    set: dict[str, Any] = Field(default_factory=dict)


class EncoderPair(Settings):
    """One encoder for queries and another for documents."""

    query: str | PackagedModel
    document: str | PackagedModel


#: Which key makes a mapping which kind of source. Tags are not keys, so that they can be told apart in an error's path.
_TAGS = {
    "package": "<package>",
    "class": "<class>",
    "recipe": "<recipe>",
    "query": "<pair>",
    "document": "<pair>",
}


def _source_tag(value: Any) -> str | None:
    if isinstance(value, str):
        return "<id>"
    if isinstance(value, dict):
        return next((tag for key, tag in _TAGS.items() if key in value), None)
    if isinstance(value, Settings):  # when it is written out again
        return next(
            (tag for key, tag in _TAGS.items() if hasattr(value, "class_" if key == "class" else key)), None
        )
    return None


_Id = Annotated[str, Tag("<id>")]
_Package = Annotated[PackagedModel, Tag("<package>")]
_Class = Annotated[CustomModel, Tag("<class>")]
_Pair = Annotated[EncoderPair, Tag("<pair>")]
_Recipe = Annotated[RecipeModel, Tag("<recipe>")]
BiEncoderSource = Annotated[
    _Id | _Package | _Class | _Pair | _Recipe,
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="must be a hub id, a folder, {package: NAME}, {recipe: NAME}, {class: DOTTED.NAME} or "
        "{query: ..., document: ...}",
    ),
]
CrossEncoderSource = Annotated[
    _Id | _Package | _Class | _Recipe,
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="must be a hub id, a folder, {package: NAME}, {recipe: NAME} or {class: DOTTED.NAME}",
    ),
]


class Prompts(Settings):
    """Text put before every query, and before every document; a cross-encoder's goes before a pair's first text."""

    query: str | None = None
    document: str | None = None


#: What a config may say of a third party's class, besides its arguments.
_OF_CLASSES = ("batch_size", "similarity")


class ModelSettings(Settings):
    """One model.

    Exactly one of ``bi_encoder``, ``cross_encoder``, ``bm25``, and what overrides its own settings.
    """

    bi_encoder: BiEncoderSource | None = None
    cross_encoder: CrossEncoderSource | None = None
    bm25: Bm25 | None = None
    revision: str | None = None
    batch_size: Positive | None = None
    batch_tokens: Positive | None = None  # of one forward pass, padding included
    precision: Precision = "auto"  # what the device is fast in; models/precision.py decides
    device: Device | None = None
    max_length: Positive | None = None
    prompts: Prompts | None = None
    pooling: Pooling | None = None
    normalize: bool | None = None
    similarity: Similarity | None = None
    activation: Literal["identity", "sigmoid"] = "identity"
    trust_remote_code: bool = False
    allow_pickle: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> ModelSettings:
        kinds = [kind for kind in ("bi_encoder", "cross_encoder", "bm25") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            given = listed(kinds) or "none of them"
            raise ValueError(f"a model is one of bi_encoder, cross_encoder or bm25; given: {given}")
        allowed = {
            "bi_encoder": set(ModelSettings.model_fields) - {"cross_encoder", "bm25", "activation"},
            "cross_encoder": set(ModelSettings.model_fields)
            - {"bi_encoder", "bm25", "pooling", "normalize", "similarity"},
            "bm25": {"bm25"},
        }[kinds[0]]
        if strange := sorted(self.model_fields_set - allowed):
            raise ValueError(f"{listed(strange)}: not a setting of a {kinds[0].replace('_', '-')}")
        if self.kind == "cross_encoder" and self.prompts is not None and self.prompts.document is not None:
            raise ValueError(
                "prompts: a cross-encoder has one prompt, before the first text of a pair: {query: TEXT}"
            )
        others = sorted(self.model_fields_set - {*kinds, *_OF_CLASSES})
        if others and self.kind != "bm25" and isinstance(self.source, CustomModel):
            raise ValueError(
                f"{listed(others)}: a class decides this itself; what it needs is given in 'args' "
                f"(valid beside it are {listed(_OF_CLASSES)})"
            )
        return self

    @property
    def kind(self) -> Literal["bi_encoder", "cross_encoder", "bm25"]:
        """Which of the three it is."""
        if self.bm25 is not None:
            return "bm25"
        return "bi_encoder" if self.bi_encoder is not None else "cross_encoder"

    @property
    def source(self) -> str | PackagedModel | CustomModel | RecipeModel | EncoderPair:
        """Where its weights, or its class, come from."""
        source = self.bi_encoder or self.cross_encoder
        assert source is not None
        return source
