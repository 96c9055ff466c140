"""``python -m harness.worker``: one pipeline served over standard input and output, in a process of its own.

Started by :mod:`harness.timing.process`; the messages are those of :mod:`harness.timing.protocol`. Standard
output is for messages alone: before anything else is imported, what Python or a library prints there is led to
standard error. Heavy imports wait until the opening message has been understood, so that a worker of another
version can say so at once.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from harness import __version__
from harness.timing import protocol

if TYPE_CHECKING:
    from harness.serving.base import Answer
    from harness.serving.starting import Started

Start = Callable[[Mapping[str, Any]], "Started"]


def main() -> int:
    """Serve until the input ends; returns the exit code."""
    lines, out = reserve_streams()
    end_with_driver(out.fileno())
    return Worker(lines, out, _start).serve()


def end_with_driver(out: int) -> None:
    """End as soon as the driver has ended, with all that this process started.

    A thread waits for that. While libraries are loaded Python may not come to its turn for a second: until the worker
    is ready, Linux ends it with its driver, too.
    """
    _die_with_parent(True)
    if not _lives(os.environ.get("HARNESS_DRIVER", "")):
        os._exit(0)  # it died before it could be asked for
    lifeline = os.environ.pop("HARNESS_LIFELINE", "")
    watch = threading.Thread(target=_end_with, args=(lifeline, out), name="driver", daemon=True)
    watch.start()


def _lives(driver: str) -> bool:
    try:
        os.kill(int(driver), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):  # no driver that says so, or another user's
        return True
    return True


def _end_with(lifeline: str, out: int) -> None:
    try:
        while os.read(int(lifeline), 1):
            pass
    except (
        ValueError,
        OSError,
    ):  # a driver that gives none; macOS may not tell the end of who reads the answers
        watched = select.poll()
        watched.register(out, 0)  # what is always told: an error or the end of the other side
        watched.poll()
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _die_with_parent(wanted: bool) -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL if wanted else 0, 0, 0, 0)  # PR_SET_PDEATHSIG


def reserve_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for messages; others read nothing, and print to standard error."""
    lines = os.fdopen(os.dup(0), "rb")
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return lines, out


@dataclass(frozen=True)
class Worker:
    """The loop: one message in, one out. ``start`` makes the pipeline of an opening's body."""

    lines: BinaryIO
    out: BinaryIO
    start: Start

    def serve(self) -> int:
        """Answer until told to close or the input ends."""
        try:
            return self._serve()
        except BrokenPipeError:
            return 0  # the driver is gone: nobody is left to answer

    def _serve(self) -> int:
        line = self.lines.readline()
        if not line:
            return 0
        try:
            message = protocol.decoded(line)
        except ValueError as error:
            return self._refuse(
                f"the opening is no message ({error}); this program is started by 'harness run'"
            )
        problem = protocol.other_version(message, __version__)
        if problem:
            return self._refuse(f"the driver {problem}")
        try:
            started = self.start(message["open"])
        except Exception as error:
            return self._refuse(_told(error))
        self._say({**_MINE, "ready": {"protocol": protocol.PROTOCOL, **started.details}})
        while line := self.lines.readline():
            try:
                message = protocol.call(line)
            except ValueError as error:
                return self._refuse(f"what came is no call ({error})")
            if message["call"] == "close":
                self._say({"n": message["n"]})
                break
            self._answer(message["n"], _answered(started, message))
        return 0

    def _answer(self, n: int, answer: Mapping[str, Any]) -> None:
        try:
            self._say({"n": n, **answer})
        except (ValueError, TypeError) as error:  # a score that is no number, say
            self._say({"n": n, "error": f"its answer is none that can be sent: {error}"})

    def _refuse(self, problem: str) -> int:
        self._say({**_MINE, "error": problem})
        return 2

    def _say(self, message: Mapping[str, Any]) -> None:
        left = memoryview(protocol.encoded(message))
        while left:
            left = left[self.out.write(left) or 0 :]


_MINE = {"protocol": protocol.PROTOCOL, "harness": __version__}


def _start(message: Mapping[str, Any]) -> Started:
    from harness.timing.clock import MonotonicClock

    # Whatever is imported stays: looking for garbage among it takes a sixth of the start.
    gc.disable()
    clock = MonotonicClock()
    begun_ns = clock.now_ns()
    from harness.serving import starting

    imported_ns = clock.now_ns() - begun_ns
    started = starting.start(message, clock)
    imported_ns += int(started.details.get("import_ns", 0))
    # What lives now lives to the end: the collector need not walk it again and again while queries are timed.
    gc.enable()
    gc.collect()
    gc.freeze()
    _die_with_parent(False)
    found: dict[str, str | int | float] = {
        "import_ns": imported_ns,
        "gc": "on; what the start left is frozen",
    }
    return replace(started, details={**started.details, **found})


def _answered(started: Started, message: Mapping[str, Any]) -> dict[str, Any]:
    try:
        if message["call"] == "status":
            return {"status": started.status()}
        if message["call"] == "query":
            answer = started.served.query(message["id"], message["texts"])
            found = {"results": answer.results(message["top"])} if "top" in message else {}
            return {**_figures(answer), **found}
        if message["call"] == "batch":
            return _figures(started.served.batch(message["kind"], message["ids"], message["texts"]))
    except Exception as error:  # one call that failed; the next may not
        return {"error": _told(error)}
    return {"error": f"unknown call {message['call']!r}; known are query, batch, status, close"}


def _figures(answer: Answer) -> dict[str, Any]:
    figures = {
        "elapsed_ns": answer.laps.elapsed_ns,
        "stages_ns": answer.laps.stages_ns,
        "counters": answer.counters.as_dict(),
    }
    device_ns = answer.laps.device_ns
    return {**figures, "device_ns": device_ns} if device_ns else figures


def _told(error: Exception) -> str:
    """Return an error in words; one that nobody foresaw leaves its traceback on standard error."""
    from harness.errors import HarnessError

    if isinstance(error, HarnessError):
        return str(error)
    traceback.print_exc(file=sys.stderr)
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # All has been said: taking libraries and models apart would only keep the driver waiting.
    os._exit(code)
