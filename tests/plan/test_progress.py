"""One live view of a whole plan; plain lines where there is no terminal."""

from __future__ import annotations

import io

from rich.console import Console

from harness.progress import Bars, Log, Row, Silent
from scripted import VirtualClock


def test_the_live_view_shows_every_step_from_the_start_and_what_needed_nothing() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    bars = Bars(console)
    with bars.whole([Row("bi: encoding", ("bi", "two@10")), Row("cross: scoring", ("two@10",))]):
        with bars.task("bi: encoding (4,096 in the store)", 10, "documents") as advance:
            advance(4)
            advance(6)
        bars.note("a line between")
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    first = shown.partition("10/10")[0]
    assert "for 2 pipelines" in first
    assert "cross: scoring" in first
    assert "waiting" in first
    assert "bi: encoding (4,096 in the store)" in shown
    assert "10/10" in shown
    assert "a line between" in shown
    assert shown.rstrip().rpartition("cross: scoring")[2].count("nothing to do") == 1


def test_a_task_outside_of_a_plan_has_a_view_of_its_own() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    with Bars(console).task("bm25: indexing", 3, "documents") as advance:
        advance(3)
    assert "3/3" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_log_says_rate_and_time_left_every_ten_seconds() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    log = Log(stream, clock)
    with log.whole([Row("bi: encoding")]), log.task("bi: encoding", 400, "documents") as advance:
        for i in range(1, 5):
            clock.sleep_until_ns(i * 6_000_000_000)
            advance(100)
    lines = stream.getvalue().splitlines()
    assert lines == [
        "bi: encoding: 200 of 400 documents, 17/s, about 12 s left",
        "bi: encoding: 400 documents in 24.0 s",
    ]


def test_the_time_left_counts_no_preparation() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with Log(stream, clock).task("r: training", 100, "questions") as advance:
        clock.sleep_until_ns(40_000_000_000)  # mined, loaded
        advance(1)
        for i in range(1, 11):
            clock.sleep_until_ns((40 + i) * 1_000_000_000)
            advance(2)
    assert stream.getvalue().splitlines() == [
        "r: training: 1 of 100 questions",
        "r: training: 21 of 100 questions, 2/s, about 40 s left",
        "r: training: 21 questions in 50.0 s",
    ]


def test_silence() -> None:
    silent = Silent()
    with silent.whole([Row("a")]), silent.task("a", 1, "x") as advance:
        advance(1)
