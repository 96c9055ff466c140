"""What ``load`` prints: a row a load, and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.report.table import MISSING, Column, DataTable, Estimate, table_of


def load(found: Any) -> Iterator[DataTable | str]:
    """Yield a table, and sentences. ``found``: a ``harness.loadtest.Load``."""
    columns = [
        Column("model", "model", "name"),
        Column("concurrency", "at once", "count"),
        Column("batch_size", "batch", "count"),
        Column("load", "load", "text"),
        Column("rate", "requests/s", "figures"),
        Column("n", "n", "count"),
        Column("failed", "failed", "text"),
        *(Column(name, name, "ms") for name in ("p50", "p90", "p99")),
    ]
    rows = [
        (
            row.model,
            row.concurrency,
            row.batch_size,
            row.load,
            MISSING if row.rate_per_s is None else f"{row.rate_per_s:.4g}",
            row.n,
            ", ".join(f"{kind}: {n:,}" for kind, n in sorted(row.failures.items())) or "0",
            *(_estimate(row, name) for name in ("p50", "p90", "p99")),
        )
        for row in found.rows
    ]
    note = "open: latency counts from the scheduled arrival; a failed request is infinitely late"
    yield table_of("load", "", columns, rows, (note,))
    for row in found.rows:
        if row.invalid:
            where = f"{row.model}, {row.concurrency} at once, batch {row.batch_size}"
            yield f"{where}, {row.rate_per_s:.4g}/s: {row.invalid}."
    for name, value in found.overhead_ms.items():
        if value is not None:
            yield (
                f"{name}: of each time up to {value:.3g} ms are the client's own (median of {found.overhead_n}, "
                "against a socket that answers at once with the same bytes)."
            )
    for one in found.highest:
        where = f"{one.model}, {one.concurrency} at once, batch {one.batch_size}"
        if one.rate_per_s is None:
            yield f"{where}: no rate keeps p99 within {one.bound_ms:g} ms: {one.reason}."
        else:
            yield (
                f"{where}: p99 is shown to stay within {one.bound_ms:g} ms up to {one.rate_per_s:.4g} requests/s; it "
                f"is not at {one.broken_per_s:.4g}."
            )
    for name, cost in found.cost.items():
        if "by_tokens" in cost:
            each = f"{cost['tokens_per_text']:.4g} each"
            yield f"{name}: a million texts cost {cost['by_tokens']:.4g} by their tokens ({each})."
        if "by_hours" in cost:
            yield f"{name}: a million texts cost {cost['by_hours']:.4g} by the hour, at the highest rate shown."
    if found.verdict is not None:
        first, second = dict.fromkeys(row.model for row in found.rows)
        yield f"{first} against {second}, in turns: {found.verdict}. {found.reason}."


def _estimate(row: Any, name: str) -> Estimate:
    value, limits = row.latency[name]
    return Estimate(value, limits.low if limits else None, limits.high if limits else None, row.n)
