"""A config: who is measured, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from harness import locate, settings, yamlfile
from harness.config.models import MODEL_KINDS, LiveModel, ModelSettings
from harness.config.suites import LoadedSuite, load_suite
from harness.errors import ConfigError, UsageError, listed, nearest
from harness.settings import Settings
from harness.stages import Pipeline, PipelineSettings, Resolver
from harness.values import Device, MemoryLimit, Milliseconds, Seed, StoreFolder, check_name, digest
from harness.yamlfile import YamlFile

TimingProfile = Literal["off", "smoke", "quick", "ci", "laptop", "server"]


class Config(Settings):
    """Who is measured and how."""

    suite: str
    device: Device = "auto"
    timing: TimingProfile = "off"
    p99_bound: Milliseconds | None = None  # the highest rate that keeps p99 within this is searched for
    models: dict[str, ModelSettings] = Field(default_factory=dict)
    pipelines: Annotated[dict[str, PipelineSettings], Field(min_length=1)]
    compare: tuple[Annotated[tuple[str, ...], Field(min_length=2, max_length=2)], ...] | None = None
    texts: bool = True
    seed: Seed = 0
    store: StoreFolder = None  # a folder, or off; default: the user's cache folder, or HARNESS_STORE
    embeddings: Literal["fp32", "fp16"] = "fp32"  # how documents' vectors rest on disk
    memory_limit: MemoryLimit | None = None  # default: half of what the machine, or its cgroup, has
    description: str = ""

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


def pipeline_names(config: Config) -> list[str]:
    """Return every pipeline's name, a sweep's with its depth or similarity: ``two-stage@10``, ``bi@dot``."""
    return [full for name, form in config.pipelines.items() for full in form.unrolled(name)]


#: Keys that a digest has of every pipeline, given or not, as when one class had them all: it stays what it was.
_DIGESTED = (
    "retrieve", "rerank", "candidates", "depth", "run", "score", "similarity", "encode", "index", "fuse", "method",
    "k", "weights", "normalisation",
)  # fmt: skip


@dataclass(frozen=True)
class LoadedConfig:
    """A config, the file it came from, and its suite.

    Attributes:
        only: the pipelines that count; None: all.
        live: objects that were given in Python in place of a model's name, by that name.
        notes: what is to be said of the run for how it was asked for.
    """

    name: str
    settings: Config
    file: YamlFile
    suite: LoadedSuite
    only: tuple[str, ...] | None = None
    live: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """What the config's paths are relative to."""
        return self.file.path.parent

    def fail(self, problem: str, *location: str | int) -> ConfigError:
        """Return an error that names the config's file and line."""
        return ConfigError(f"{self.file.where(location)}: {problem}")

    @cached_property
    def every_pipeline(self) -> Mapping[str, Pipeline]:
        """Every pipeline's tree by name, a sweep's one by one. Raises ConfigError, with all that is wrong."""
        kinds = {name: model.kind for name, model in self.settings.models.items()}
        called = {key: kind.called for key, kind in MODEL_KINDS.items()}
        resolver = Resolver(self.settings.pipelines, kinds, called, self.file.where)
        pipelines = resolver.pipelines()
        names = pipeline_names(self.settings)
        problems = [*resolver.problems, *self._alike(names), *self._compared(names)]
        if problems:
            raise ConfigError(problems[0], problems[1:])
        return pipelines

    @cached_property
    def pipelines(self) -> Mapping[str, Pipeline]:
        """The pipelines that count."""
        every = self.every_pipeline
        return every if self.only is None else {name: every[name] for name in every if name in self.only}

    def with_only(self, names: Iterable[str]) -> LoadedConfig:
        """Return the config with some of its pipelines alone. Raises UsageError for a name that it does not have."""
        wanted = tuple(names)
        for name in wanted:
            if name not in self.pipelines:
                raise UsageError(
                    f"{self.name} has no pipeline {name!r}{nearest(name, self.pipelines)}; it has "
                    f"{listed(self.pipelines)}"
                )
        return replace(self, only=wanted)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what config and suite say, whatever their formatting."""
        said = self.settings.model_dump(mode="json", by_alias=True)
        return digest([{**said, "pipelines": self.said_of_pipelines}, self.suite.digest])

    @property
    def said_of_pipelines(self) -> dict[str, Any]:
        """Every pipeline's settings, as a digest takes them."""
        said = self.settings.model_dump(mode="json", by_alias=True, exclude_none=True)["pipelines"]
        return {name: {**dict.fromkeys(_DIGESTED), **part} for name, part in said.items()}

    def _alike(self, names: list[str]) -> Iterator[str]:
        """Names that several pipelines would have, or that are one where file names have no case."""
        where = self.file.where(("pipelines",))
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{where}: two pipelines would be called {name!r}"
        alike: dict[str, str] = {}
        for name in dict.fromkeys(names):
            other = alike.setdefault(name.casefold(), name)
            if other != name:
                yield (
                    f"{where}: pipelines {other!r} and {name!r} differ in case alone, and their run files would be one "
                    "where file names have no case; give them other names"
                )

    def _compared(self, names: list[str]) -> Iterator[str]:
        """Comparisons declared with what is no pipeline."""
        for i, pair in enumerate(self.settings.compare or ()):
            for name in pair:
                if name not in names:
                    where = self.file.where(("compare", i))
                    yield f"{where}: unknown pipeline {name!r}{nearest(name, names)}; known are {listed(names)}"


def load_config(name: str | Path, overrides: Iterable[str] = ()) -> LoadedConfig:
    """Load a config by name or path, with its suite.

    ``overrides`` are ``key.inner=value`` texts, the value in YAML, as ``--set`` takes them.
    """
    path = name if isinstance(name, Path) else locate.find("configs", name)
    return loaded(path.stem, read_overridden(path, overrides))


def loaded(
    name: str,
    file: YamlFile,
    suite: LoadedSuite | None = None,
    live: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> LoadedConfig:
    """Return the config that a file's content says, whole and checked; ``suite``: else the one that it names.

    ``live`` and ``notes`` are those of :class:`LoadedConfig`. Raises ConfigError.
    """
    parsed = settings.build(Config, file.content, file)
    found = LoadedConfig(
        name, parsed, file, suite or suite_of(file, parsed.suite), live=live or {}, notes=notes
    )
    for model, said in parsed.models.items():
        if said.kind != "bm25" and isinstance(said.source, LiveModel) and model not in found.live:
            raise found.fail(
                f"model {model!r} was an object given in Python ({said.source.live}), which no file holds; give it "
                f"again, as in harness.run(..., models={{{model!r}: object}}), or name its folder",
                "models",
                model,
            )
    _ = found.every_pipeline  # says what is wrong with it
    return found


def read_overridden(path: Path, overrides: Iterable[str]) -> YamlFile:
    """Read a YAML file with every override put in. Raises ConfigError, UsageError."""
    return overridden(yamlfile.read(path), overrides)


def overridden(file: YamlFile, overrides: Iterable[str]) -> YamlFile:
    """Return a file with every override put in. Raises UsageError."""
    for override in overrides:
        file = _overridden(file, override)
    return file


def suite_of(file: YamlFile, name: str) -> LoadedSuite:
    """Load the suite that a file names under ``suite``. Raises ConfigError, at that line where there is none."""
    try:
        return load_suite(name, file.path)
    except ConfigError as error:
        if str(error).startswith(("unknown suite", "suite file")):
            raise ConfigError(f"{file.where(('suite',))}: {error}") from None
        raise


def _overridden(file: YamlFile, text: str) -> YamlFile:
    """Return a file with what ``key.inner=value`` says put in. Raises UsageError."""
    key, equals, value_text = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            "--set takes KEY=VALUE, as in --set device=cpu or --set models.minilm.batch_size=16; got "
            f"{text!r}"
        )
    try:
        value = yamlfile.value(value_text, "the value")
    except ConfigError as error:
        raise UsageError(f"--set {text[:200]}: {error}") from None
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

    content = replaced(dict(file.content), parts)
    return replace(file, content=content, given={**file.given, tuple(parts): f"--set {text}"})
