"""The clock: it must not go backwards, and what reading it costs is known."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import harness
from harness.timing.clock import ClockError, MonotonicClock, elapsed_ns, measure_overhead
from harness.timing.closed_loop import run_block
from scripted import ScriptedService, VirtualClock, fixed, requests_of


def test_sleeping_moves_a_virtual_clock_and_never_back():
    clock = VirtualClock(5)
    clock.sleep_until_ns(100)
    clock.sleep_until_ns(50)
    assert clock.now_ns() == 100


def test_the_machines_clock_sleeps_until_its_deadline():
    clock = MonotonicClock()
    deadline = clock.now_ns() + 1_000
    clock.sleep_until_ns(deadline)
    assert clock.now_ns() >= deadline


def test_a_clock_that_goes_backwards_is_an_error():
    assert elapsed_ns(3, 10) == 7
    with pytest.raises(ClockError, match=r"backwards by 7 ns.*monotonic"):
        elapsed_ns(10, 3)


class Backwards(VirtualClock):
    """Every reading is 250 ns before the last."""

    def now_ns(self) -> int:
        self.advance_ns(-250)
        return super().now_ns()


def test_no_measurement_survives_a_clock_that_goes_backwards():
    clock = Backwards()
    with pytest.raises(ClockError, match="backwards by 500 ns"):
        run_block(ScriptedService(clock, fixed(0)), requests_of([3]), clock)
    with pytest.raises(ClockError, match="backwards by 250 ns"):
        measure_overhead(clock, n=10)


class Ticking(VirtualClock):
    """Every reading takes 40 ns."""

    def now_ns(self) -> int:
        self.advance_ns(40)
        return super().now_ns()


def test_overhead_is_that_of_two_readings():
    overhead = measure_overhead(Ticking(), n=1_000)
    assert overhead.per_query_ns == pytest.approx(80, rel=0.01)
    assert (overhead.resolution_ns, overhead.n) == (40, 1_000)
    assert measure_overhead(VirtualClock(), n=10).resolution_ns == 0
    with pytest.raises(ValueError, match="at least one"):
        measure_overhead(VirtualClock(), n=0)


def test_overhead_of_the_machines_clock_is_below_1_percent_of_a_millisecond():
    assert 0 < measure_overhead(MonotonicClock()).per_query_ns < 10_000


def test_service_time_on_a_virtual_clock_is_exact():
    clock = VirtualClock()
    samples = run_block(ScriptedService(clock, fixed(1_234)), requests_of([1, 2, 3]), clock)
    assert samples.service_ns.tolist() == [1_234] * 3
    assert samples.started_ns.tolist() == [0, 1_234, 2_468]


def test_only_the_clock_module_reads_a_clock():
    timing = Path(harness.__path__[0]) / "timing"
    readers = [
        path.name
        for path in timing.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(name.name in ("time", "datetime") for name in node.names)
    ]
    assert readers == ["clock.py"]
