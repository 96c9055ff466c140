"""The one shape in which every uncertainty travels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A two-sided interval, in the unit of the figure it belongs to.

    Attributes:
        low: lower limit.
        high: upper limit.
        confidence: nominal confidence, such as 0.95; the exact coverage where the method can know it is at
            least this.
        method: how it was made, such as ``bootstrap-percentile``, ``paired-t``, ``binomial``,
            ``signed-rank``.
    """

    low: float
    high: float
    confidence: float
    method: str

    def contains(self, value: float) -> bool:
        """Whether ``value`` lies within the closed interval."""
        return self.low <= value <= self.high
