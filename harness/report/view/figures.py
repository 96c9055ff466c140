"""Reading stored figures safely: NaN and infinities are no figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from harness.report.table import Estimate


def finite(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def estimate(figure: Any, mark: str = "") -> Estimate:
    """A stored figure, plain or as {value, n, interval}; None where a part is missing or not finite."""
    if not isinstance(figure, Mapping):
        return Estimate(finite(figure), mark=mark)
    interval = figure.get("interval") or {}
    low, high = finite(interval.get("low")), finite(interval.get("high"))
    if low is None or high is None:
        low = high = None
    n = finite(figure.get("n"))
    return Estimate(finite(figure.get("value")), low, high, None if n is None else int(n), mark)


def estimates(figures: Any) -> dict[str, Estimate]:
    """Every entry of a mapping that holds a value, by key."""
    if not isinstance(figures, Mapping):
        return {}
    found = {str(key): estimate(figure) for key, figure in figures.items()}
    return {key: figure for key, figure in found.items() if figure.value is not None}
