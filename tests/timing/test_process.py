"""The client, against small programs that speak the protocol, and some that do not."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from harness.timing.process import THREAD_VARIABLES, Launch, ProcessService, Timeouts, thread_environment
from harness.timing.service import Request, ServiceError

PRELUDE = """\
import json, os, signal, sys, time
def read(): return json.loads(sys.stdin.readline())
def say(**message): print(json.dumps(message), flush=True)
first = read()
"""
READY = "say(protocol=1, harness='x', ready={'threads': 3, 'what': first['open']['what']})\n"
ANSWER = """\
def answer(m, **more): say(n=m['n'], elapsed_ns=5, stages_ns={'encode': 5}, counters={'tokens': 2}, **more)
"""
ECHO = """\
for line in sys.stdin:
    m = json.loads(line)
    if m['call'] == 'close': break
    if m['call'] == 'status': say(n=m['n'], status={'peak_device_bytes': 7}); continue
    answer(m, results=[[text, float(len(text))] for text in m['texts']] if 'top' in m else [])
"""
QUERY = Request("q", ("text",), 1)

Start = Callable[..., ProcessService]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    services = []

    def _start(*parts: str, timeouts: Timeouts | None = None) -> ProcessService:
        program = tmp_path / "worker.py"
        program.write_text("".join(parts))
        command = (sys.executable, "-S", str(program))
        launch = Launch(
            "two-stage@5", command, {"what": "that"}, "9.9", dict(os.environ), timeouts or Timeouts()
        )
        services.append(ProcessService(launch))
        return services[-1]

    yield _start
    for service in services:
        service.close()
        assert not psutil.pid_exists(service.pid)


def test_a_query_goes_there_and_back(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, ECHO)
    reply = service.query(QUERY)
    assert (reply.elapsed_ns, dict(reply.stages_ns), reply.counters.tokens) == (5, {"encode": 5}, 2)
    assert service.batch([QUERY, QUERY]).elapsed_ns == 5


def test_what_it_says_of_itself_holds_its_start_and_its_figures_of_now(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, ECHO)
    info = service.info()
    assert (info.name, info.pid) == ("two-stage@5", service.pid)
    assert info.details["start_ns"] > 0
    assert info.details["threads"] == 3
    assert info.details["what"] == "that"
    assert info.details["peak_device_bytes"] == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "line\nend\r\n",
        "nul \0 byte",
        "Größe 漢字 🎈 \u2028",
        "lone \ud800 surrogate",
        "long " * 1_000_000,
    ],
)
def test_any_text_arrives_as_it_is(start: Start, text: str) -> None:
    service = start(PRELUDE, READY, ANSWER, ECHO)
    assert service.answer(Request("q", (text,), 0), top=1) == ((text, float(len(text))),)


def test_a_batch_holds_one_kind(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, ECHO)
    with pytest.raises(ServiceError, match=r"one kind of request, not \['document', 'query'\]"):
        service.batch([QUERY, Request("d", ("text",), 1, "document")])
    with pytest.raises(ServiceError, match="one kind"):
        service.batch([])
    assert service.query(QUERY).elapsed_ns == 5


def test_a_worker_killed_in_a_call_says_how_and_shows_its_stderr(start: Start) -> None:
    dying = "read(); print('loading the index', file=sys.stderr); os.kill(os.getpid(), signal.SIGKILL)\n"
    service = start(PRELUDE, READY, dying)
    with pytest.raises(ServiceError) as caught:
        service.query(QUERY)
    assert "two-stage@5: its worker died (killed by SIGKILL; perhaps the machine is out of memory)" in str(
        caught.value
    )
    assert "loading the index" in str(caught.value)
    with pytest.raises(ServiceError, match="killed by SIGKILL"):
        service.query(QUERY)


def test_a_worker_killed_between_calls(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, ECHO)
    service.query(QUERY)
    os.kill(service.pid, signal.SIGKILL)
    with pytest.raises(ServiceError, match="killed by SIGKILL"):
        service.query(Request("q", ("x" * 1_000_000,), 1))


def test_a_worker_that_raises_while_it_starts_shows_its_traceback(start: Start) -> None:
    with pytest.raises(ServiceError, match=r"died \(exit code 1\).*(?s:.*)ZeroDivisionError"):
        start(PRELUDE, "1 / 0\n")


def test_a_worker_that_refuses_is_quoted(start: Start) -> None:
    with pytest.raises(ServiceError, match=r"^two-stage@5: no such model$"):
        start(PRELUDE, "say(protocol=1, harness='x', error='no such model')\n")


def test_one_failed_call_is_an_error_and_the_next_may_succeed(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, "m = read(); say(n=m['n'], error='too long')\n", ECHO)
    with pytest.raises(ServiceError, match="two-stage@5: too long"):
        service.query(QUERY)
    assert service.query(QUERY).elapsed_ns == 5


@pytest.mark.parametrize("theirs", ["protocol=2", "protocol=None", "other=1"])
def test_another_protocol_version_names_both(start: Start, theirs: str) -> None:
    with pytest.raises(
        ServiceError, match=r"speaks protocol (2|None) \(harness 0\.7\).*protocol 1 \(harness 9\.9\)"
    ):
        start(PRELUDE, f"say({theirs}, harness='0.7', ready={{}})\n")


@pytest.mark.parametrize("garbage", ["Downloading: 100%", "[1, 2]", "{}", "{'n': 1}"])
def test_garbage_where_a_message_is_due_is_quoted(start: Start, garbage: str) -> None:
    service = start(PRELUDE, READY, f"read(); print({garbage!r}, flush=True); time.sleep(60)\n")
    with pytest.raises(ServiceError) as caught:
        service.query(QUERY)
    assert garbage in str(caught.value)


def test_garbage_before_it_is_ready_is_quoted(start: Start) -> None:
    with pytest.raises(ServiceError, match="printed 'Hello' where a message was due"):
        start(PRELUDE, "print('Hello', flush=True); time.sleep(60)\n")


def test_an_answer_to_another_call_is_refused(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, "m = read(); m['n'] = 9; answer(m); time.sleep(60)\n")
    with pytest.raises(ServiceError, match="answered call 9 where 1 was asked"):
        service.query(QUERY)


def test_counters_that_make_no_sense_are_refused(start: Start) -> None:
    service = start(
        PRELUDE, READY, "m = read(); say(n=1, elapsed_ns=1, stages_ns={}, counters={'tokens': -1})\n"
    )
    with pytest.raises(ServiceError, match="makes no sense"):
        service.query(QUERY)


def test_a_hung_worker_is_ended(start: Start) -> None:
    service = start(PRELUDE, READY, "time.sleep(600)\n", timeouts=Timeouts(call_s=0.2))
    with pytest.raises(ServiceError, match="it hangs"):
        service.query(QUERY)
    assert not psutil.pid_exists(service.pid)


def test_a_worker_that_hangs_while_starting_is_ended(start: Start) -> None:
    with pytest.raises(ServiceError, match="it hangs"):
        start(PRELUDE, "time.sleep(600)\n", timeouts=Timeouts(start_s=0.2))


def test_a_worker_that_reads_nothing_is_ended_too(start: Start) -> None:
    service = start(PRELUDE, READY, "time.sleep(600)\n", timeouts=Timeouts(call_s=0.2))
    with pytest.raises(ServiceError, match="it hangs"):
        service.query(Request("q", ("x" * 10_000_000,), 1))


def test_one_that_ignores_close_is_killed_with_what_it_started(start: Start) -> None:
    stubborn = """\
import subprocess
child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])
say(protocol=1, harness='x', ready={'child': child.pid})
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True: time.sleep(600)
"""
    service = start(PRELUDE, stubborn, timeouts=Timeouts(call_s=0.2, close_s=0.2))
    with pytest.raises(ServiceError):
        service.info()
    service.close()
    child = int(service._ready["child"])
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(child).wait(10)
    assert not psutil.pid_exists(child)


def test_closing_twice_and_asking_after(start: Start) -> None:
    service = start(PRELUDE, READY, ANSWER, ECHO)
    service.close()
    service.close()
    with pytest.raises(ServiceError, match="closed"):
        service.query(QUERY)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ServiceError, match="cannot be started: /no/such/python: No such file"):
        ProcessService(Launch("bi", ("/no/such/python",), {}, "1", {}))


def test_thread_limits_for_every_library() -> None:
    limits = thread_environment(3)
    assert limits == {**dict.fromkeys(THREAD_VARIABLES, "3"), "OPENBLAS_THREAD_TIMEOUT": "4"}
    assert "OMP_NUM_THREADS" in THREAD_VARIABLES
