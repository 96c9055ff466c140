"""Load with several requests on their way at once, as on a server: closed loops side by side, and scheduled arrivals.

A request that fails is a sample, too: its latency is infinite, and its kind of failure is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import numpy as np

from harness.errors import NotComparableError
from harness.stats import percentile
from harness.timing.clock import NS_PER_S, Clock
from harness.timing.load_curve import LoadPoint
from harness.timing.open_loop import MAX_LAG_SHARE, Limits, draw_arrivals
from harness.timing.profiles import Quota
from harness.timing.samples import FIRST_PLACE, FloatArray, IntArray, Sample, Samples, from_rows
from harness.timing.service import Request, ServiceReply
from harness.timing.waits import open_loop_summary, utilisation

#: Makes one request; returns the kind of its failure, or None. It raises nothing.
Attempt = Callable[[Request], "str | None"]


@dataclass(frozen=True, eq=False)
class Loaded:
    """What came of some load.

    Attributes:
        samples: one a request, in the order in which they were due; those that failed are marked as dropped.
        failures: by kind; ``queue full`` and ``given up`` are those that were never sent.
        elapsed_ns: from the first to the last moment.
        lag_ns: how late each arrival was handed on, [n]; empty of a closed loop.
    """

    samples: Samples
    failures: Counter[str]
    elapsed_ns: int
    lag_ns: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def served_per_s(self) -> float | None:
        """Requests a second that were answered; None where none was."""
        served = int((~self.samples.dropped).sum())
        return served * NS_PER_S / self.elapsed_ns if served and self.elapsed_ns > 0 else None


def run_closed(
    attempt: Attempt, requests: Sequence[Request], clock: Clock, concurrency: int, quota: Quota
) -> Loaded:
    """Let so many clients ask one request after the other, until the quota is met.

    Raises:
        NotComparableError: no requests.
    """
    _check(requests)
    rows: list[tuple[Sample, str | None]] = []
    source, lock, origin_ns = cycle(requests), Lock(), clock.now_ns()

    def client() -> None:
        while not quota.over(clock.now_ns() - origin_ns, len(rows)):
            with lock:
                request = next(source)
            rows.append(_made(attempt, request, None, clock))

    _side_by_side([client] * concurrency)
    return _loaded(rows, clock.now_ns() - origin_ns)


def run_open(
    attempt: Attempt,
    requests: Sequence[Request],
    arrivals_ns: IntArray,
    clock: Clock,
    concurrency: int,
    limits: Limits,
) -> Loaded:
    """Send the requests as they arrive, so many at once; latency counts from the scheduled arrival.

    Raises:
        NotComparableError: no requests.
    """
    _check(requests)
    rows: list[tuple[Sample, str | None]] = []
    lags: list[int] = []
    waiting: SimpleQueue[tuple[Request, int] | None] = SimpleQueue()
    origin_ns = clock.now_ns()

    def client() -> None:
        while (found := waiting.get()) is not None:
            request, scheduled_ns = found
            late = limits.give_up_ns is not None and clock.now_ns() - origin_ns >= limits.give_up_ns
            rows.append(
                _unsent(request, scheduled_ns, "given up")
                if late
                else _made(attempt, request, scheduled_ns, clock)
            )

    def arrive() -> None:
        for request, arrival_ns in zip(cycle(requests), arrivals_ns.tolist(), strict=False):
            scheduled_ns = origin_ns + arrival_ns
            clock.sleep_until_ns(scheduled_ns)
            lags.append(clock.now_ns() - scheduled_ns)
            if waiting.qsize() >= limits.queue:
                rows.append(_unsent(request, scheduled_ns, "queue full"))
            else:
                waiting.put((request, scheduled_ns))
        for _ in range(concurrency):
            waiting.put(None)

    _side_by_side([arrive, *([client] * concurrency)])
    return _loaded(rows, clock.now_ns() - origin_ns, np.asarray(lags, dtype=np.float64))


def load_point(loaded: Loaded, rate_per_s: float, concurrency: int) -> LoadPoint:
    """Return what an open loop says of one rate; invalid where the load could not be generated, or carried."""
    samples = loaded.samples
    load = utilisation(samples, concurrency)
    overload = load is not None and load >= 1.0
    reason = (
        f"overload: requests arrive {load:.2f} times as fast as {concurrency} at once are served"
        if overload
        else None
    )
    reason = reason or _lags(loaded)
    summary = None if reason else open_loop_summary(samples, servers=concurrency)
    return LoadPoint(rate_per_s, samples, summary, reason, overload)


def drawn(rate_per_s: float, quota: Quota, seed: int) -> IntArray:
    """Return arrivals of one rate, for a quota."""
    return draw_arrivals(rate_per_s, quota.arrivals(rate_per_s), seed)


def _lags(loaded: Loaded) -> str | None:
    latency = loaded.samples.sojourn_ns[~loaded.samples.dropped]
    for p in (0.5, 0.99):
        late, whole = percentile(loaded.lag_ns, p), percentile(latency, p)
        if late is not None and whole is not None and late > MAX_LAG_SHARE * whole:
            return (
                f"the load could not be generated: arrivals are handed on {late / 1e6:.3f} ms late at p{100 * p:g}, "
                f"over a tenth of the latency of {whole / 1e6:.3f} ms"
            )
    return None


def _made(
    attempt: Attempt, request: Request, scheduled_ns: int | None, clock: Clock
) -> tuple[Sample, str | None]:
    started_ns = clock.now_ns()
    failure = attempt(request)
    ended_ns = clock.now_ns()
    due_ns = started_ns if scheduled_ns is None else scheduled_ns
    reply = ServiceReply(ended_ns - started_ns)
    return Sample(request.id, due_ns, started_ns, ended_ns, reply, dropped=failure is not None), failure


def _unsent(request: Request, scheduled_ns: int, why: str) -> tuple[Sample, str | None]:
    return Sample(request.id, scheduled_ns, scheduled_ns, scheduled_ns, ServiceReply(0), dropped=True), why


def _loaded(rows: list[Any], elapsed_ns: int, lags: FloatArray | None = None) -> Loaded:
    ordered = sorted(rows, key=lambda row: row[0].scheduled_ns)
    failures = Counter(failure for _, failure in ordered if failure is not None)
    samples = from_rows([sample for sample, _ in ordered], FIRST_PLACE)
    return Loaded(samples, failures, elapsed_ns, np.empty(0) if lags is None else lags)


def _check(requests: Sequence[Request]) -> None:
    if not requests:
        raise NotComparableError("there is nothing to time: zero requests")


def _side_by_side(what: Sequence[Callable[[], None]]) -> None:
    """Do all at once, and raise the first error of any."""
    errors: list[BaseException] = []

    def guarded(do: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                do()
            except BaseException as error:
                errors.append(error)

        return run

    threads = [Thread(target=guarded(do), daemon=True) for do in what]
    for thread in threads:
        thread.start()
    for thread in _joined(threads):
        thread.join()
    if errors:
        raise errors[0]


def _joined(threads: Sequence[Thread]) -> Iterator[Thread]:
    """Yield threads as they end, so that Ctrl-C is heard in between."""
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
        yield thread
