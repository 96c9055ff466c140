"""A clock that moves when it is told to, and services that take the time of a script: what the method is tested with.

A *script* is a function from the number of the call and the time now to a duration. With a :class:`VirtualClock` a call
takes no real time, and exactly the scripted virtual time:

    clock = VirtualClock()
    service = ScriptedService(clock, fixed(1_000_000))       # 1 ms a call
    service = ScriptedService(clock, stalling(1_000_000, on_call=50, stall_ns=10**9))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from harness.timing.clock import Clock
from harness.timing.counters import WorkCounters
from harness.timing.service import Request, ServiceError, ServiceInfo, ServiceReply

Script = Callable[[int, int], int]
"""From the number of the call (0 is the first) and the time now in ns, to the duration of the call in ns."""


class VirtualClock:
    """A clock for tests: it stands still until told to move, and sleeping moves it at once."""

    def __init__(self, start_ns: int = 0) -> None:
        """Start at ``start_ns``."""
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """The time it was last moved to."""
        return self._now_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Move to the deadline, unless it is past."""
        self._now_ns = max(self._now_ns, deadline_ns)

    def advance_ns(self, step_ns: int) -> None:
        """Move by a step; a negative one makes a clock that goes backwards."""
        self._now_ns += step_ns


def fixed(duration_ns: int) -> Script:
    """Every call takes the same time."""
    return lambda call, now_ns: duration_ns


def stalling(duration_ns: int, on_call: int, stall_ns: int) -> Script:
    """As :func:`fixed`, but call number ``on_call`` takes ``stall_ns`` longer."""
    return lambda call, now_ns: duration_ns + (stall_ns if call == on_call else 0)


def settling(duration_ns: int, calls: int) -> Script:
    """Twice as slow on the first call, and settling linearly to ``duration_ns`` over so many calls."""
    return lambda call, now_ns: duration_ns + duration_ns * max(0, calls - call) // max(1, calls)


def noisy(duration_ns: int, spread: float, seed: int) -> Script:
    """Log-normal durations about ``duration_ns`` with a standard deviation of ``spread`` in the logarithm."""
    generator = np.random.default_rng(seed)
    return lambda call, now_ns: int(duration_ns * np.exp(generator.normal(0.0, spread)))


def drifting(script: Script, per_hour: float) -> Script:
    """A machine that slows every script on it alike, by the share ``per_hour`` of each hour that passes."""
    return lambda call, now_ns: int(script(call, now_ns) * (1.0 + per_hour * now_ns / 3.6e12))


class ScriptedService:
    """A service whose every duration is scripted. It counts one forward pass and the request's length in
    tokens.

    ``dies_on`` makes it raise ServiceError on that call, as a worker that dies does.
    """

    def __init__(
        self, clock: Clock, script: Script, *, name: str = "stub", dies_on: int | None = None
    ) -> None:
        """Start a service on ``clock``."""
        self.clock, self.script, self.name, self.dies_on = clock, script, name, dies_on
        self.calls = 0
        self.seen: list[str] = []
        self.closed = False

    def query(self, request: Request) -> ServiceReply:
        """Serve one request in the scripted time."""
        return self._serve([request])

    def batch(self, requests: Sequence[Request]) -> ServiceReply:
        """Serve all of them in the scripted time of one call."""
        return self._serve(requests)

    def info(self) -> ServiceInfo:
        """A name, and no process."""
        return ServiceInfo(self.name, pid=0)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _serve(self, requests: Sequence[Request]) -> ServiceReply:
        call, self.calls = self.calls, self.calls + 1
        if self.closed or call == self.dies_on:
            raise ServiceError(f"service {self.name!r} died on call {call}")
        self.seen.extend(request.id for request in requests)
        now_ns = self.clock.now_ns()
        duration_ns = self.script(call, now_ns)
        self.clock.sleep_until_ns(now_ns + duration_ns)
        longest = max(request.length for request in requests)
        counters = WorkCounters(
            forward_passes=1,
            tokens=sum(request.length for request in requests),
            padded_tokens=longest * len(requests),
        )
        tokenise_ns = duration_ns // 10
        return ServiceReply(
            duration_ns, {"tokenise": tokenise_ns, "encode": duration_ns - tokenise_ns}, counters
        )


def requests_of(lengths: Sequence[int]) -> tuple[Request, ...]:
    """Requests ``q0``, ``q1``, ... of the given lengths."""
    return tuple(Request(f"q{i}", ("word " * length,), length) for i, length in enumerate(lengths))
