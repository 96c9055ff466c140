"""``harness list suites|configs|models|measures|pipelines|plugins``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.parsing import add_verb

if TYPE_CHECKING:
    from harness.plugins import Extended, Plugin

_WHAT = ("suites", "configs", "models", "measures", "pipelines", "plugins")


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "list",
        "list what can be named: " + ", ".join(_WHAT),
        ("suites", "data to measure on, with sizes and terms"),
        ("measures", "every measure, and how its name is written"),
    )
    verb.add_argument("what", choices=_WHAT, metavar="|".join(_WHAT), help="what to list")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """List names with what they are."""
    from harness import console
    from harness.report.table import Column, DataTable
    from harness.report.writers import terminal

    rows = {
        "suites": _suites,
        "configs": _configs,
        "models": _models,
        "measures": _measures,
        "pipelines": _pipelines,
        "plugins": _plugins,
    }[given.what]()
    if given.json:
        console.say_json(rows)
        return 0
    if not rows:
        console.say(f"no {given.what}")
        return 0
    columns = tuple(Column(key, key.replace("_", " ")) for key in rows[0])
    terminal.show(DataTable(given.what, "", columns, tuple(tuple(row.values()) for row in rows)))
    return 0


def _suites() -> list[dict[str, Any]]:
    from harness import locate
    from harness.datasets import needs

    rows = []
    for name, path in locate.available("suites").items():
        content = _content(path)
        told = needs.told_by(content)
        rows.append(
            {
                "name": name,
                "task": content.get("task", ""),
                "measures": ", ".join(map(str, content.get("measures", []))),
                "size": needs.described_size(told),
                "needs": needs.described_work(told),
                "terms": (content.get("terms") or {}).get("name", ""),
                "description": content.get("description", ""),
            }
        )
    return rows


def _content(path: Path) -> Any:
    """Read a suite's YAML without its line numbers, which take most of the time. Raises ConfigError."""
    import yaml

    from harness import yamlfile

    try:
        content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, OSError, ValueError, KeyError, IndexError, RecursionError):
        content = None
    return (
        content if isinstance(content, dict) else yamlfile.read(path).content
    )  # says what is wrong, and where


def _configs() -> list[dict[str, Any]]:
    from harness import locate, yamlfile

    rows = []
    for name, path in locate.available("configs").items():
        content = yamlfile.read(path).content
        rows.append(
            {"name": name, "suite": content.get("suite", ""), "description": content.get("description", "")}
        )
    return rows


def _models() -> list[dict[str, Any]]:
    """Models that the known configs name, and those an installed package carries."""
    from importlib import metadata

    from harness import locate, plugins, yamlfile
    from harness.config import MODEL_KINDS
    from harness.errors import listed
    from harness.models.folders import KNOWN_PACKAGES

    rows: list[dict[str, Any]] = []
    for hub_id, known in KNOWN_PACKAGES.items():
        try:
            state = f"installed {metadata.version(known.package)}"
        except metadata.PackageNotFoundError:
            state = "not installed"
        rows.append({"model": hub_id, "kind": "bi_encoder", "from": f"package {known.package} ({state})"})
    users: dict[tuple[str, str], list[str]] = {}
    for name, path in locate.available("configs").items():
        for model in (yamlfile.read(path).content.get("models") or {}).values():
            for kind in MODEL_KINDS:
                if kind in model:
                    users.setdefault((_source(model[kind]), kind), []).append(name)
    for (source, kind), names in users.items():
        rows.append({"model": source, "kind": kind, "from": f"configs: {listed(dict.fromkeys(names))}"})
    for plugin in plugins.installed(plugins.MODELS):
        kinds = "bi_encoder or cross_encoder"
        rows.append({"model": f"class {plugin.name}", "kind": kinds, "from": f"plug-in of {plugin.origin}"})
    return rows


def _source(said: Any) -> str:
    """Where a model comes from, as a config says it, in a few words."""
    if not isinstance(said, dict):
        return str(said)
    return ", ".join(f"{key} {value}" for key, value in said.items())


def _measures() -> list[dict[str, Any]]:
    from dataclasses import asdict

    from harness.measures import registry

    return [asdict(entry) for entry in registry.entries()]


def _plugins() -> list[dict[str, Any]]:
    """Every plug-in with where it comes from, and why one cannot be used; all are imported to know."""
    from harness import plugins

    return [
        {
            "group": group,
            "name": plugin.name,
            "from": plugin.origin,
            "points_to": plugin.points_to,
            "state": _problem(plugin) or "usable",
        }
        for group in plugins.GROUPS
        for plugin in plugins.installed(group)
    ]


def _problem(plugin: Plugin) -> str | None:
    """Why a plug-in cannot be used, as the registry that it adds to says."""
    from harness import plugins
    from harness.datasets.retrieval.kinds import COLLECTIONS
    from harness.measures.ranked import RANKED
    from harness.report.blocks import PLUGGED
    from harness.tasks import TASKS

    registries: dict[str, Extended[Any]] = {
        plugins.DATASETS: COLLECTIONS,
        plugins.MEASURES: RANKED,
        plugins.TASKS: TASKS,
        plugins.BLOCKS: PLUGGED,
    }
    if plugin.group in registries:
        return registries[plugin.group].problem(plugin)
    return plugins.problem_of(plugin)


def _pipelines() -> list[dict[str, Any]]:
    from harness.stages import FORMS

    return [{"pipeline": form, "what": text} for kind in FORMS for form, text in kind.written]
