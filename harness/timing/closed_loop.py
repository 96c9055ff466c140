"""Single-stream latency: one query after the other, in blocks, the next as soon as the last is answered.

It says how long a query takes when nobody else asks, and hides nothing but waiting: a stall costs one sample,
however many users it would have kept waiting. For those see :mod:`harness.timing.open_loop`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from harness.timing.clock import NS_PER_S, Clock
from harness.timing.samples import FIRST_PLACE, Place, Samples, checked_sample, from_rows
from harness.timing.service import Request, Service


@dataclass(frozen=True)
class BlockRule:
    """How long one turn of a service is.

    Attributes:
        duration_ns: at least so long.
        longest_ns: a pipeline whose ``queries`` take longer than this is slow.
        queries: at least so many queries,
        slow_queries: or so many of a slow pipeline.
    """

    duration_ns: int = NS_PER_S
    longest_ns: int = 2 * NS_PER_S
    queries: int = 20
    slow_queries: int = 5


_BLOCK_RULE = BlockRule()


def block_size(latency_ns: float, rule: BlockRule = _BLOCK_RULE) -> int:
    """Queries in a block: at least 1 s and 20; where 20 take over 2 s, at least 1 s and 5.

    Raises:
        ValueError: a latency that is not positive.
    """
    if not latency_ns > 0:
        raise ValueError(f"latency must be positive, got {latency_ns!r} ns")
    slow = rule.queries * latency_ns > rule.longest_ns
    return max(math.ceil(rule.duration_ns / latency_ns), rule.slow_queries if slow else rule.queries)


def run_block(
    service: Service,
    requests: Iterable[Request],
    clock: Clock,
    *,
    place: Place = FIRST_PLACE,
    budget_ns: int | None = None,
) -> Samples:
    """Serve the requests one after the other; stop early once ``budget_ns`` is used up.

    Raises:
        ClockError: the clock went backwards.
        ServiceError: the service failed, or reported the impossible.
    """
    rows = []
    used_ns = 0
    for request in requests:
        started_ns = clock.now_ns()
        reply = service.query(request)
        ended_ns = clock.now_ns()
        rows.append(checked_sample(request, started_ns, started_ns, ended_ns, reply))
        used_ns += ended_ns - started_ns
        if budget_ns is not None and used_ns >= budget_ns:
            break
    return from_rows(rows, place)
