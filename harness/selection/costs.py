"""What a pipeline costs: made from a bundle's raw samples, turned into money by arithmetic that a hand can redo."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.compare.causes import differing, hardware_of
from harness.compare.speed import MEMORY, records_of, require_same
from harness.errors import NotComparableError
from harness.results.bundle import Bundle
from harness.results.decoding import decoded
from harness.results.schema import Figure, Timing, value_of
from harness.timing import figures
from harness.timing.record import Record

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
        requests: how many requests the latency is of.
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
    requests: int | None = None
    rate_from: str = ""


def costs_of(bundle: Bundle, pipeline: str, price: Price | None, max_p95_ms: float | None = None) -> Costs:
    """Make a pipeline's costs from its samples.

    Raises BundleError where ``result.json`` says other than its samples.
    """
    stored = bundle.pipelines[pipeline].timing
    if stored is None:
        return Costs(missing="no timing was measured")
    if stored.invalid:
        return Costs(missing=f"its timing is invalid ({stored.invalid})")
    record = records_of(bundle).get(pipeline)
    if record is None:
        return Costs(missing="the bundle holds no raw samples of it, and a cost is made from nothing else")
    made = _timing_of(record)
    for name, read in _READ.items():
        one, other = read(stored), read(made)
        if one is not None and other is not None:
            require_same(bundle, f"{pipeline}: {name}", [one], [other])
    return costs_from(made, price, max_p95_ms)


def _timing_of(record: Record) -> Timing:
    """What costs come from, of a pipeline's samples."""
    made = {
        "latency": figures.latency(record),
        "throughput": {"queries_per_s": figures.rate_figure(record, "queries")},
        "memory": {"peak_rss_bytes": figures.repeated(record, MEMORY)},
        "index": {"build_s": figures.repeated(record, "index.build")},
        "load": figures.load(record),
    }
    timing, problems = decoded(Timing, made)
    if timing is None:
        raise ValueError("; ".join(problems))
    return timing


_READ: dict[str, Callable[[Timing], float | None]] = {
    "p95 latency": lambda timing: value_of(timing.latency.p95),
    "mean latency": lambda timing: value_of(timing.latency.mean),
    "queries/s": lambda timing: value_of(timing.throughput.get("queries_per_s")),
    "peak memory": lambda timing: value_of(timing.memory.get("peak_rss_bytes")),
    "index build": lambda timing: value_of(timing.index.get("build_s")),
}


def costs_from(timing: Timing, price: Price | None, max_p95_ms: float | None = None) -> Costs:
    """Turn timings into costs.

    Under a latency bound the rate is one at which the bound is shown to hold; full batches would break it.
    """
    rate, rate_from = _rate(timing, max_p95_ms)
    build = value_of(timing.index.get("build_s"))
    machines, per_million = (None, None) if price is None or not rate else _priced(rate, price)
    return Costs(
        p95_ms=value_of(timing.latency.p95),
        memory_bytes=value_of(timing.memory.get("peak_rss_bytes")),
        queries_per_s=rate,
        machines=machines,
        per_million=per_million,
        index_build_s=build,
        index_build=None if price is None or build is None else build / 3600.0 * price.per_hour,
        upper=_upper(timing),
        requests=None if timing.latency.p95 is None else timing.latency.p95.n,
        rate_from=rate_from,
    )


def _rate(timing: Timing, max_p95_ms: float | None) -> tuple[float | None, str]:
    """Queries a second of one machine, and where that comes from."""
    mean = value_of(timing.latency.mean)
    alone = (1000.0 / mean, "one query at a time") if mean else (None, "")
    if max_p95_ms is None:
        batches = value_of(timing.throughput.get("queries_per_s"))
        return (batches, "full batches") if batches is not None else alone
    kept = [
        point.rate_per_s
        for point in timing.load
        if point.valid and (high := upper_of(point.p99)) is not None and high <= max_p95_ms
    ]
    return (
        (max(kept), f"the highest load whose p99 is shown to stay within {max_p95_ms:g} ms")
        if kept
        else alone
    )


def _upper(timing: Timing) -> dict[str, float]:
    read = {"p95_ms": timing.latency.p95, "memory_bytes": timing.memory.get("peak_rss_bytes")}
    return {key: high for key, figure in read.items() if (high := upper_of(figure)) is not None}


def upper_of(figure: Figure | None) -> float | None:
    """The upper limit of a figure's interval; None where it has none."""
    return None if figure is None or figure.interval is None else figure.interval.high


def _priced(rate: float, price: Price) -> tuple[int | None, float]:
    """Machines for the queries a month, and the price of a million queries."""
    per_hour = rate * price.utilisation * 3600.0
    if price.queries_per_month is None:
        return None, price.per_hour * 1e6 / per_hour
    machines = max(1, math.ceil(price.queries_per_month / (per_hour * HOURS_PER_MONTH)))
    return machines, machines * price.per_hour * HOURS_PER_MONTH / (price.queries_per_month / 1e6)


def require_one_machine(read: Sequence[Bundle]) -> str | None:
    """Check that timings of several bundles may stand side by side; return a warning, or None.

    Raises NotComparableError where they come from different machines.
    """
    timed = [bundle for bundle in read if any(part.timing for part in bundle.pipelines.values())]
    for other in timed[1:]:
        if told := differing(hardware_of(timed[0]), hardware_of(other)):
            raise NotComparableError(
                f"{timed[0].path} and {other.path} were timed on different machines ({told}): stored wall-clock does "
                "not compare; time all pipelines in one bundle"
            )
    if len(timed) > 1:
        return (
            "timings come from different jobs on one kind of machine: differences of some percent may be "
            "the day's"
        )
    return None
