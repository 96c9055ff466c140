"""The losses that are recorded: means over so many steps each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Curve:
    """Means of the losses of every ``every`` steps; a rest of fewer is not recorded."""

    every: int = 20
    means: list[float] = field(default_factory=list)
    _rest: list[float] = field(default_factory=list)

    def add(self, loss: float) -> None:
        """Take the loss of one more step."""
        self._rest.append(loss)
        if len(self._rest) == self.every:
            self.means.append(sum(self._rest) / self.every)
            self._rest.clear()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {"means": list(self.means), "rest": list(self._rest)}

    def recall(self, said: Mapping[str, Any]) -> None:
        """Go on from what was returned by ``as_dict``."""
        self.means[:], self._rest[:] = said["means"], said["rest"]
