"""Load with several requests at once: every request is a sample, failures by kind, latency from the scheduled arrival."""

from __future__ import annotations

from threading import Barrier, Lock

import numpy as np
import pytest

from harness.errors import NotComparableError
from harness.timing.clock import NS_PER_S, MonotonicClock
from harness.timing.concurrent import drawn, load_point, run_closed, run_open
from harness.timing.open_loop import Limits
from harness.timing.profiles import Quota
from harness.timing.service import Request
from harness.timing.waits import utilisation

REQUESTS = tuple(Request(str(i), (f"text {i}",), 6) for i in range(5))
MS = NS_PER_S // 1000


class Ticks:
    """A clock that moves by one whenever it is read, so that a quota is one of calls."""

    def __init__(self) -> None:
        self.time, self.lock = 0, Lock()

    def now_ns(self) -> int:
        with self.lock:
            self.time += 1
            return self.time

    def sleep_until_ns(self, deadline_ns: int) -> None:
        with self.lock:
            self.time = max(self.time, deadline_ns)


class Server:
    """Takes so long, and fails at some of its calls; knows how many were with it at once."""

    def __init__(
        self, ms: float = 1.0, fails: dict[int, str] | None = None, stalls: dict[int, float] | None = None
    ) -> None:
        self.ms, self.fails, self.stalls, self.calls, self.inside, self.most = (
            ms,
            fails or {},
            stalls or {},
            0,
            0,
            0,
        )
        self.lock, self.clock = Lock(), MonotonicClock()

    def __call__(self, request: Request) -> str | None:
        with self.lock:
            self.calls += 1
            call = self.calls
            self.inside += 1
            self.most = max(self.most, self.inside)
        wait = self.stalls.get(call, self.ms)
        self.clock.sleep_until_ns(self.clock.now_ns() + round(wait * MS))
        with self.lock:
            self.inside -= 1
        return self.fails.get(call)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_closed_loop_keeps_so_many_on_their_way(concurrency: int) -> None:
    together, asked = Barrier(concurrency, timeout=30), []

    def attempt(request: Request) -> None:
        asked.append(request.id)
        if len(asked) <= concurrency:
            together.wait()  # all must be there at once

    loaded = run_closed(attempt, REQUESTS, Ticks(), concurrency, Quota(100, 20))
    assert len(loaded.samples) == len(asked) >= 20
    assert sorted(loaded.samples.request_id.tolist()) == sorted(asked)
    assert set(asked) == {request.id for request in REQUESTS}
    assert loaded.failures == {}


def test_failures_are_samples_by_kind() -> None:
    server = Server(0.0, fails={3: "429", 5: "timeout", 9: "429"})
    loaded = run_closed(server, REQUESTS, Ticks(), 2, Quota(100, 20))
    assert loaded.failures == {"429": 2, "timeout": 1}
    assert int(loaded.samples.dropped.sum()) == 3
    assert np.isinf(loaded.samples.sojourn_ns).sum() == 3
    served = len(loaded.samples) - 3
    assert served >= 17
    assert loaded.served_per_s == pytest.approx(served * NS_PER_S / loaded.elapsed_ns)


def test_a_stall_is_felt_by_every_arrival_that_it_keeps_waiting() -> None:
    arrivals = np.arange(60, dtype=np.int64) * 4 * MS
    loaded = run_open(Server(0.2, stalls={10: 120.0}), REQUESTS, arrivals, MonotonicClock(), 1, Limits())
    felt = loaded.samples.sojourn_ns > 20 * MS
    assert felt.sum() >= 20  # those due within the stall, and not only the one that stalled
    closed = run_closed(Server(0.2, stalls={10: 120.0}), REQUESTS, MonotonicClock(), 1, Quota(200 * MS, 20))
    assert np.median(closed.samples.round_trip_ns) < 100 * MS


def test_what_is_never_sent_is_counted_too() -> None:
    arrivals = np.arange(30, dtype=np.int64)
    loaded = run_open(Server(5), REQUESTS, arrivals, MonotonicClock(), 2, Limits(queue=4))
    assert len(loaded.samples) == 30
    assert loaded.failures["queue full"] == int(loaded.samples.dropped.sum()) >= 20
    late = run_open(Server(5), REQUESTS, arrivals, MonotonicClock(), 1, Limits(give_up_ns=12 * MS))
    assert late.failures["given up"] >= 20


def test_several_at_once_carry_what_one_cannot() -> None:
    arrivals = drawn(400.0, Quota(200 * MS, 40), 0)
    loaded = run_open(Server(5), REQUESTS, arrivals, MonotonicClock(), 32, Limits())
    alone, together = utilisation(loaded.samples), utilisation(loaded.samples, 32)
    assert alone is not None
    assert together == pytest.approx(alone / 32)
    assert alone > 1 > together
    assert not load_point(loaded, 400.0, 32).overload
    assert load_point(loaded, 400.0, 1).overload


def test_nothing_to_send_and_an_error_of_our_own() -> None:
    with pytest.raises(NotComparableError, match="zero requests"):
        run_closed(Server(), (), MonotonicClock(), 1, Quota(1, 1))

    def broken(request: Request) -> str | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_closed(broken, REQUESTS, Ticks(), 2, Quota(100, 1))
