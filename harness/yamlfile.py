"""Reading YAML so that every complaint can name file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.errors import ConfigError

#: Where a value stands: the keys and list positions that lead to it.
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlFile:
    """A mapping read from a file, and the line on which each of its keys and items stands."""

    path: Path
    content: Mapping[str, Any]
    lines: Mapping[Location, int]

    def where(self, location: Location = ()) -> str:
        """Return ``path:line`` of a value, or of the nearest thing around it that has a line."""
        while location and location not in self.lines:
            location = location[:-1]
        return f"{self.path}:{self.lines[location]}" if location in self.lines else str(self.path)


def read(path: Path) -> YamlFile:
    """Read a YAML mapping. Raises ConfigError for what cannot be read, and for a key given twice."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be parsed"
        raise ConfigError(f"{path}{line}: not valid YAML: {problem}") from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}: is {'empty' if node is None else 'not a mapping of keys to values'}")
    lines: dict[Location, int] = {}
    content = _value(node, (), lines, path)
    assert isinstance(content, dict)
    return YamlFile(path, content, lines)


def _value(node: yaml.Node, location: Location, lines: dict[Location, int], path: Path) -> Any:
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in mapping:
                raise ConfigError(
                    f"{path}:{line}: key {key!r} is given twice (first on line {lines[(*location, key)]})"
                )
            lines[(*location, key)] = line
            mapping[key] = _value(value_node, (*location, key), lines, path)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*location, i), lines, path) for i, item in enumerate(node.value)]
    if node.tag.startswith("!") or node.tag.startswith("tag:yaml.org,2002:python"):
        raise ConfigError(f"{path}:{node.start_mark.line + 1}: YAML tag {node.tag!r} is not allowed here")
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}:{node.start_mark.line + 1}: {error}") from None
