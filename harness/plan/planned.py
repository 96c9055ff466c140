"""What a run would do, as values: its steps, what they cost, what is missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from harness.stages import Planned


@dataclass(frozen=True)
class Plan:
    """A whole run, foreseen."""

    config: str
    steps: tuple[Planned, ...]
    downloads: tuple[str, ...]
    store: str | None
    peak_memory_bytes: int
    memory_limit_bytes: int
    notes: tuple[str, ...] = ()

    @property
    def forward_passes(self) -> int:
        """Of all steps."""
        return sum(step.forward_passes for step in self.steps)

    @property
    def disk_bytes(self) -> int:
        """What the store would grow by."""
        return sum(step.disk_bytes for step in self.steps)

    @property
    def seconds(self) -> float | None:
        """Of all steps, or None where one could not be timed."""
        return None if self.untimed else self.timed_seconds

    @property
    def timed_seconds(self) -> float:
        """Of those steps that could be timed."""
        return float(sum(step.seconds for step in self.steps if step.seconds is not None))

    @property
    def untimed(self) -> tuple[str, ...]:
        """The steps that could not be timed."""
        return tuple(step.step for step in self.steps if step.seconds is None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        totals = {
            "forward_passes": self.forward_passes,
            "disk_bytes": self.disk_bytes,
            "seconds": self.seconds,
        }
        return {**asdict(self), **totals}
