"""Counting work: what this run computed, over all its attempts, and what was in the store before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.models.protocols import Work


@dataclass
class Tally:
    """Work behind one model's part of a result. Only ever added to."""

    computed: Work = field(default_factory=Work)
    stored: Work = field(default_factory=Work)

    def as_dict(self) -> dict[str, Any]:
        """Return it for a bundle: what was computed, and under ``stored`` what was taken from the store."""
        return {**asdict(self.computed), "stored": asdict(self.stored)}


@dataclass
class Ledger:
    """Which artifacts have been counted as computed, so that two models of one key are not counted twice."""

    session: str
    _counted: set[str] = field(default_factory=set)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    def enter(self, tally: Tally, artifact: str, session: str, work: Work) -> None:
        """Count an artifact once a tally: as computed where this run made it and no other model's tally has
        it."""
        if (id(tally), artifact) in self._seen:
            return
        self._seen.add((id(tally), artifact))
        if session == self.session and artifact not in self._counted:
            self._counted.add(artifact)
            tally.computed += work
        else:
            tally.stored += work

    def mark(self, artifact: str) -> None:
        """Remember an artifact whose work has been counted in its parts."""
        self._counted.add(artifact)


def work_from(content: Mapping[str, Any]) -> Work:
    """Return the work that an artifact's header tells of."""
    return Work(**{name: int(content.get(name, 0)) for name in Work.__dataclass_fields__})
