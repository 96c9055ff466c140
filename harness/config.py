"""Suites and configs: YAML -> frozen settings. Paths are relative to the file that names them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from harness import locate, settings, yamlfile
from harness.errors import ConfigError, UsageError, listed, nearest
from harness.settings import Settings
from harness.yamlfile import Location, YamlFile

TimingProfile = Literal["off", "smoke", "quick", "ci", "laptop", "server"]
Precision = Literal["fp32", "fp16", "bf16"]
Similarity = Literal["cosine", "dot", "euclidean", "manhattan"]
Pooling = Literal["mean", "cls", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
_NAME = re.compile(r"[^\s/\\.\x00-\x1f][^/\\\x00-\x1f]{0,99}")
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")

Positive = Annotated[int, Field(ge=1)]


class Needs(Settings):
    """What a run of a suite needs: megabytes of 10^6 bytes, and the sizes that the work follows from."""

    documents: Positive | None = None
    queries: Positive | None = None
    candidates: Positive | None = None  # (query, document) pairs that the data set itself gives
    pairs: Positive | None = None
    download_mb: Annotated[float, Field(ge=0)] | None = None
    disk_mb: Annotated[float, Field(ge=0)] | None = None
    source: str = ""


class Terms(Settings):
    """What a data set may be used for.

    With ``accept`` nothing is fetched until its name has been accepted.
    """

    name: str
    text: str = ""
    url: str = ""
    accept: str | None = None


class Suite(Settings):
    """What is measured. ``dataset`` is read by the loader that its first key names.

    ``reference`` holds published figures: for each system its measures, the ``source`` and perhaps a
    ``note``.
    """

    task: str
    version: Positive
    dataset: dict[str, Any]
    measures: Annotated[tuple[str, ...], Field(min_length=1)]
    primary: str
    description: str = ""
    reference: dict[str, dict[str, Any]] = Field(default_factory=dict)
    needs: Needs = Field(default_factory=Needs)
    terms: Terms | None = None

    @model_validator(mode="after")
    def _primary_is_measured(self) -> Suite:
        if self.primary not in self.measures:
            raise ValueError(
                f"primary is {self.primary!r}, which is not among the measures {listed(self.measures)}"
            )
        if len(set(self.measures)) != len(self.measures):
            raise ValueError("measures: one is given twice")
        return self

    @field_validator("reference")
    @classmethod
    def _figures_have_a_source(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for system, figures in value.items():
            if not figures.get("source"):
                raise ValueError(f"the figures of {system!r} need a source")
            for measure, figure in figures.items():
                if measure not in ("source", "note") and not isinstance(figure, int | float):
                    raise ValueError(f"{system}: {measure} must be a number, not {figure!r}")
        return value


class PackagedModel(Settings):
    """A model whose weights an installed Python package carries."""

    package: str


class CustomModel(Settings):
    """A third party's class by dotted name, made with ``args``."""

    class_: str = Field(alias="class")
    args: dict[str, Any] = Field(default_factory=dict)


class RecipeModel(Settings):
    """A model that a recipe makes here, the first time it is asked for."""

    recipe: str


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


def _one_or_many(value: Any) -> str:
    return "<sweep>" if isinstance(value, list | tuple) else "<one>"


_Id = Annotated[str, Tag("<id>")]
_Package = Annotated[PackagedModel, Tag("<package>")]
_Class = Annotated[CustomModel, Tag("<class>")]
_Pair = Annotated[EncoderPair, Tag("<pair>")]
_Recipe = Annotated[RecipeModel, Tag("<recipe>")]
BiEncoderSource = Annotated[
    _Id | _Package | _Class | _Pair,
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="must be a hub id, a folder, {package: NAME}, {class: DOTTED.NAME} or "
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
Depth = Annotated[
    Annotated[Positive, Tag("<one>")] | Annotated[tuple[Positive, ...], Field(min_length=1), Tag("<sweep>")],
    Discriminator(_one_or_many),
]


class Prompts(Settings):
    """Text put before every query, and before every document."""

    query: str | None = None
    document: str | None = None


class Bm25(Settings):
    """BM25 by bm25s; the defaults are Lucene's variant with Anserini's parameters."""

    k1: Annotated[float, Field(ge=0)] = 0.9
    b: Annotated[float, Field(ge=0, le=1)] = 0.4
    method: Literal["lucene", "robertson", "atire", "bm25l", "bm25+"] = "lucene"
    stemmer: str | None = "english"
    stopwords: Literal["english", "none"] | tuple[str, ...] = "english"


class ModelSettings(Settings):
    """One model.

    Exactly one of ``bi_encoder``, ``cross_encoder``, ``bm25``, and what overrides its own settings.
    """

    bi_encoder: BiEncoderSource | None = None
    cross_encoder: CrossEncoderSource | None = None
    bm25: Bm25 | None = None
    revision: str | None = None
    batch_size: Positive | None = None
    precision: Precision = "fp32"
    device: str | None = None
    max_length: Positive | None = None
    prompts: Prompts | None = None
    pooling: Pooling | None = None
    normalize: bool | None = None
    similarity: Similarity | None = None
    activation: Literal["identity", "sigmoid"] = "identity"
    trust_remote_code: bool = False
    allow_pickle: bool = False

    @field_validator("device")
    @classmethod
    def _device_exists(cls, value: str | None) -> str | None:
        return None if value is None else check_device(value)

    @model_validator(mode="after")
    def _one_kind(self) -> ModelSettings:
        kinds = [kind for kind in ("bi_encoder", "cross_encoder", "bm25") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            given = listed(kinds) or "none of them"
            raise ValueError(f"a model is one of bi_encoder, cross_encoder or bm25; given: {given}")
        allowed = {
            "bi_encoder": set(ModelSettings.model_fields) - {"cross_encoder", "bm25", "activation"},
            "cross_encoder": set(ModelSettings.model_fields)
            - {"bi_encoder", "bm25", "pooling", "normalize", "similarity", "prompts"},
            "bm25": {"bm25"},
        }[kinds[0]]
        if strange := sorted(self.model_fields_set - allowed):
            raise ValueError(f"{listed(strange)}: not a setting of a {kinds[0].replace('_', '-')}")
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


_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([kmgt]i?)?b?", re.IGNORECASE)
_UNITS: dict[str, int] = {
    "": 1,
    **{f"{unit}{i}": (1024 if i else 1000) ** (n + 1) for n, unit in enumerate("kmgt") for i in ("", "i")},
}


def size_in_bytes(value: Any) -> int:
    """Return the bytes of ``4GB``, ``512 MiB`` or a number. Raises ValueError that says what is valid."""
    match = _SIZE.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if match is None or not (found := round(float(match[1]) * _UNITS[(match[2] or "").lower()])):
        raise ValueError(f"{value!r} is no size; write it as 4GB, 512MiB or a number of bytes")
    return found


MemoryLimit = Annotated[int, BeforeValidator(size_in_bytes)]


class Config(Settings):
    """Who is measured and how."""

    suite: str
    device: str = "auto"
    timing: TimingProfile = "off"
    models: dict[str, ModelSettings] = Field(default_factory=dict)
    pipelines: Annotated[dict[str, PipelineSettings], Field(min_length=1)]
    compare: tuple[Annotated[tuple[str, ...], Field(min_length=2, max_length=2)], ...] | None = None
    texts: bool = True
    seed: int = 0
    store: str | None = None  # a folder, or off; default: the user's cache folder, or HARNESS_STORE
    embeddings: Literal["fp32", "fp16"] = "fp32"  # how documents' vectors rest on disk
    memory_limit: MemoryLimit | None = None  # default: half of what the machine, or its cgroup, has
    description: str = ""

    @field_validator("device")
    @classmethod
    def _device_exists(cls, value: str) -> str:
        return check_device(value)

    @field_validator("store", mode="before")
    @classmethod
    def _no_store(cls, value: Any) -> Any:
        return "off" if value is False else value

    @field_validator("timing", mode="before")
    @classmethod
    def _off_is_a_word(cls, value: Any) -> Any:
        return "off" if value is False else value  # YAML 1.1 reads a bare `off` as false

    @field_validator("models", "pipelines")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            check_name(name)
        if "bm25" in value and isinstance(value["bm25"], ModelSettings) and value["bm25"].kind != "bm25":
            raise ValueError("the model name 'bm25' is kept for BM25 itself; choose another")
        return value


def check_device(value: str) -> str:
    """Return a device name. Raises ValueError that says what is valid."""
    if not _DEVICE.fullmatch(value):
        raise ValueError(f"unknown device {value!r}; valid are auto, cpu, cuda, cuda:N, mps")
    return value


def check_name(name: str) -> str:
    """Return a pipeline's or model's name, which becomes a file's name. Raises ValueError where it cannot."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise ValueError(
            f"the name {name!r} cannot be a file's name: up to 100 characters, no slash or control "
            "character, not "
            "starting with a dot or space"
        )
    return name


@dataclass(frozen=True)
class LoadedSuite:
    """A suite, the file it came from, and its name."""

    name: str
    settings: Suite
    file: YamlFile

    @property
    def folder(self) -> Path:
        """What the suite's paths are relative to."""
        return self.file.path.parent

    def fail(self, problem: str, *location: str | int) -> ConfigError:
        """Return an error that names the suite's file and line."""
        return ConfigError(f"{self.file.where(location)}: {problem}")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the suite says that can change a figure, whatever its formatting."""
        told = {"description", "reference", "needs", "terms"}
        return digest(self.settings.model_dump(mode="json", exclude=told))


@dataclass(frozen=True)
class LoadedConfig:
    """A config, the file it came from, and its suite."""

    name: str
    settings: Config
    file: YamlFile
    suite: LoadedSuite

    @property
    def folder(self) -> Path:
        """What the config's paths are relative to."""
        return self.file.path.parent

    def fail(self, problem: str, *location: str | int) -> ConfigError:
        """Return an error that names the config's file and line."""
        return ConfigError(f"{self.file.where(location)}: {problem}")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what config and suite say, whatever their formatting."""
        return digest([self.settings.model_dump(mode="json", by_alias=True), self.suite.digest])


def digest(value: Any) -> str:
    """SHA-256 of a JSON-like value in one canonical form."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load_suite(name: str | Path, config: Path | None = None) -> LoadedSuite:
    """Load a suite by name or path, as a config's file names it where there is one. Raises ConfigError."""
    beside = config.parent if config is not None else None
    path = name if isinstance(name, Path) else locate.find("suites", name, beside, but=config)
    file = yamlfile.read(path)
    return LoadedSuite(path.stem, settings.build(Suite, file.content, file), file)


def load_config(name: str | Path, overrides: Iterable[str] = ()) -> LoadedConfig:
    """Load a config by name or path, with its suite.

    ``overrides`` are ``key.inner=value`` texts, the value in YAML, as ``--set`` takes them.
    """
    path = name if isinstance(name, Path) else locate.find("configs", name)
    file = yamlfile.read(path)
    for override in overrides:
        file = _override(file, override)
    parsed = settings.build(Config, file.content, file)
    try:
        suite = load_suite(parsed.suite, file.path)
    except ConfigError as error:
        if str(error).startswith(("unknown suite", "suite file")):
            raise ConfigError(f"{file.where(('suite',))}: {error}") from None
        raise
    loaded = LoadedConfig(path.stem, parsed, file, suite)
    _check_references(loaded)
    return loaded


def _override(file: YamlFile, text: str) -> YamlFile:
    key, equals, value_text = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            "--set takes KEY=VALUE, as in --set device=cpu or --set models.minilm.batch_size=16; got "
            f"{text!r}"
        )
    try:
        value = yaml.safe_load(value_text)
    except yaml.YAMLError:
        raise UsageError(f"--set {text}: the value is not valid YAML") from None
    parts = key.strip().split(".")

    def replaced(node: Any, rest: list[str]) -> Any:
        if not rest:
            return value
        if isinstance(node, list):
            if not rest[0].isdigit() or int(rest[0]) >= len(node):
                raise UsageError(f"--set {text}: {rest[0]!r} is no position in a list of {len(node)}")
            return [replaced(item, rest[1:]) if i == int(rest[0]) else item for i, item in enumerate(node)]
        inner = dict(node) if isinstance(node, dict) else {}
        return {**inner, rest[0]: replaced(inner.get(rest[0]), rest[1:])}

    return YamlFile(file.path, replaced(dict(file.content), parts), file.lines)


def _check_references(config: LoadedConfig) -> None:
    """Report every name that a pipeline or comparison uses and nothing defines, all at once."""
    problems: list[str] = []
    known = {**{name: model.kind for name, model in config.settings.models.items()}, "bm25": "bm25"}

    def check(pipeline: str, key: str, name: str, kinds: tuple[str, ...]) -> None:
        where = config.file.where(("pipelines", pipeline, key))
        valid = [n for n, kind in known.items() if kind in kinds]
        wanted = " or ".join(kind.replace("_", "-") if kind != "bm25" else "BM25" for kind in kinds)
        if name not in known:
            problems.append(
                f"{where}: unknown model {name!r}{nearest(name, valid)}; here can stand "
                f"{listed(valid) or 'none yet: add one under models'}"
            )
        elif known[name] not in kinds:
            problems.append(
                f"{where}: {key} takes a {wanted}, and {name!r} is a {known[name].replace('_', '-')}; "
                f"here can stand {listed(valid) or 'none yet: add one under models'}"
            )

    for name, pipeline in config.settings.pipelines.items():
        if pipeline.retrieve:
            check(name, "retrieve", pipeline.retrieve, ("bi_encoder", "bm25"))
        if pipeline.rerank:
            check(name, "rerank", pipeline.rerank, ("cross_encoder",))
        if pipeline.score:
            check(name, "score", pipeline.score, ("bi_encoder", "cross_encoder"))
    names = pipeline_names(config.settings)
    twice = {name for name in names if names.count(name) > 1}
    for name in sorted(twice):
        problems.append(f"{config.file.where(('pipelines',))}: two pipelines would be called {name!r}")
    for i, pair in enumerate(config.settings.compare or ()):
        for name in pair:
            if name not in names:
                where = config.file.where(("compare", i))
                problems.append(
                    f"{where}: unknown pipeline {name!r}{nearest(name, names)}; known are {listed(names)}"
                )
    if problems:
        raise ConfigError("\n".join(problems))


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
