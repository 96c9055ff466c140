"""Reading YAML so that every complaint can name file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harness.errors import ConfigError

#: Where a value stands: the keys and list positions that lead to it.
Location = tuple[str | int, ...]

_LARGEST = 256 * 1024
_DEEPEST = 40
_MOST_VALUES = 50_000
_TAG = "tag:yaml.org,2002:"
#: What a scalar may be, and its name in a message.
_SCALARS = {
    f"{_TAG}str": "text",
    f"{_TAG}int": "whole number",
    f"{_TAG}float": "number",
    f"{_TAG}bool": "true or false",
    f"{_TAG}null": "null",
    f"{_TAG}timestamp": "date",
    f"{_TAG}merge": "key",
    f"{_TAG}value": "key",
}


@dataclass(frozen=True)
class YamlFile:
    """A mapping read from a file, and the line on which each of its keys and items stands.

    ``given`` are values that stand in no line: where they were put in, and what put them there.
    """

    path: Path
    content: Mapping[str, Any]
    lines: Mapping[Location, int]
    given: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def where(self, location: Location = ()) -> str:
        """Return ``path:line`` of a value, or of the nearest thing around it that has a line."""
        words = tuple(map(str, location))
        for length in range(len(words), 0, -1):
            if words[:length] in self.given:
                return f"{self.path} with {self.given[words[:length]]}"
        while location and location not in self.lines:
            location = location[:-1]
        return f"{self.path}:{self.lines[location]}" if location in self.lines else str(self.path)


def read(path: Path) -> YamlFile:
    """Read a YAML mapping. Raises ConfigError for what cannot be read, and for a key given twice."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(
                f"{path}: is larger than {_LARGEST // 1024} KiB, and no file of settings; is it the right one?"
            )
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    reader = _Reader(str(path))
    node = reader.composed(text)
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}: is {'empty' if node is None else 'not a mapping of keys to values'}")
    content = reader.value(node, ())
    assert isinstance(content, dict)
    return YamlFile(path, content, reader.lines)


def value(text: str, name: str) -> Any:
    """Return one value written in YAML; ``name`` begins a message. Raises ConfigError."""
    reader = _Reader(name)
    node = reader.composed(text)
    return None if node is None else reader.value(node, ())


class _Reader:
    """Turns YAML into plain values, within bounds: a few lines of it can stand for more than any memory holds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Location, int] = {}
        self._values = 0
        self._loader = yaml.SafeLoader("")

    def composed(self, text: str) -> yaml.Node | None:
        """Parse a text. Raises ConfigError."""
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f":{mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "cannot be parsed"
            raise ConfigError(f"{self.name}{line}: not valid YAML: {problem}") from None
        except RecursionError:
            raise ConfigError(f"{self.name}: nested deeper than {_DEEPEST} levels") from None

    def value(self, node: yaml.Node, location: Location) -> Any:
        """Return the value of a node. Raises ConfigError."""
        self._values += 1
        if len(location) > _DEEPEST:
            raise self._fail(node, f"nested deeper than {_DEEPEST} levels, or an alias that holds itself")
        if self._values > _MOST_VALUES:
            raise self._fail(
                node, f"stands for more than {_MOST_VALUES:,} values; are there aliases of aliases?"
            )
        self.lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            self._check_tag(node, "map")
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, "seq")
            return [self.value(item, (*location, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fail(key_node, "a key must be a word, not a list or a mapping")
            key, line = self._text(key_node), key_node.start_mark.line + 1
            if key in mapping:
                raise self._fail(
                    key_node, f"key {key!r} is given twice (first on line {self.lines[(*location, key)]})"
                )
            self.lines[(*location, key)] = line
            mapping[key] = self.value(value_node, (*location, key))
        return mapping

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag not in _SCALARS:
            raise self._fail(node, f"YAML tag {node.tag!r} is not allowed here")
        if node.tag == f"{_TAG}timestamp":
            return self._text(node)
        try:
            found = self._loader.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError, KeyError, IndexError):
            kind = _SCALARS[node.tag]
            raise self._fail(node, f"{_shown(node.value)} is no {kind}") from None
        if isinstance(found, str):
            return self._text(node)
        if isinstance(found, int) and abs(found) >= 2**63:
            raise self._fail(node, f"{_shown(node.value)} is too large a number")
        return found

    def _text(self, node: yaml.Node) -> str:
        text: str = node.value
        try:
            text.encode()
        except UnicodeEncodeError:
            raise self._fail(node, "holds half a surrogate pair, which is no character") from None
        return text

    def _check_tag(self, node: yaml.Node, kind: str) -> None:
        if node.tag != f"{_TAG}{kind}":
            raise self._fail(node, f"YAML tag {node.tag!r} is not allowed here")

    def _fail(self, node: yaml.Node, problem: str) -> ConfigError:
        return ConfigError(f"{self.name}:{node.start_mark.line + 1}: {problem}")


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 60 else repr(text[:57] + "...")
