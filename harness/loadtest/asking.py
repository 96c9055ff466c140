"""One endpoint as something that load is put on: what each request asks, and what a failed one is called."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from harness.config import ModelSettings
from harness.errors import EndpointError, HarnessError
from harness.models.endpoints import apis
from harness.models.endpoints.apis import AnswerError, Asked
from harness.models.endpoints.client import RefusedError
from harness.models.endpoints.models import EndpointScorer, open_endpoint
from harness.parity.texts import Group
from harness.timing.clock import Clock
from harness.timing.counters import WorkCounters
from harness.timing.service import Request, ServiceError, ServiceInfo, ServiceReply

#: Requests of which the client's own time is the median.
OVERHEAD_CALLS = 50


@dataclass(eq=False)
class Target:
    """A model behind a server, asked without a second try. Not a value: it counts.

    Attributes:
        name: in the config.
        model: what asks.
        bodies: what each request asks, by its id.
        tokens, answered: what the server counted, and texts that were answered.
    """

    name: str
    model: Any
    bodies: dict[str, Asked]
    tokens: int = 0
    answered: int = 0
    last: str = ""
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(
        cls, name: str, settings: ModelSettings, group: Group, batch_size: int, concurrency: int
    ) -> Target:
        """Open what leads to a server. Raises ModelError where its key is missing."""
        assert settings.endpoint is not None
        source = settings.endpoint.model_copy(update={"retries": 0, "concurrency": concurrency})
        model: Any = open_endpoint(settings.model_copy(update={settings.kind: source}))
        return cls(name, model, _bodies(model, group, batch_size))

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests, in turn."""
        return tuple(
            Request(name, tuple(asked.texts), sum(map(len, asked.texts)))
            for name, asked in self.bodies.items()
        )

    def attempt(self, request: Request) -> str | None:
        """Make one request; returns the kind of its failure, or None."""
        asked = self.bodies[request.id]
        try:
            _, tokens = self.model.request(asked, self._read)
        except (EndpointError, RefusedError) as error:
            self.last = error.message
            return error.kind
        except AnswerError as error:
            self.last = error.message
            return f"answer: {error.fault}"
        with self._lock:
            self.tokens += tokens
            self.answered += len(asked.texts)
        return None

    def _read(self, rows: list[Any], asked: Asked) -> object:
        if isinstance(self.model, EndpointScorer):
            return apis.scores_of(rows, asked.texts)
        return apis.vectors_of(rows, asked.texts, None)

    def first(self) -> None:
        """Make one request before any load. Raises what it fails with."""
        asked = next(iter(self.bodies.values()))
        self.model.request(asked, self._read)

    def close(self) -> None:
        """Let go of the connections."""
        self.model.client.close()


def _bodies(model: Any, group: Group, batch_size: int) -> dict[str, Asked]:
    inputs = list(group.inputs)
    if isinstance(model, EndpointScorer):
        queries: dict[str, list[str]] = {}
        for first, second in inputs:
            queries.setdefault(first, []).append(second)
        every = [second for _, second in inputs]
        made = []
        for i, query in enumerate(queries):
            texts = [every[(i * batch_size + j) % len(every)] for j in range(batch_size)]
            made.append(Asked(model.source.model, texts, model.prompt() + query, model._raw))
    else:
        prompt = model.prompt(group.role)
        made = [
            Asked(
                model.source.model,
                [prompt + inputs[(low + j) % len(inputs)] for j in range(batch_size)],
                dimensions=model.source.dimensions,
            )
            for low in range(0, len(inputs), batch_size)
        ]
    return {str(i): asked for i, asked in enumerate(made)}


class Wave:
    """A target as a service that answers one call at a time: so many requests at once, until the last is answered."""

    def __init__(self, target: Target, concurrency: int, clock: Clock) -> None:
        """``concurrency``: requests of a call."""
        self._target, self._clock, self._n = target, clock, concurrency
        self._pool = ThreadPoolExecutor(concurrency)

    def query(self, request: Request) -> ServiceReply:
        """Send it, and others of the same kind beside it. Raises ServiceError where one fails."""
        started_ns = self._clock.now_ns()
        if self._n == 1:
            failures = [self._target.attempt(request)]
        else:
            failures = list(self._pool.map(self._target.attempt, [request] * self._n))
        ended_ns = self._clock.now_ns()
        failed = [failure for failure in failures if failure is not None]
        if failed:
            raise ServiceError(f"{self._target.name}: a request failed ({failed[0]}): {self._target.last}")
        return ServiceReply(ended_ns - started_ns, counters=WorkCounters())

    def batch(self, requests: Sequence[Request]) -> ServiceReply:
        """One by one: the size of a batch is part of a request here."""
        started_ns = self._clock.now_ns()
        for request in requests:
            self.query(request)
        return ServiceReply(self._clock.now_ns() - started_ns)

    def info(self) -> ServiceInfo:
        """No process of its own."""
        return ServiceInfo(self._target.name, 0)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()


def overhead_ns(target: Target, clock: Clock, n: int = OVERHEAD_CALLS) -> list[int]:
    """Return what the client itself takes of a request, [n] ns, if the server took no time at all.

    A socket on loopback answers at once with the very bytes that the server sent. Both share one interpreter, so it
    is an upper bound.
    """
    asked = next(iter(target.bodies.values()))
    api = target.model.api
    try:
        body = target.model.client.raw(api.path, api.body(asked))
    except HarnessError:
        return []
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_answer_at_once, args=(listener, head + body), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        source = target.model.source.model_copy(update={"url": url, "key_env": None, "retries": 0})
        settings = ModelSettings.model_validate(
            {"cross_encoder" if isinstance(target.model, EndpointScorer) else "bi_encoder": source}
        )
        idle = open_endpoint(settings)
        passed = []
        try:
            for _ in range(n + 3):
                started_ns = clock.now_ns()
                idle.request(asked, target._read)
                passed.append(clock.now_ns() - started_ns)
        except HarnessError:
            return []
        finally:
            idle.client.close()
    return passed[3:]


def _answer_at_once(listener: socket.socket, answer: bytes) -> None:
    try:
        connection, _ = listener.accept()
    except OSError:
        return
    with connection:
        held = b""
        while data := connection.recv(1 << 16):
            held += data
            head, _, body = held.partition(b"\r\n\r\n")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if lengths and len(body) >= int(lengths[0].partition(b":")[2]):
                connection.sendall(answer)
                held = b""


__all__ = ["Target", "Wave", "overhead_ns"]
