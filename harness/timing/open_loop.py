"""Open-loop load: queries arrive when users send them, whether or not the last one is answered.

The arrivals are drawn in advance, and latency counts from the *scheduled* arrival, so that a stall is felt by
every query that it keeps waiting, as it would be by users [MLPerf LoadGen, server scenario; G. Tene, "How NOT
to measure latency"].

A service answers one call at a time, so the queue in front of it needs no threads: whoever waits at an
arrival is known from the schedule and from when earlier queries were sent. The generator and the service thus
never compete for a core, and with a constant service time the waits are exactly Lindley's recursion,

    wait[i + 1] = max(0, wait[i] + service[i] - (arrival[i + 1] - arrival[i]))
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from harness.errors import NotComparableError, UsageError
from harness.stats import percentile
from harness.timing.clock import NS_PER_S, Clock
from harness.timing.samples import (
    FIRST_PLACE,
    FloatArray,
    IntArray,
    Place,
    Sample,
    Samples,
    checked_sample,
    dropped_sample,
    from_rows,
)
from harness.timing.service import Request, Service
from harness.timing.waits import utilisation

# Beyond this share of the latency itself, lateness of the generator would be reported as the pipeline's.
MAX_LAG_SHARE = 0.1


@dataclass(frozen=True)
class Limits:
    """What an overloaded run is cut off by.

    Attributes:
        queue: queries that may wait; one that arrives to a full queue is dropped.
        give_up_ns: after so long from the first instant, what is still waiting is dropped; None: never.
    """

    queue: int = 1_000
    give_up_ns: int | None = None

    def __post_init__(self) -> None:
        """Refuse a queue without a place, or no time.

        Raises:
            ValueError: a limit that is not positive.
        """
        if self.queue < 1 or (self.give_up_ns is not None and self.give_up_ns < 1):
            raise ValueError(f"limits must be positive, got {self}")


_NO_LIMITS = Limits()


def draw_arrivals(rate_per_s: float, count: int, seed: int) -> IntArray:
    """Arrival times in ns from the start of the load, shape [count]: exponential gaps at the given rate.

    The gaps are scaled so that the mean gap is exactly that of the rate (a Poisson process given its count):
    a load of 0.9 is 0.9 and not by chance 1.0. The gaps of one seed are the same numbers at every rate, only
    scaled, so that load points differ by their load alone.

    Raises:
        UsageError: a rate that is not positive and finite, or above one a nanosecond.
        ValueError: a negative count.
    """
    if not 0.0 < rate_per_s < NS_PER_S:
        raise UsageError(
            f"a load of {rate_per_s!r} queries/s cannot be generated; give a positive, finite rate"
        )
    if count < 0:
        raise ValueError(f"count must be zero or more, got {count}")
    gaps = np.random.default_rng(seed).exponential(size=count)
    scale = NS_PER_S / rate_per_s / gaps.mean() if count else 0.0
    return np.asarray((np.cumsum(gaps) * scale).round(), dtype=np.int64)


def run_open_loop(
    service: Service,
    requests: Sequence[Request],
    arrivals_ns: IntArray,
    clock: Clock,
    *,
    limits: Limits = _NO_LIMITS,
    place: Place = FIRST_PLACE,
) -> Samples:
    """Serve the requests, in turn and over again, as they arrive; one sample for each arrival.

    Raises:
        NotComparableError: no requests.
        ClockError: the clock went backwards.
        ServiceError: the service failed, or reported the impossible.
    """
    if not requests:
        raise NotComparableError("there is nothing to time: zero queries")
    return from_rows(list(_serve(service, cycle(requests), arrivals_ns, clock, limits)), place)


def _serve(
    service: Service, requests: Iterator[Request], arrivals_ns: IntArray, clock: Clock, limits: Limits
) -> Iterator[Sample]:
    origin_ns = clock.now_ns()
    waiting_until: deque[int] = deque()  # when each query was sent that was still waiting at the last arrival
    for request, arrival_ns in zip(requests, arrivals_ns.tolist(), strict=False):
        scheduled_ns = origin_ns + arrival_ns
        while waiting_until and waiting_until[0] <= scheduled_ns:
            waiting_until.popleft()
        clock.sleep_until_ns(scheduled_ns)
        started_ns = clock.now_ns()
        late = limits.give_up_ns is not None and started_ns - origin_ns >= limits.give_up_ns
        if late or len(waiting_until) >= limits.queue:
            yield dropped_sample(request, scheduled_ns)
            continue
        reply = service.query(request)
        ended_ns = clock.now_ns()
        waiting_until.append(started_ns)
        yield checked_sample(request, scheduled_ns, started_ns, ended_ns, reply)


def generator_lag_ns(samples: Samples) -> FloatArray:
    """How late each served query of one run was sent, shape [n_served], though it was due and the service was
    free."""
    served = ~samples.dropped
    ended = samples.ended_ns[served]
    free = np.concatenate([samples.scheduled_ns[served][:1], ended[:-1]])
    due = np.maximum(samples.scheduled_ns[served], free)
    return np.asarray(samples.started_ns[served] - due, dtype=np.float64)


def generator_lags(samples: Samples) -> str | None:
    """Why the load was not generated as drawn, or None where it was: no statement about the pipeline then.

    The lag's median and p99 may each be at most a tenth of those of the latency itself.
    """
    served = ~samples.dropped
    lag, latency = generator_lag_ns(samples), samples.sojourn_ns[served]
    for p in (0.5, 0.99):
        late, whole = percentile(lag, p), percentile(latency, p)
        if late is not None and whole is not None and late > MAX_LAG_SHARE * whole:
            return (
                f"the load could not be generated: the generator itself sends {late / 1e6:.3f} ms late at "
                f"p{100 * p:g}, over a tenth of the latency of {whole / 1e6:.3f} ms"
            )
    return None


def overloaded(samples: Samples) -> str | None:
    """Why the service could not carry the load, or None where it could.

    Where queries arrive as fast as they are served, or faster, the wait grows with the run, and every figure
    says how long the run was.
    """
    load = utilisation(samples)
    if load is None or load < 1.0:
        return None
    return f"overload: queries arrive {load:.2f} times as fast as they are served"
