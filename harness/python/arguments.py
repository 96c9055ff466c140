"""What was given in Python where a file could stand."""

from __future__ import annotations

from dataclasses import dataclass

from harness.yamlfile import Location, YamlFile


@dataclass(frozen=True)
class Call(YamlFile):
    """What was given in Python, as if it were a file: messages name the argument, for there is no line."""

    def where(self, location: Location = ()) -> str:
        """Return the argument that a value came in."""
        return ", ".join(filter(None, (self.path.name, ".".join(map(str, location)))))
