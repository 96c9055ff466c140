"""A service in a process of its own: started, asked one thing at a time, and always reaped.

It knows no pipeline: what the process shall serve is in an opening message that only the process understands.
The process owns nothing of the driver but three pipes; at the end of its standard input it ends by itself, so
a driver that is killed leaves none behind.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import IO, Any, cast
from weakref import WeakSet

from harness import interrupts
from harness.timing import protocol
from harness.timing.clock import NS_PER_S, Clock, MonotonicClock
from harness.timing.counters import WorkCounters
from harness.timing.service import Request, ServiceError, ServiceInfo, ServiceReply

_READ = 1 << 16
_TAIL_LINES, _TAIL_BYTES = 20, 4000
_QUOTED = 200

#: Tells a worker its driver's process id.
DRIVER = "HARNESS_DRIVER"
#: Tells a worker the end of a pipe on which nothing is ever written, and which ends with its driver.
LIFELINE = "HARNESS_LIFELINE"
# Where a child asks to end with its parent, Linux means the thread that started it: so one thread starts all of them,
# and lives as long as the process does.
_spawner = ThreadPoolExecutor(1, "workers")

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


def thread_environment(threads: int) -> dict[str, str]:
    """Environment variables that hold every library to so many threads; they must be set before it loads.

    OpenBLAS's threads are to sleep as soon as they are done. By default they spin for 2^26 cycles, some 25 ms, and so
    take the cores from the model's threads when the next query comes: measured on 2 cores, a bi-encoder's p50 was 20 ms
    instead of 10, its p95 115 ms instead of 13.
    """
    return {**dict.fromkeys(THREAD_VARIABLES, str(threads)), "OPENBLAS_THREAD_TIMEOUT": "4"}


@dataclass(frozen=True)
class Timeouts:
    """Seconds after which a worker that says nothing counts as hung: it is killed and the call fails.

    Attributes:
        start_s: from its start to ready; it may load models and build an index.
        call_s: one query, or its status.
        batch_s: one batch.
        close_s: until it has ended by itself.
    """

    start_s: float = 3600.0
    call_s: float = 600.0
    batch_s: float = 3600.0
    close_s: float = 5.0


@dataclass(frozen=True)
class Launch:
    """How a worker is started.

    Attributes:
        name: of what it serves.
        command: the program and its arguments.
        what: the body of the opening message.
        version: of this side's harness.
        environment: all variables of the worker.
        timeouts: when it counts as hung.
    """

    name: str
    command: tuple[str, ...]
    what: Mapping[str, Any]
    version: str
    environment: Mapping[str, str]
    timeouts: Timeouts = field(default_factory=Timeouts)


#: Started and not closed yet.
_living: WeakSet[ProcessService] = WeakSet()
_leaving = Event()


def end_all() -> None:
    """End every worker of this process now, and start no other: the user wants to go."""
    _leaving.set()
    for service in list(_living):
        service.kill()


interrupts.at_once(end_all)


class ProcessService:
    """A :class:`harness.timing.service.Service` in a process of its own. POSIX only.

    Not a value: it holds a process. Use it with ``contextlib.closing``, or call :meth:`close`.
    """

    def __init__(self, launch: Launch, clock: Clock | None = None) -> None:
        """Start the worker and wait until it is ready.

        Raises:
            ServiceError: it cannot be started, died, hung, printed what is no message, speaks another
                protocol version, or refused.
        """
        self._launch = launch
        self._clock = MonotonicClock() if clock is None else clock
        self._calls = 0
        self._rest = b""
        self._failure: str | None = None
        self._words = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()
        self._lifeline = -1
        started_ns = self._clock.now_ns()
        try:
            self._process = _spawner.submit(self._spawn).result()
        except OSError as error:
            self._words.close()
            raise ServiceError(
                f"{launch.name}: its worker cannot be started: {launch.command[0]}: {error.strerror or error}"
            ) from None
        _living.add(self)
        if _leaving.is_set():
            self.kill()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        try:
            self._ready = self._handshake(started_ns)
        except BaseException:
            self.close()
            raise

    def _spawn(self) -> subprocess.Popen[bytes]:
        theirs, mine = os.pipe()
        try:
            process = subprocess.Popen(
                self._launch.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                env={**self._launch.environment, DRIVER: str(os.getpid()), LIFELINE: str(theirs)},
                pass_fds=(theirs,),
                bufsize=0,
                start_new_session=True,
            )
        except BaseException:
            os.close(mine)
            raise
        finally:
            os.close(theirs)
        self._lifeline = mine
        return process

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def query(self, request: Request) -> ServiceReply:
        """Serve one request alone."""
        return _reply(self._ask(_query(request), self._launch.timeouts.call_s), self._launch.name)

    def batch(self, requests: Sequence[Request]) -> ServiceReply:
        """Serve many requests of one kind together.

        Raises:
            ServiceError: as any call; and for requests of several kinds, or none.
        """
        kinds = {request.kind for request in requests}
        if len(kinds) != 1:
            raise ServiceError(f"{self._launch.name}: a batch holds one kind of request, not {sorted(kinds)}")
        message = {
            "call": "batch",
            "kind": kinds.pop(),
            "ids": [request.id for request in requests],
            "texts": [list(request.texts) for request in requests],
        }
        return _reply(self._ask(message, self._launch.timeouts.batch_s), self._launch.name)

    def answer(self, request: Request, top: int) -> tuple[tuple[str, float], ...]:
        """What the service finds for one request, to be checked: at most ``top`` (id, score), best first."""
        found = self._ask({**_query(request), "top": top}, self._launch.timeouts.call_s)
        return tuple((str(name), float(score)) for name, score in found.get("results", ()))

    def status(self) -> dict[str, str | int | float]:
        """Figures as they are now, such as the peak of the device's memory."""
        return dict(self._ask({"call": "status"}, self._launch.timeouts.call_s).get("status", {}))

    def info(self) -> ServiceInfo:
        """Who this is, with the figures of its start and those of now; asks the worker."""
        return ServiceInfo(self._launch.name, self.pid, {**self._ready, **self.status()})

    def kill(self) -> None:
        """End the worker with all that it started, from any thread; who waits for its answer is told that it died."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the worker: asked, then killed with all that it started; safe to call twice."""
        if self._words.closed:
            return
        if self._process.poll() is None and self._failure is None:
            with suppress(OSError, ServiceError):
                self._send({"n": self._calls + 1, "call": "close"}, self._deadline(1.0))
        self._reap(self._launch.timeouts.close_s)
        self._failure = self._failure or f"{self._launch.name}: its worker is closed"
        self._words.close()

    def __enter__(self) -> ProcessService:
        """Itself."""
        return self

    def __exit__(self, *unused: object) -> None:
        """Close it."""
        self.close()

    def _handshake(self, started_ns: int) -> dict[str, str | int | float]:
        deadline_ns = self._deadline(self._launch.timeouts.start_s)
        self._send(protocol.opening(self._launch.version, self._launch.what), deadline_ns)
        answer = self._receive(deadline_ns)
        problem = protocol.other_version(answer, self._launch.version)
        if problem:
            raise self._failed(f"the worker {problem}")
        if "error" in answer:
            raise self._failed(str(answer["error"]), words=False)
        if not isinstance(answer.get("ready"), dict):
            raise self._failed(f"its worker answered the opening with {_quoted(protocol.encoded(answer))}")
        return {**answer["ready"], "start_ns": self._clock.now_ns() - started_ns}

    def _ask(self, message: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        if self._failure is not None:
            raise ServiceError(self._failure)
        self._calls += 1
        deadline_ns = self._deadline(timeout_s)
        self._send({"n": self._calls, **message}, deadline_ns)
        answer = self._receive(deadline_ns)
        if answer.get("n") != self._calls:
            raise self._failed(
                f"its worker answered call {answer.get('n')!r} where {self._calls} was asked: "
                f"{_quoted(protocol.encoded(answer))}"
            )
        if "error" in answer:
            raise ServiceError(f"{self._launch.name}: {answer['error']}")
        return answer

    def _deadline(self, timeout_s: float) -> int:
        return self._clock.now_ns() + int(timeout_s * NS_PER_S)

    def _left_ms(self, deadline_ns: int) -> int:
        return max(0, (deadline_ns - self._clock.now_ns()) // 1_000_000)

    def _wait(self, descriptor: int, event: int, deadline_ns: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(self._left_ms(deadline_ns)):
            raise self._failed(
                "its worker says nothing: it hangs, or is slower than the time allowed, and was ended"
            )

    def _send(self, message: Mapping[str, Any], deadline_ns: int) -> None:
        left = memoryview(protocol.encoded(message))
        while left:
            try:
                left = left[os.write(self._in, left) :]
            except BlockingIOError:
                self._wait(self._in, select.POLLOUT, deadline_ns)
            except OSError:
                raise self._dead() from None

    def _receive(self, deadline_ns: int) -> dict[str, Any]:
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            self._wait(self._out, select.POLLIN, deadline_ns)
            part = os.read(self._out, _READ)
            if not part:
                said = b"".join(parts)
                raise self._dead(f" after it printed {_quoted(said)}" if said else "")
            parts.append(part)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        try:
            return protocol.decoded(line)
        except ValueError:
            raise self._failed(
                f"its worker printed {_quoted(line)} where a message was due; nothing but messages may be "
                "printed to its standard output"
            ) from None

    def _dead(self, what: str = "") -> ServiceError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self._launch.timeouts.close_s)
        return self._failed(f"its worker died{what} ({_ending(self._process.poll())})")

    def _failed(self, problem: str, *, words: bool = True) -> ServiceError:
        """End the worker and return what is to be raised; the same is said of every later call."""
        self._reap(0.0)
        said = self._last_words() if words else []
        self._failure = f"{self._launch.name}: {problem}"
        return ServiceError(self._failure + ("; its last words:" if said else ""), said)

    def _reap(self, patience_s: float) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            if patience_s:
                self._process.wait(patience_s)
        # Its whole group: a worker may have started processes of its own.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def _last_words(self) -> list[str]:
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, size - _TAIL_BYTES))
        lines = self._words.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:]).strip().splitlines()


def _query(request: Request) -> dict[str, Any]:
    return {"call": "query", "id": request.id, "texts": list(request.texts)}


def _reply(answer: Mapping[str, Any], name: str) -> ServiceReply:
    try:
        return ServiceReply(
            int(answer["elapsed_ns"]),
            {str(stage): int(spent) for stage, spent in answer["stages_ns"].items()},
            WorkCounters(**answer["counters"]),
            {str(stage): int(spent) for stage, spent in answer.get("device_ns", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ServiceError(
            f"{name}: its worker's answer makes no sense ({error!r}): {_quoted(str(answer).encode())}"
        ) from None


def _quoted(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "...")


def _ending(code: int | None) -> str:
    if code is None:
        return "it has not ended"
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = "; perhaps the machine is out of memory" if -code == signal.SIGKILL else ""
    return f"killed by {name}{hint}"
