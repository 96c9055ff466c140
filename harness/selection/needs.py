"""What the user needs: constraints and an objective."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.errors import UsageError, listed, nearest
from harness.selection.costs import Costs, Price
from harness.selection.dev import Dev, require_share
from harness.units import milliseconds, size_in_bytes, size_text

#: Cost axes by the name they are asked for.
AXES = {"p95": "p95_ms", "memory": "memory_bytes", "cost": "per_million"}


@dataclass(frozen=True)
class Needs:
    """Constraints, price and objective.

    Attributes:
        max_p95_ms: latency at most.
        max_memory_bytes: peak memory at most.
        max_cost: price of a million queries at most; needs ``price``.
        minimums: (measure, value) pairs to reach.
        price: of a machine.
        objective: ``quality`` (the suite's primary measure), a measure, or a cost axis to keep low.
        axis: the front's cost axis: ``p95``, ``memory`` or ``cost``; None: the first that is known, cost
            before p95 before memory.
        margin: pipelines are tied where the difference is shown to be smaller than this; None: none is called tied.
        cross_validate: give the figure of choosing on some queries and measuring on the others.
        dev: the queries to choose on, as a share, a file of ids or ids; the others are then reported on. None: on all.
    """

    max_p95_ms: float | None = None
    max_memory_bytes: float | None = None
    max_cost: float | None = None
    minimums: tuple[tuple[str, float], ...] = ()
    price: Price | None = None
    objective: str = "quality"
    axis: str | None = None
    margin: float | None = None
    cross_validate: bool = False
    dev: Dev | None = None

    def __post_init__(self) -> None:
        for name in ("max_p95_ms", "max_memory_bytes", "max_cost"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise UsageError(f"{name.replace('_', '-')} is {value}; it must be a positive number")
        require_share(self.dev)
        if self.dev is not None and self.cross_validate:
            raise UsageError("--dev and --cross-validate both keep queries from the choice; give one of them")
        if self.margin is not None and not 0.0 < self.margin < 1.0:
            raise UsageError(
                f"a margin of {self.margin:g} ties nothing; give one above 0 and below 1, such as 0.01"
            )
        if self.axis is not None and self.axis not in AXES:
            raise UsageError(
                f"unknown cost axis {self.axis!r}{nearest(self.axis, AXES)}; valid are {listed(AXES)}"
            )
        if self.price is None and (self.max_cost is not None or "cost" in (self.axis, self.objective)):
            raise UsageError("a cost needs a price: give --price-per-hour (and --queries-per-month)")
        if self.price is not None and not (
            0 < self.price.per_hour < math.inf
            and 0 < self.price.utilisation <= 1
            and (self.price.queries_per_month is None or 0 < self.price.queries_per_month < math.inf)
        ):
            raise UsageError(
                "a price and the queries a month must be positive and finite, and the utilisation between 0 and 1"
            )


@dataclass(frozen=True)
class Constraint:
    """One constraint in words, with its test.

    Attributes:
        name: as it is shown, such as ``p95 <= 50 ms``.
        key: of Costs, or the measure.
        limit: in the unit of the figure.
        at_least: a minimum rather than a maximum.
    """

    name: str
    key: str
    limit: float
    at_least: bool = False

    def figure(self, quality: Mapping[str, float], costs: Costs) -> float | None:
        """What the constraint looks at; None where it was not measured."""
        if self.at_least:
            return quality.get(self.key)
        found: float | None = getattr(costs, self.key)
        return found

    def limit_of(self, floors: Mapping[str, float | None], costs: Costs) -> float | None:
        """The limit that decides: the upper of a cost, the lower of a measure; None where none is known."""
        return floors.get(self.key) if self.at_least else costs.upper.get(self.key)

    def excess(self, figure: float) -> float:
        """By what share of the limit a figure misses it; 0 where it is met."""
        gap = self.limit - figure if self.at_least else figure - self.limit
        return max(0.0, gap) / abs(self.limit) if self.limit else max(0.0, gap)


def constraints_of(needs: Needs) -> tuple[Constraint, ...]:
    """Every constraint that was asked for."""
    found = []
    if needs.max_p95_ms is not None:
        found.append(Constraint(f"p95 ≤ {needs.max_p95_ms:g} ms", "p95_ms", needs.max_p95_ms))
    if needs.max_memory_bytes is not None:
        found.append(
            Constraint(
                f"memory ≤ {size_text(needs.max_memory_bytes)}", "memory_bytes", needs.max_memory_bytes
            )
        )
    if needs.max_cost is not None:
        found.append(
            Constraint(f"cost ≤ {needs.max_cost:g} per million queries", "per_million", needs.max_cost)
        )
    found += [Constraint(f"{m} ≥ {value:g}", m, value, at_least=True) for m, value in needs.minimums]
    return tuple(found)


def parse_size(text: str) -> float:
    """Bytes of ``2GiB``, ``800MB`` or a plain number of bytes. Raises UsageError."""
    return _parsed("--max-memory", size_in_bytes, text)


def parse_time(text: str) -> float:
    """Milliseconds of ``50ms``, ``0.05s`` or a plain number of milliseconds. Raises UsageError."""
    return _parsed("--max-p95", milliseconds, text)


def _parsed(flag: str, parse: Callable[[str], float], text: str) -> float:
    try:
        return float(parse(text))
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from None
