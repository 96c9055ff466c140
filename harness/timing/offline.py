"""Offline throughput: everything at hand at once, in whatever batches are fastest, over and over for a given
time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from harness.errors import NotComparableError
from harness.stats import mean_interval
from harness.timing.clock import NS_PER_S, Clock, elapsed_ns
from harness.timing.counters import COUNTER_NAMES, WorkCounters
from harness.timing.service import Request, Service
from harness.timing.summary import Statistic

# Batches in a repeat, how much larger than the last a trial may be, and how near to its time is enough.
_CALLS, _GROWTH, _NEAR = 8, 8, 1.25


@dataclass(frozen=True)
class OfflineRepeat:
    """One repeat.

    Attributes:
        items: requests processed (documents, queries or pairs).
        elapsed_ns: time between the first call and the end of the last, by the driver's clock.
        counters: work done.
    """

    items: int
    elapsed_ns: int
    counters: WorkCounters


def fitting_batch(service: Service, requests: Sequence[Request], clock: Clock, duration_ns: int) -> int:
    """How many requests take about an eighth of a repeat, found by trials that grow from one.

    A call is never cut short, so a slow service must not be given everything at once.

    Raises:
        NotComparableError: no requests.
        ServiceError: the service failed.
    """
    _check_some(requests)
    size = 1
    while True:
        started_ns = clock.now_ns()
        service.batch(requests[:size])
        took_ns = max(1, clock.now_ns() - started_ns)
        more = min(_GROWTH, duration_ns / _CALLS / took_ns)
        if size == len(requests) or more < _NEAR:
            return size
        size = min(math.ceil(size * more), len(requests))


def run_offline(
    service: Service,
    requests: Sequence[Request],
    clock: Clock,
    *,
    duration_ns: int,
    repeats: int,
    at_once: int | None = None,
) -> tuple[OfflineRepeat, ...]:
    """Process the requests, in their order and from the first again, until ``duration_ns`` has passed; that
    ``repeats`` times, each from the first.

    A batch call holds ``at_once`` of them, or all, and is never cut short, so that the lengths processed are
    always the real ones.

    Raises:
        NotComparableError: no requests.
        ValueError: a duration, a number of repeats or a batch that is not positive.
        ClockError: the clock went backwards.
        ServiceError: the service failed.
    """
    _check_some(requests)
    size = len(requests) if at_once is None else at_once
    if duration_ns < 1 or repeats < 1 or size < 1:
        raise ValueError(
            f"duration, repeats and batch must be positive, got {duration_ns} ns, {repeats} and {size}"
        )
    batches = [requests[low : low + size] for low in range(0, len(requests), size)]
    return tuple(_repeat(service, batches, clock, duration_ns) for _ in range(repeats))


def throughput(repeats: Sequence[OfflineRepeat], confidence: float = 0.95) -> dict[str, Statistic]:
    """Rates in 1/s by name: ``items``, and each work counter that counted anything, such as
    ``padded_tokens``.

    The mean over the repeats, with Student's t interval over them; the count is the number of repeats.

    Raises:
        NotComparableError: no repeats, or one that took no time.
    """
    if not repeats or any(repeat.elapsed_ns <= 0 for repeat in repeats):
        raise NotComparableError("no throughput: nothing was repeated, or a repeat took no time")
    amounts = {"items": [repeat.items for repeat in repeats]}
    for name in COUNTER_NAMES:
        amounts[name] = [getattr(repeat.counters, name) for repeat in repeats]
    return {name: _rate(amount, repeats, confidence) for name, amount in amounts.items() if any(amount)}


def _check_some(requests: Sequence[Request]) -> None:
    if not requests:
        raise NotComparableError("there is nothing to time: zero requests")


def _repeat(
    service: Service, batches: Sequence[Sequence[Request]], clock: Clock, duration_ns: int
) -> OfflineRepeat:
    counters = WorkCounters()
    items = passed_ns = 0
    started_ns = clock.now_ns()
    for batch in cycle(batches):
        counters += service.batch(batch).counters
        items += len(batch)
        passed_ns = elapsed_ns(started_ns, clock.now_ns())
        if passed_ns >= duration_ns:
            break
    return OfflineRepeat(items, passed_ns, counters)


def _rate(amounts: Sequence[int], repeats: Sequence[OfflineRepeat], confidence: float) -> Statistic:
    rates = [amount * NS_PER_S / repeat.elapsed_ns for amount, repeat in zip(amounts, repeats, strict=True)]
    interval = mean_interval(rates, confidence)
    reason = None if interval else "an interval needs two repeats"
    return Statistic(sum(rates) / len(rates), len(rates), "1/s", interval, reason)
