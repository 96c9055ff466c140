"""What a pipeline costs: read from a bundle's timings, turned into money by arithmetic that a hand can
redo.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.compare.causes import hardware_of
from harness.errors import NotComparableError
from harness.results.bundle import Bundle

#: 365 days x 24 hours / 12 months.
HOURS_PER_MONTH = 730


@dataclass(frozen=True)
class Price:
    """What a machine like the measured one costs, and what it is for.

    Attributes:
        per_hour: of one machine, in any currency.
        queries_per_month: to be served; None: a machine that is always busy.
        utilisation: share of the measured throughput that may be used.
    """

    per_hour: float
    queries_per_month: float | None = None
    utilisation: float = 1.0


@dataclass(frozen=True)
class Costs:
    """One pipeline's measured costs; None where not measured.

    Attributes:
        p95_ms: closed-loop latency.
        memory_bytes: peak resident memory of the process tree.
        queries_per_s: throughput of one machine.
        machines: needed for the queries a month.
        per_million: price of a million queries.
        index_build_s, index_build: time and price of building the index once.
        missing: why there are no timings; None where there are.
        upper: upper 95 % limits by figure, of those that have an interval.
        rate_from: where ``queries_per_s`` comes from, in words.
    """

    p95_ms: float | None = None
    memory_bytes: float | None = None
    queries_per_s: float | None = None
    machines: int | None = None
    per_million: float | None = None
    index_build_s: float | None = None
    index_build: float | None = None
    missing: str | None = None
    upper: Mapping[str, float] = field(default_factory=dict)
    rate_from: str = ""


def costs_of(part: Mapping[str, Any], price: Price | None, max_p95_ms: float | None = None) -> Costs:
    """Read a pipeline's costs from its part of ``result.json``.

    Under a latency bound the rate is one at which the bound is shown to hold; full batches would break it.
    """
    timing = part.get("timing")
    if not timing:
        return Costs(missing="no timing was measured")
    if timing.get("invalid"):
        return Costs(missing=f"its timing is invalid ({timing['invalid']})")
    latency = timing.get("latency") or {}
    rate, rate_from = _rate(timing, latency, max_p95_ms)
    build = value_of((timing.get("index") or {}).get("build_s"))
    machines, per_million = (None, None) if price is None or not rate else _priced(rate, price)
    return Costs(
        p95_ms=value_of(latency.get("p95")),
        memory_bytes=value_of((timing.get("memory") or {}).get("peak_rss_bytes")),
        queries_per_s=rate,
        machines=machines,
        per_million=per_million,
        index_build_s=build,
        index_build=None if price is None or build is None else build / 3600.0 * price.per_hour,
        upper=_upper(latency, timing),
        rate_from=rate_from,
    )


def _rate(
    timing: Mapping[str, Any], latency: Mapping[str, Any], max_p95_ms: float | None
) -> tuple[float | None, str]:
    """Queries a second of one machine, and where that comes from."""
    mean = value_of(latency.get("mean"))
    alone = (1000.0 / mean, "one query at a time") if mean else (None, "")
    if max_p95_ms is None:
        batches = value_of((timing.get("throughput") or {}).get("queries_per_s"))
        return (batches, "full batches") if batches is not None else alone
    kept = [
        float(point["rate_per_s"])
        for point in timing.get("load") or []
        if point.get("valid") and (high := upper_of(point.get("p99"))) is not None and high <= max_p95_ms
    ]
    return (
        (max(kept), f"the highest load whose p99 is shown to stay within {max_p95_ms:g} ms")
        if kept
        else alone
    )


def _upper(latency: Mapping[str, Any], timing: Mapping[str, Any]) -> dict[str, float]:
    figures = {
        "p95_ms": latency.get("p95"),
        "memory_bytes": (timing.get("memory") or {}).get("peak_rss_bytes"),
    }
    return {key: high for key, figure in figures.items() if (high := upper_of(figure)) is not None}


def upper_of(figure: Any) -> float | None:
    """The upper limit of a figure's interval; None where it has none."""
    interval = figure.get("interval") if isinstance(figure, Mapping) else None
    high = None if not interval else interval.get("high")
    return None if high is None or not math.isfinite(high) else float(high)


def _priced(rate: float, price: Price) -> tuple[int | None, float]:
    """Machines for the queries a month, and the price of a million queries."""
    per_hour = rate * price.utilisation * 3600.0
    if price.queries_per_month is None:
        return None, price.per_hour * 1e6 / per_hour
    machines = max(1, math.ceil(price.queries_per_month / (per_hour * HOURS_PER_MONTH)))
    return machines, machines * price.per_hour * HOURS_PER_MONTH / (price.queries_per_month / 1e6)


def value_of(figure: Any) -> float | None:
    """A figure's value, whether it is stored with its count and interval or plain; None where there is
    none.
    """
    value = figure.get("value") if isinstance(figure, Mapping) else figure
    return None if value is None or not math.isfinite(value) else float(value)


def require_one_machine(read: Sequence[Bundle]) -> str | None:
    """Check that timings of several bundles may stand side by side; return a warning, or None.

    Raises NotComparableError where they come from different machines.
    """
    timed = [bundle for bundle in read if any(part.get("timing") for part in bundle.pipelines.values())]
    for other in timed[1:]:
        mine, theirs = hardware_of(timed[0]), hardware_of(other)
        changed = [key for key in mine if mine[key] != theirs[key]]
        if changed:
            raise NotComparableError(
                f"{timed[0].path} and {other.path} were timed on different machines ("
                + "; ".join(f"{key} {mine[key]} and {theirs[key]}" for key in changed)
                + "): stored wall-clock does not compare; time all pipelines in one bundle"
            )
    if len(timed) > 1:
        return (
            "timings come from different jobs on one kind of machine: differences of some percent may be "
            "the day's"
        )
    return None
