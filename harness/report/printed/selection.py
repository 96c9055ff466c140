"""What ``select`` prints: every candidate with its costs, the one to take, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.errors import listed
from harness.measures import registry
from harness.report.table import Column, DataTable, Value, merged, table_of

if TYPE_CHECKING:
    from harness.compare.losses import LossSplit
    from harness.selection import Candidate, Selection


def selection(found: Selection) -> Iterator[DataTable | str]:
    """The choice, with its reasons and its arithmetic."""
    # What is lost where is worth a line of those that one might take.
    fitting = {c.label for c in found.candidates if c.fits} or {c.label for c in found.candidates}
    yield found.title
    yield candidates(found)
    yield ""
    yield f"Recommended: {found.recommended}" if found.recommended else "Recommended: none"
    for line in (
        *found.reasons,
        *(f"Warning: {text}." for text in found.warnings),
        *(_loss(loss) for loss in found.losses if loss.pipeline in fitting),
    ):
        yield f"  {line}"
    if found.arithmetic:
        yield from ("", "Arithmetic:", *(f"  {line}" for line in found.arithmetic))


def candidates(found: Selection) -> DataTable:
    """Every candidate, the recommended one marked."""
    measure, test = found.measure, {} if found.held is None else found.held.test
    columns: list[tuple[Column, Callable[[Candidate], Value]]] = [
        (Column("pipeline", "pipeline", "name"), lambda c: c.label),
        (Column("fits", "fits"), _fits),
        (
            Column(measure, f"{measure} dev" if test else measure, "number", registry.better(measure)),
            lambda c: c.quality[measure],
        ),
        (
            Column(f"{measure}_test", f"{measure} test", "number", registry.better(measure)),
            lambda c: test[c.label][measure] if test else None,
        ),
        (Column("p95_ms", "p95 ms", "ms", "lower"), lambda c: c.costs.p95_ms),
        (Column("p95_limit_ms", "its limit", "ms", "lower"), lambda c: c.costs.upper.get("p95_ms")),
        (Column("requests", "requests", "count"), lambda c: c.costs.requests),
        (Column("memory_bytes", "memory", "bytes", "lower"), lambda c: c.costs.memory_bytes),
        (Column("queries_per_s", "queries/s", "rate", "higher"), lambda c: c.costs.queries_per_s),
        (Column("per_million", "cost/million", "money", "lower"), lambda c: c.costs.per_million),
        (Column("on_front", "on front"), lambda c: ("on" if c.on_front else "off") if found.axis else None),
        (Column("probability", "best", "share"), lambda c: c.front_probability),
    ]
    rows = [tuple(read(c) for _, read in columns) for c in found.candidates]
    table = table_of("candidates", "", [column for column, _ in columns], rows)
    table = merged(table, ("on_front", "probability"), Column("front", "front", "figures"), " ")
    marked = (i for i, c in enumerate(found.candidates) if c.label == found.recommended)
    return replace(table, marked=next(marked, None))


def _fits(candidate: Candidate) -> str:
    """Whether it meets every constraint; what was not measured is told from what is missed."""
    missed = [name for name, share in candidate.missed.items() if share is not None]
    unknown = [name for name, share in candidate.missed.items() if share is None]
    parts = [f"misses {listed(missed)}"] if missed else []
    parts += [f"not measured: {listed(unknown)}"] if unknown else []
    return "; ".join(parts) or "yes"


def _loss(loss: LossSplit) -> str:
    ceilings = ", ".join(f"{value:.4f} at {depth}" for depth, value in loss.ceilings.items())
    return (
        f"{loss.pipeline}: of {loss.ideal - loss.value:.4f} lost against the ideal, the first stage missed "
        f"{loss.missed:.4f} and the reranker misordered {loss.misordered:.4f}; a perfect reranker would reach "
        f"{ceilings}."
    )
