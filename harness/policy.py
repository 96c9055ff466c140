"""A gate policy: YAML to frozen settings. The format is documented in ``docs/gating.md``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field

from harness import locate, settings, yamlfile
from harness.errors import ConfigError
from harness.measures import registry
from harness.settings import Settings
from harness.yamlfile import YamlFile

_ErrorRate = Annotated[float, Field(gt=0, lt=0.5)]
_Ratio = Annotated[float, Field(gt=1, lt=100)]


class NonInferiority(Settings):
    """Worse than the baseline by no more than ``margin``, in the measure's unit."""

    rule: Literal["non-inferiority"]
    margin: Annotated[float, Field(gt=0, lt=1)]


class Golden(Settings):
    """The same figure as the baseline's, up to rounding. ``tolerance`` replaces the method's 1e-6 and
    2e-4.
    """

    rule: Literal["golden"]
    tolerance: Annotated[float, Field(ge=0, lt=1)] | None = None


class Floor(Settings):
    """Shown to be at least ``min``, whatever the baseline."""

    rule: Literal["floor"]
    min: Annotated[float, Field(ge=-1, le=1)]


Rule = Annotated[NonInferiority | Golden | Floor, Discriminator("rule")]


class LatencyRule(Settings):
    """Latency over the baseline arm's: 1.05 allows a slow-down of 5 %."""

    max_slowdown: _Ratio


class MemoryRule(Settings):
    """Peak memory over the baseline arm's."""

    max_growth: _Ratio


class Speed(Settings):
    """Judged only where both arms were measured in one job."""

    latency: LatencyRule | None = None
    memory: MemoryRule | None = None


def _in_one_spelling(quality: Any) -> Any:
    """Write trec_eval's and ir-measures' names of measures our way."""
    if not isinstance(quality, dict):
        return quality
    ours = {registry.spelled(name) if isinstance(name, str) else name: rule for name, rule in quality.items()}
    if len(ours) < len(quality):
        raise ValueError(f"one measure is given twice, in two spellings: {', '.join(map(str, quality))}")
    return ours


class Policy(Settings):
    """What a bundle must not do.

    Attributes:
        pipelines: those judged; empty: every pipeline of the bundle (of those the baseline has, where there
            is one).
        quality: measure -> rule.
        speed: rules for two arms.
        counters: ``exact`` gates the work counters.
        alpha: one-sided error rate: of each pass, and of any failure among all checks.
        require_queries: fewer neither pass nor fail a rule on limits; None: any number.
        on_inconclusive: ``warn`` answers 3, ``fail`` counts it as a failure.
        baseline: a folder, relative to the policy file; ``--baseline`` comes first.
        reference: a folder, relative to the policy file: a baseline that never moves. Non-inferiority is judged against
            it as well, so that many small losses cannot add up unseen.
    """

    pipelines: tuple[str, ...] = ()
    quality: Annotated[dict[str, Rule], BeforeValidator(_in_one_spelling)] = Field(default_factory=dict)
    speed: Speed = Field(default_factory=Speed)
    counters: Literal["exact"] | None = None
    alpha: _ErrorRate = 0.05
    require_queries: Annotated[int, Field(ge=2)] | None = None
    on_inconclusive: Literal["warn", "fail"] = "warn"
    baseline: str | None = None
    reference: str | None = None
    description: str = ""


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy and the file it came from."""

    name: str
    settings: Policy
    path: Path


def load_policy(name: str | Path) -> LoadedPolicy:
    """Load a policy by path, or by name from ``configs/policies``.

    Raises ConfigError, with file and line, for what is not valid: an unknown key, rule or measure, or nothing
    to judge.
    """
    path = _find(str(name))
    return policy_of(path.stem, yamlfile.read(path))


def policy_of(name: str, file: YamlFile) -> LoadedPolicy:
    """Return the policy that a file's content says, checked. Raises ConfigError."""
    policy = settings.build(Policy, file.content, file)
    for measure in policy.quality:
        try:
            registry.check(measure)
        except ConfigError as error:
            raise ConfigError(f"{file.where(('quality', measure))}: {error}") from None
    if not (policy.quality or policy.speed.latency or policy.speed.memory or policy.counters):
        raise ConfigError(
            f"{file.where()}: judges nothing; give at least one rule under quality, speed or counters"
        )
    return LoadedPolicy(name, policy, file.path)


def _find(name: str) -> Path:
    if Path(name).is_file():
        return Path(name)
    if name.endswith((".yaml", ".yml")) or "/" in name:
        raise ConfigError(f"policy file {name} does not exist; docs/gating.md shows one")
    folders = (Path.cwd() / "configs" / "policies", locate.shipped("configs") / "policies")
    known = sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.yaml")})
    for folder in folders:
        if (path := folder / f"{name}.yaml").is_file():
            return path
    raise ConfigError(
        f"unknown policy {name!r}; known are {', '.join(known) or 'none'}, or give the path of a YAML file"
    )
