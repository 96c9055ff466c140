"""The one clock. Nothing else in the package reads time for a measurement.

Everything that measures takes a :class:`Clock`, so that the tests can give it one that moves when it is told
to: hours of load in milliseconds, to the nanosecond the same each time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from harness.errors import HarnessError

NS_PER_S = 1_000_000_000


class ClockError(HarnessError):
    """The clock cannot be believed, and so no figure can."""

    exit_code = 70


class Clock(Protocol):
    """Time in nanoseconds from an arbitrary origin, never going backwards."""

    def now_ns(self) -> int:
        """The time now."""
        ...

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Return once the time is ``deadline_ns`` or later; at once if it is past. Sleeps, never spins."""
        ...


class MonotonicClock:
    """The machine's monotonic clock, which no clock adjustment moves."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary origin, which all processes of a Linux machine share."""
        return time.perf_counter_ns()

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Sleep until the deadline; the operating system may wake late, which callers record as lag."""
        while (left := deadline_ns - time.perf_counter_ns()) > 0:
            time.sleep(left / NS_PER_S)


@dataclass(frozen=True)
class TimerOverhead:
    """What measuring itself costs.

    Attributes:
        per_query_ns: mean cost of the two readings around a query.
        resolution_ns: smallest step seen between two readings that differ; 0 where none did.
        n: pairs of readings taken.
    """

    per_query_ns: float
    resolution_ns: int
    n: int


def elapsed_ns(started_ns: int, ended_ns: int) -> int:
    """``ended_ns - started_ns``, never negative.

    Raises:
        ClockError: the clock went backwards in between.
    """
    if ended_ns < started_ns:
        raise ClockError(
            f"the clock went backwards by {started_ns - ended_ns} ns, so the timings are void: "
            "measure on a machine (or a virtual machine) with a monotonic clock"
        )
    return ended_ns - started_ns


def measure_overhead(clock: Clock, n: int = 20_000) -> TimerOverhead:
    """Measure the timer with ``n`` pairs of readings, as they stand around a query; takes some milliseconds.

    Raises:
        ValueError: ``n`` is not positive.
        ClockError: the clock went backwards.
    """
    if n < 1:
        raise ValueError(f"need at least one pair of readings, got {n}")
    readings = np.fromiter((clock.now_ns() for _ in range(2 * n)), dtype=np.int64, count=2 * n)
    steps = np.diff(readings)
    elapsed_ns(0, int(steps.min()))
    moved = steps[steps > 0]
    total = elapsed_ns(int(readings[0]), int(readings[-1]))
    return TimerOverhead(total / n, int(moved.min()) if moved.size else 0, n)
