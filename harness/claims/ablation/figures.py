"""What an ablation found: plain values that the report draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Figure:
    """One cell: Spearman's correlation for each seed, in points of 100, beside the published figure."""

    block: str
    row: str
    column: str
    published: float | None
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float | None:
        """Standard deviation over seeds (n - 1); None for one seed."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else None


@dataclass(frozen=True)
class Ablation:
    """Every cell, and what it was measured on and with."""

    name: str
    figures: tuple[Figure, ...]
    seeds: tuple[int, ...]
    pairs: int
    trained: int  # models trained now
    found: int  # models that the store had
    about: dict[str, Any]
