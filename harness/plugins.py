"""What installed packages add by entry points: models, data sets, measures, tasks, sections of the page.

A group is read when something of it is named that the package has not itself, or when all of it is asked for. A plug-in
that cannot be used is named, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any, Generic, TypeVar

from harness import console
from harness.errors import ConfigError, listed

Row = TypeVar("Row")

MODELS, DATASETS, MEASURES = "harness.models", "harness.datasets", "harness.measures"
TASKS, BLOCKS = "harness.tasks", "harness.report_blocks"
#: What an entry point of each group is.
GROUPS = {
    MODELS: "a class with the methods of a Protocol of harness.models.protocols",
    DATASETS: "a CollectionKind of harness.datasets.retrieval.kinds.kind",
    MEASURES: "a Ranked of harness.measures.families.row",
    TASKS: "a Task of harness.tasks.base",
    BLOCKS: "a function of a ReportView to a Section of harness.report.blocks.base, or None",
}
OWN = "encoder-harness"


class PluginError(ConfigError):
    """A plug-in that was asked for and cannot be used."""


@dataclass(frozen=True)
class Plugin:
    """An entry point: its group and name, what it points to, and the distribution that has it, with its version."""

    group: str
    name: str
    points_to: str
    distribution: str
    version: str

    @property
    def origin(self) -> str:
        """The distribution, with its version."""
        return f"{self.distribution} {self.version}"

    def __str__(self) -> str:
        return f"plug-in {self.name!r} ({self.group}) of {self.origin}"


@cache
def installed(group: str) -> tuple[Plugin, ...]:
    """Every plug-in of a group, by name and distribution; nothing of theirs is imported."""
    found = set()
    for point in metadata.entry_points(group=group):
        about = point.dist
        distribution, version = ("unknown", "") if about is None else (about.name, about.version)
        found.add(Plugin(group, point.name, point.value, distribution, version))
    return tuple(sorted(found, key=lambda one: (one.name, one.distribution, one.points_to)))


def forget() -> None:
    """Look for plug-ins anew: what was installed since the last look is found."""
    installed.cache_clear()
    _loaded.cache_clear()
    _said.clear()
    _used.clear()


@cache
def _loaded(plugin: Plugin) -> Any:
    """Import what a plug-in points to. Raises PluginError, with the plug-in's name, for whatever that raises."""
    point = metadata.EntryPoint(plugin.name, plugin.points_to, plugin.group)
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        why = " ".join(str(error).split())[:300]
        raise PluginError(f"{plugin} cannot be imported: {type(error).__name__}: {why}") from error


def used() -> dict[str, str]:
    """Versions of the distributions whose plug-ins this process has asked for, but for sections of the page."""
    return {one.distribution: one.version for one in sorted(_used, key=str) if one.group != BLOCKS}


#: Plug-ins that were asked for in this process.
_used: set[Plugin] = set()
#: What was said of plug-ins that cannot be used, once a process.
_said: set[str] = set()


def problem_of(plugin: Plugin) -> str | None:
    """Why a plug-in cannot be used, in a sentence; None where it can."""
    alike = [one for one in installed(plugin.group) if one.name == plugin.name]
    if len(alike) > 1:
        return (
            f"two plug-ins of {plugin.group} are called {plugin.name!r}: of {listed(one.origin for one in alike)}; "
            "neither is used, uninstall one of them"
        )
    try:
        _loaded(plugin)
    except PluginError as error:
        return str(error)
    return None


def value_of(plugin: Plugin) -> Any:
    """Return what a plug-in points to. Raises PluginError."""
    problem = problem_of(plugin)
    if problem is not None:
        raise PluginError(problem)
    _used.add(plugin)
    return _loaded(plugin)


def named(group: str, name: str) -> Plugin:
    """Return the plug-in of that name, the first of several. Raises KeyError where there is none."""
    for plugin in installed(group):
        if plugin.name == name:
            return plugin
    raise KeyError(name)


def find(group: str, name: str) -> Any:
    """Return what a plug-in of that name points to. Raises KeyError where there is none, PluginError."""
    return value_of(named(group, name))


def tell(problem: str) -> None:
    """Say once on standard error what is wrong with a plug-in that the work goes on without."""
    if problem not in _said:
        _said.add(problem)
        console.tell(f"warning: {problem}; the rest goes on")


class Extended(Mapping[str, Row], Generic[Row]):
    """The package's own rows of a registry by name, and those of plug-ins."""

    def __init__(self, own: Mapping[str, Row], group: str, checked: Callable[[str, Any], Row]) -> None:
        """``checked`` returns a plug-in's row, given its name and what it points to, or raises ValueError."""
        self._own, self._group, self._checked = own, group, checked

    def __getitem__(self, name: str) -> Row:
        """Return a row. Raises KeyError, or PluginError for a plug-in that cannot be used."""
        if name in self._own:
            return self._own[name]
        return self._row(named(self._group, name))

    def __iter__(self) -> Iterator[str]:
        """Yield the package's own names, then those of plug-ins that can be used; the others are told."""
        yield from self._own
        for name in dict.fromkeys(plugin.name for plugin in installed(self._group)):
            problem = self.problem(named(self._group, name))
            if problem is None:
                yield name
            else:
                tell(problem)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def origin(self, name: str) -> str:
        """Where a row comes from: the package, or a distribution with its version."""
        if name in self._own:
            return OWN
        return named(self._group, name).origin

    def problem(self, plugin: Plugin) -> str | None:
        """Why a plug-in is no row of this registry; None where it is."""
        if plugin.name in self._own:
            return f"{plugin} is called as one of the package's own, which stays; it needs another name"
        try:
            self._row(plugin)
        except PluginError as error:
            return str(error)
        return None

    def _row(self, plugin: Plugin) -> Row:
        value = value_of(plugin)
        try:
            return self._checked(plugin.name, value)
        except ValueError as error:
            raise PluginError(
                f"{plugin} points to {plugin.points_to}, where {GROUPS[self._group]} is wanted: {error}"
            ) from None
