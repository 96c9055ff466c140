"""What ``gate`` prints: each check with its reason, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.gate import GateResult

_MARKS = {"pass": "✓", "fail": "✗", "inconclusive": "?", "not comparable": "!", "not judged": "–"}


def verdict(result: GateResult) -> Iterator[str]:
    """Every check, then the summary."""
    yield f"{result.bundle} under policy {result.policy}, against {result.baseline or 'no baseline'}"
    for check in result.checks:
        yield f"  {_MARKS[check.status]} {check.status:<14} {check.pipeline}  {check.subject}  ({check.rule})"
        yield f"      {check.reason}"
        yield from (f"      {line}" for line in check.details)
    yield result.summary


def moved(moves: Sequence[tuple[str, str, float, float]]) -> Iterator[str]:
    """How each figure of a baseline moves: (pipeline, measure, before, after)."""
    for pipeline, measure, before, after in moves:
        yield f"{pipeline}  {measure}  {before:.6f} → {after:.6f}  ({after - before:+.6f})"
