"""What an all-pairs config says, and reading it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from harness import locate, settings, yamlfile
from harness.claims.kind import CONFIGS
from harness.config import (
    Config,
    LoadedConfig,
    ModelSettings,
    check_name,
)
from harness.config.configs import read_overridden, suite_of
from harness.errors import ConfigError, listed, nearest
from harness.settings import Settings
from harness.stages.score import ScoreForm
from harness.values import Device, StoreFolder

_Finite = Annotated[float, Field(allow_inf_nan=False)]


class Thresholds(Settings):
    """From which score on a pair is reported: a similarity, and a cross-encoder's score (its logit by default)."""

    bi_encoder: _Finite
    cross_encoder: _Finite


class Published(Settings):
    """What others measured: seconds at n sentences."""

    n: Annotated[int, Field(ge=2)]
    bi_encoder_s: Annotated[float, Field(gt=0)]
    cross_encoder_s: Annotated[float, Field(gt=0)]
    source: str


class AllPairsSettings(Settings):
    """All pairs among a suite's sentences, by a bi-encoder and by a cross-encoder.

    ``budget_s`` is for measuring; loading and training are apart.
    """

    suite: str
    device: Device = "auto"
    models: Annotated[dict[str, ModelSettings], Field(min_length=2)]
    bi_encoder: str
    cross_encoder: str
    thresholds: Thresholds
    budget_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 120.0
    repeats: Annotated[int, Field(ge=1)] = 5
    predict: Annotated[tuple[Annotated[int, Field(ge=2)], ...], Field(min_length=1)] = (10_000, 100_000)
    tolerance: Annotated[float, Field(gt=0, lt=1)] = 0.15
    published: Published | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    store: StoreFolder = None
    description: str = ""

    @field_validator("models")
    @classmethod
    def _names(cls, value: dict[str, ModelSettings]) -> dict[str, ModelSettings]:
        for name in value:
            check_name(name)
        return value


@dataclass(frozen=True)
class LoadedAllPairs:
    """An all-pairs config, and a config of the same models that models are found and loaded by."""

    settings: AllPairsSettings
    config: LoadedConfig


def load(name: str | Path, overrides: Iterable[str] = ()) -> LoadedAllPairs:
    """Load by name or path. Raises ConfigError with file and line."""
    path = name if isinstance(name, Path) else locate.find(CONFIGS, name)
    file = read_overridden(path, overrides)
    given = settings.build(AllPairsSettings, file.content, file)
    problems = [*_wrong(given, file, "bi_encoder"), *_wrong(given, file, "cross_encoder")]
    if problems:
        raise ConfigError(problems[0], problems[1:])
    suite = suite_of(file, given.suite)
    models = {
        given.bi_encoder: given.models[given.bi_encoder],
        given.cross_encoder: given.models[given.cross_encoder],
    }
    config = Config(
        suite=given.suite,
        device=given.device,
        models=models,
        pipelines={
            "bi-encoder": ScoreForm(score=given.bi_encoder),
            "cross-encoder": ScoreForm(score=given.cross_encoder),
        },
        seed=given.seed,
        store=given.store,
        description=given.description,
    )
    return LoadedAllPairs(given, LoadedConfig(path.stem, config, file, suite))


def _wrong(given: AllPairsSettings, file: yamlfile.YamlFile, kind: str) -> list[str]:
    name = getattr(given, kind)
    valid = [known for known, model in given.models.items() if model.kind == kind]
    if name in valid:
        return []
    what = (
        f"is a {given.models[name].kind.replace('_', '-')}"
        if name in given.models
        else "is not among the models"
    )
    return [
        f"{file.where((kind,))}: {kind} takes a {kind.replace('_', '-')}; {name!r} {what}{nearest(name, valid)}; "
        f"here can stand {listed(valid) or 'none yet: add one under models'}"
    ]
