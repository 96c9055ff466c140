"""A config: who is measured, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, field_validator

from harness import locate, settings, yamlfile
from harness.config.models import ModelSettings
from harness.config.pipelines import PipelineSettings
from harness.config.references import check_references
from harness.config.suites import LoadedSuite, load_suite
from harness.config.values import Device, MemoryLimit, Milliseconds, StoreFolder, check_name, digest
from harness.errors import ConfigError, UsageError
from harness.settings import Settings
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
    seed: int = 0
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


def load_config(name: str | Path, overrides: Iterable[str] = ()) -> LoadedConfig:
    """Load a config by name or path, with its suite.

    ``overrides`` are ``key.inner=value`` texts, the value in YAML, as ``--set`` takes them.
    """
    path = name if isinstance(name, Path) else locate.find("configs", name)
    file = read_overridden(path, overrides)
    parsed = settings.build(Config, file.content, file)
    loaded = LoadedConfig(path.stem, parsed, file, suite_of(file, parsed.suite))
    check_references(loaded)
    return loaded


def read_overridden(path: Path, overrides: Iterable[str]) -> YamlFile:
    """Read a YAML file with every override put in. Raises ConfigError, UsageError."""
    file = yamlfile.read(path)
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
