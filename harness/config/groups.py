"""A group: suites that are averaged, each counting alike; a group inside a group counts as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from harness import locate, settings, yamlfile
from harness.config.suites import Reference
from harness.errors import ConfigError
from harness.settings import Settings

_FOLDER = "suites/groups"


class Inner(Settings):
    """A group inside a group, by name."""

    group: str


class GroupSettings(Settings):
    """What a group's file says: its members, what is averaged, and figures that others published for it."""

    members: Annotated[tuple[str | Inner, ...], Field(min_length=1)]
    measure: str
    description: str = ""
    reference: Reference = Field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A group with every suite's weight; the weights add up to 1."""

    name: str
    measure: str
    weights: Mapping[str, float]
    reference: Mapping[str, Mapping[str, Any]]


def load_group(name: str, base: Path | None = None) -> Group:
    """Load a group by name or path. Raises ConfigError, for a suite that would count twice too."""
    path = locate.find(_FOLDER, name, base)
    return _loaded(path, ())


def _loaded(path: Path, within: tuple[Path, ...]) -> Group:
    if path in within:
        raise ConfigError(f"{path}: the group contains itself")
    file = yamlfile.read(path)
    said = settings.build(GroupSettings, file.content, file)
    weights: dict[str, float] = {}
    for i, member in enumerate(said.members):
        where = file.where(("members", i))
        if isinstance(member, str):
            inner = {member: 1.0}
        else:
            inner = dict(_loaded(locate.find(_FOLDER, member.group, path.parent), (*within, path)).weights)
        for suite, weight in inner.items():
            if suite in weights:
                raise ConfigError(f"{where}: the suite {suite} would count twice in the group {path.stem}")
            weights[suite] = weight / len(said.members)
    return Group(path.stem, said.measure, weights, said.reference)
