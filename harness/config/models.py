"""The models of a config: where each comes from, and what overrides its own settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from harness.config.endpoints import EndpointModel, RerankEndpoint
from harness.errors import listed
from harness.search.settings import Bm25, Similarity
from harness.settings import Settings
from harness.values import Device, Positive

Precision = Literal["auto", "fp32", "fp16", "bf16"]
Backend = Literal["torch", "onnx", "openvino"]
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


class LiveModel(Settings):
    """An object that was given in Python: its class, and SHA-256 of its weights where it has any.

    It stands in the config of a bundle; no file can name one.
    """

    live: str
    sha256: str | None = None


class EncoderPair(Settings):
    """One encoder for queries and another for documents."""

    query: str | PackagedModel
    document: str | PackagedModel


#: Which key makes a mapping which kind of source. Tags are not keys, so that they can be told apart in an error's path.
_TAGS = {
    "url": "<endpoint>",
    "package": "<package>",
    "class": "<class>",
    "recipe": "<recipe>",
    "live": "<live>",
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
_Live = Annotated[LiveModel, Tag("<live>")]
BiEncoderSource = Annotated[
    _Id | _Package | _Class | _Pair | _Recipe | _Live | Annotated[EndpointModel, Tag("<endpoint>")],
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="must be a hub id, a folder, {package: NAME}, {recipe: NAME}, {class: DOTTED.NAME}, "
        "{url: ...} or {query: ..., document: ...}",
    ),
]
CrossEncoderSource = Annotated[
    _Id | _Package | _Class | _Recipe | _Live | Annotated[RerankEndpoint, Tag("<endpoint>")],
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="must be a hub id, a folder, {package: NAME}, {recipe: NAME}, {class: DOTTED.NAME} or "
        "{url: ...}",
    ),
]


WeightsSource = Annotated[
    _Id | _Package | _Live,
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="must be a hub id, a folder or {package: NAME}",
    ),
]


class Prompts(Settings):
    """Text put before every query, and before every document; a cross-encoder's goes before a pair's first text."""

    query: str | None = None
    document: str | None = None


#: What a config may say of a third party's class, besides its arguments, or of an object.
_OF_CLASSES = ("batch_size", "similarity")
#: What a config may say of a model behind a server; the rest is the server's.
_OF_ENDPOINTS = ("batch_size", "prompts", "similarity")


#: Settings that only some kinds of model have.
_OF_SOME = frozenset(
    {"pooling", "normalize", "similarity", "activation", "max_active_dims", "backend", "file"}
)


@dataclass(frozen=True)
class KindOfModel:
    """One kind of model: its key in a config, its file, and what may be set.

    A new kind is a row below, a key of :class:`ModelSettings`, and its file.

    Attributes:
        name: what a bundle calls it.
        called: what messages call it.
        does: what it does, in words.
        made_by: the class of the library's models of this kind, as ``module:class``; empty for what is none.
        own: those settings of ``_OF_SOME`` that it has.
        scores: whether it scores pairs and encodes nothing.
        said: what ``config_sentence_transformers.json`` says of such a folder.
        modules: modules that no other kind has.
    """

    name: str
    called: str
    does: str = ""
    made_by: str = ""
    own: frozenset[str] = frozenset()
    scores: bool = False
    said: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


MODEL_KINDS: dict[str, KindOfModel] = {
    "bi_encoder": KindOfModel(
        "bi-encoder",
        "bi-encoder",
        "it embeds single texts",
        "harness.models.sentence:SentenceBiEncoder",
        frozenset({"pooling", "normalize", "similarity", "backend", "file"}),
    ),
    "cross_encoder": KindOfModel(
        "cross-encoder",
        "cross-encoder",
        "it classifies pairs",
        "harness.models.sentence:SentenceCrossEncoder",
        frozenset({"activation", "backend", "file"}),
        scores=True,
        said=("CrossEncoder",),
    ),
    "sparse_encoder": KindOfModel(
        "sparse-encoder",
        "sparse encoder",
        "it weighs the words of a vocabulary",
        "harness.models.sparse:SentenceSparseEncoder",
        frozenset({"similarity", "max_active_dims"}),
        said=("SparseEncoder",),
        modules=("SpladePooling", "SparseAutoEncoder", "SparseStaticEmbedding"),
    ),
    "multi_vector": KindOfModel(
        "multi-vector",
        "late-interaction model",
        "it embeds each token",
        "harness.models.late:SentenceMultiVectorEncoder",
        said=("MultiVectorEncoder", "ColBERT"),  # PyLate's models, too
        modules=("MultiVectorMask",),
    ),
    "bm25": KindOfModel("bm25", "BM25"),
}


class ModelSettings(Settings):
    """One model.

    Exactly one key of ``MODEL_KINDS``, and what overrides its own settings.
    """

    bi_encoder: BiEncoderSource | None = None
    cross_encoder: CrossEncoderSource | None = None
    sparse_encoder: WeightsSource | None = None
    multi_vector: WeightsSource | None = None
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
    max_active_dims: Positive | None = None
    backend: Backend | None = None  # default: torch
    file: str | None = None  # of the folder, for a backend that is not torch
    trust_remote_code: bool = False
    allow_pickle: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> ModelSettings:
        kinds = [kind for kind in MODEL_KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            given = listed(kinds) or "none of them"
            *most, last = MODEL_KINDS
            raise ValueError(f"a model is one of {', '.join(most)} or {last}; given: {given}")
        kind = MODEL_KINDS[kinds[0]]
        strange = self.model_fields_set - {kinds[0]}
        if kind.made_by:
            strange &= (_OF_SOME - kind.own) | set(MODEL_KINDS)
        if strange:
            raise ValueError(f"{listed(sorted(strange))}: not a setting of a {kinds[0].replace('_', '-')}")
        if self.kind == "cross_encoder" and self.prompts is not None and self.prompts.document is not None:
            raise ValueError(
                "prompts: a cross-encoder has one prompt, before the first text of a pair: {query: TEXT}"
            )
        if self.file is not None and self.backend in (None, "torch"):
            raise ValueError(
                "file: names a file for a backend, and that is torch; say 'backend: onnx' or 'openvino' beside it"
            )
        if self.backend not in (None, "torch") and self.precision != "auto":
            raise ValueError(
                "precision: a backend's file has its own; name the file of that precision under 'file:'"
            )
        others = sorted(self.model_fields_set - {*kinds, *_OF_CLASSES})
        if others and self.kind != "bm25" and isinstance(self.source, CustomModel):
            raise ValueError(
                f"{listed(others)}: a class decides this itself; what it needs is given in 'args' "
                f"(valid beside it are {listed(_OF_CLASSES)})"
            )
        if isinstance(self.source, EndpointModel | RerankEndpoint):
            valid = (
                *_OF_ENDPOINTS,
                *(["activation"] if self.kind == "cross_encoder" and self.source.api == "tei" else []),
            )
            others = sorted(self.model_fields_set - {*kinds, *valid})
            if others:
                raise ValueError(
                    f"{listed(others)}: a server decides this itself (valid beside its url are {listed(valid)})"
                )
        if others and self.kind != "bm25" and isinstance(self.source, LiveModel):
            raise ValueError(
                f"{listed(others)}: an object given in Python is used as it is; set it on the object (valid beside it "
                f"are {listed(_OF_CLASSES)})"
            )
        return self

    @property
    def endpoint(self) -> EndpointModel | RerankEndpoint | None:
        """The server that holds the model; None where it is loaded here."""
        source = self.source
        return source if isinstance(source, EndpointModel | RerankEndpoint) else None

    @property
    def kind(self) -> str:
        """Which of ``MODEL_KINDS`` it is."""
        return next(kind for kind in MODEL_KINDS if getattr(self, kind) is not None)

    @property
    def source(
        self,
    ) -> (
        str
        | PackagedModel
        | CustomModel
        | RecipeModel
        | LiveModel
        | EncoderPair
        | EndpointModel
        | RerankEndpoint
    ):
        """Where its weights, or its class, come from."""
        source: Any = getattr(self, self.kind)
        return source  # type: ignore[no-any-return]
