"""What a worker is told to serve, as plain JSON: a resolved config, where its files are, and one pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import settings
from harness.config import (
    Config,
    LoadedConfig,
    LoadedSuite,
    RecipeModel,
    Suite,
)
from harness.models import device as devices
from harness.models import precision
from harness.models.loading import ModelRequest
from harness.settings import Settings
from harness.yamlfile import YamlFile


@dataclass(frozen=True)
class Opening:
    """What a worker serves, and how.

    Attributes:
        config: of which it serves one pipeline.
        pipeline: its name after sweeps are unrolled, such as ``two-stage@20``.
        threads: for every library.
        offline: whether the network is forbidden.
    """

    config: LoadedConfig
    pipeline: str
    threads: int
    offline: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; only what was given, so that another version's defaults are its own."""
        config, suite = self.config, self.config.suite
        return {
            "pipeline": self.pipeline,
            "threads": self.threads,
            "offline": self.offline,
            "config": {
                "name": config.name,
                "path": _absolute(config.file),
                "content": _given(config.settings),
            },
            "suite": {"name": suite.name, "path": _absolute(suite.file), "content": _given(suite.settings)},
        }

    @classmethod
    def from_json(cls, message: Mapping[str, Any]) -> Opening:
        """Return what :meth:`as_json` described.

        Raises ConfigError for a key that this version does not know, KeyError or TypeError for another shape.
        """
        suite_file, config_file = _file(message["suite"]), _file(message["config"])
        suite = LoadedSuite(
            str(message["suite"]["name"]), settings.build(Suite, suite_file.content, suite_file), suite_file
        )
        config = LoadedConfig(
            str(message["config"]["name"]),
            settings.build(Config, config_file.content, config_file),
            config_file,
            suite,
        )
        return cls(config, str(message["pipeline"]), int(message["threads"]), bool(message["offline"]))


def as_served(config: LoadedConfig, requests: Mapping[str, ModelRequest]) -> LoadedConfig:
    """Return a config whose recipes' models are named by the folders they were found in, by the model's name.

    Who serves a model loads a folder, and needs neither the recipe nor what it was trained on.
    """
    models = dict(config.settings.models)
    for name, request in requests.items():
        model = models[name]
        if isinstance(model.source, RecipeModel):
            used = precision.resolved(model.precision, devices.named(request.device), made_here=True)
            served = {model.kind: str(request.folders[0].path), "precision": used}
            models[name] = model.model_copy(update=served)
    return replace(config, settings=config.settings.model_copy(update={"models": models}))


def _given(part: Settings) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _absolute(file: YamlFile) -> str:
    return str(file.path.absolute())


def _file(part: Mapping[str, Any]) -> YamlFile:
    return YamlFile(Path(part["path"]), part["content"], {})
