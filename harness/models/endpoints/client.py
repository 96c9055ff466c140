"""Asking a server over HTTP: connections kept open, asked again where that may help, and never for ever.

The key goes into one header of requests to the configured host, and nowhere else: redirects are not followed, and
whatever a server says is searched for it before anybody is shown it.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import ssl
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

from harness.errors import EndpointError, ModelError
from harness.servers import Server
from harness.text import flowing
from harness.timing.clock import NS_PER_S, Clock, MonotonicClock
from harness.units import size_text

_T = TypeVar("_T")
_R = TypeVar("_R")
_MOST_BYTES = 64 * 1024 * 1024  # of one answer; a batch of 128 vectors of 4,096 numbers is 12 MB of JSON
_SHOWN = 200  # characters of what a server says
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
#: Answers after which the same request may be answered: too early, too many, or the server's own trouble.
_ASK_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_HINTS = {
    404: "is the path right? 'url' is what comes before {path}",
    405: "is the path right? 'url' is what comes before {path}",
    413: "a smaller 'batch_size' may be what it takes",
    422: "a smaller 'batch_size', or another 'api', may be what it takes",
}


@dataclass(frozen=True)
class Wire:
    """How a server is reached.

    Attributes:
        url: what every path is put after.
        key_env: the environment variable that holds the key; None: none is sent.
        timeout: seconds that one attempt may take, answer included.
        retries: how often one request is asked again.
        deadline: seconds that one request may take with all its attempts and waits.
        concurrency: requests on their way at once.
    """

    url: str
    key_env: str | None = None
    timeout: float = 60.0
    retries: int = 5
    deadline: float = 300.0
    concurrency: int = 4


def wire_of(server: Server) -> Wire:
    """Return how a config's server is reached."""
    return Wire(
        server.url, server.key_env, server.timeout, server.retries, server.deadline, server.concurrency
    )


@dataclass(frozen=True)
class Reply:
    """What a server answered: JSON, and its headers."""

    content: Any
    headers: Any


@dataclass
class Tally:
    """What happened on the wire. Only ever added to.

    Attributes:
        requests: attempts.
        failures: attempts without a usable answer, by kind: a status, ``timeout``, ``connection`` or ``too long``.
        waited_s: seconds waited before asking again.
    """

    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    waited_s: float = 0.0


class _Again(Exception):  # noqa: N818
    """An attempt failed in a way that another one may not."""

    def __init__(self, kind: str, what: str, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.kind, self.what, self.wait_s = kind, what, wait_s


def key_of(wire: Wire) -> str | None:
    """Return the key. Raises ModelError where its variable is unset, or holds what no header can."""
    if wire.key_env is None:
        return None
    key = os.environ.get(wire.key_env, "").strip()
    if not key:
        raise ModelError(
            f"key_env: the environment variable {wire.key_env} is not set; put the key for {wire.url} into it"
        )
    if not key.isascii() or not key.isprintable():
        raise ModelError(
            f"key_env: what the environment variable {wire.key_env} holds is no key: it has characters that no HTTP "
            "header can have"
        )
    return key


class Client:
    """One server. Safe to use from several threads."""

    def __init__(self, wire: Wire, clock: Clock | None = None) -> None:
        """Raises ModelError where the key is missing. Nothing is asked yet."""
        import httpx2  # every run imports this module, and few ask a server

        self.wire, self.tally = wire, Tally()
        self._key = key_of(wire)
        self._clock = clock or MonotonicClock()
        self._reached = self._closed = False
        self._lock, self._random = Lock(), random.Random(0)
        headers = {"Accept": "application/json", "User-Agent": "encoder-harness"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        self._http = httpx2.Client(
            headers=headers,
            timeout=wire.timeout,
            follow_redirects=False,
            trust_env=not _is_here(wire.url),  # no proxy stands between a machine and itself
            limits=httpx2.Limits(
                max_connections=wire.concurrency, max_keepalive_connections=wire.concurrency
            ),
        )
        weakref.finalize(self, self._http.close)

    def close(self) -> None:
        """Let go of the connections; what is on its way fails."""
        self._closed = True
        self._http.close()

    def address(self, path: str) -> str:
        """Return the whole address of a path; one that ``url`` ends with already is not put there twice."""
        base = self.wire.url.rstrip("/")
        return base if base.endswith(path) else base + path

    def shown(self, text: str) -> str:
        """Return a server's words for a message: one line, short, and without the key."""
        if self._key is not None:
            text = text.replace(self._key, "[key]")
        line = flowing(text)
        return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"

    def clean(self, value: Any) -> Any:
        """Return a server's JSON without the key, should it have been told it back."""
        if self._key is None:
            return value
        text = json.dumps(value)
        return json.loads(text.replace(json.dumps(self._key)[1:-1], "[key]"))

    def post(self, path: str, body: Any) -> Reply:
        """Send JSON, and return the answer.

        Raises ModelError where the server cannot be what the config says (exit code 2), EndpointError where it failed
        for good (70).
        """
        return self._ask("POST", path, body)

    def raw(self, path: str, body: Any) -> bytes:
        """Send JSON once, and return the bytes of the answer as they came. Raises as ``post`` does."""
        address = self.address(path)
        try:
            return self._sent("POST", address, body)[1]
        except _Again as failure:
            raise EndpointError(f"{address}: {failure.what}", kind=failure.kind) from None

    def get(self, path: str) -> Reply | None:
        """Return what a path says; None where the server has no such path, or says no JSON there."""
        try:
            return self._ask("GET", path, None)
        except NoSuchPathError:
            return None

    def each(self, jobs: Sequence[_T], do: Callable[[_T], _R]) -> Iterator[tuple[int, _R]]:
        """Do jobs, some at a time, and yield (place, result) as they are done.

        Where one fails, what else was on its way is still yielded, then its error is raised.
        """
        if len(jobs) < 2 or self.wire.concurrency < 2:
            yield from ((i, do(job)) for i, job in enumerate(jobs))
            return
        failed: BaseException | None = None
        pool = ThreadPoolExecutor(self.wire.concurrency, thread_name_prefix="endpoint")
        try:
            places: dict[Future[_R], int] = {pool.submit(do, job): i for i, job in enumerate(jobs)}
            for future in as_completed(places):
                if future.cancelled():
                    continue
                error = future.exception()
                if error is None:
                    yield places[future], future.result()
                elif failed is None:
                    failed = error
                    for other in places:
                        other.cancel()
            if failed is not None:
                raise failed
            pool.shutdown()
        except BaseException:
            if failed is None:  # interrupted: nobody waits for what is on its way
                self.close()
            pool.shutdown(wait=False, cancel_futures=True)
            raise

    def _ask(self, method: str, path: str, body: Any) -> Reply:
        address = self.address(path)
        begun, attempt = self._clock.now_ns(), 0
        while True:
            try:
                return self._attempt(method, address, path, body)
            except _Again as failure:
                attempt += 1
                with self._lock:
                    self.tally.failures[failure.kind] += 1
                    jitter = self._random.uniform(0.5, 1.0)
                wait = failure.wait_s
                if wait is None:
                    wait = jitter * min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (attempt - 1))
                spent = (self._clock.now_ns() - begun) / NS_PER_S
                if self._closed or attempt > self.wire.retries or spent + wait > self.wire.deadline:
                    asks = f", which asks to wait {wait:g} s" if failure.wait_s else ""
                    raise EndpointError(
                        f"{address}: {failure.what}{asks}; given up after {attempt} attempts and {spent:.0f} s "
                        f"(retries: {self.wire.retries}, deadline: {self.wire.deadline:g} s). What was answered is "
                        "kept where there is a store: the same command goes on from there",
                        kind=failure.kind,
                    ) from None
                with self._lock:
                    self.tally.waited_s += wait
                self._clock.sleep_until_ns(self._clock.now_ns() + round(wait * NS_PER_S))

    def _attempt(self, method: str, address: str, path: str, body: Any) -> Reply:
        response, raw = self._sent(method, address, body)
        return self._judged(method, address, path, response, raw)

    def _sent(self, method: str, address: str, body: Any) -> tuple[Any, bytes]:
        begun = self._clock.now_ns()
        with self._lock:
            self.tally.requests += 1
        with self._told(address), self._http.stream(method, address, json=body) as response:
            self._reached = True
            return response, self._read(response, begun)

    def _read(self, response: Any, begun: int) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > _MOST_BYTES:
                raise _Again("too long", f"an answer of over {size_text(_MOST_BYTES)} that did not end")
            if (self._clock.now_ns() - begun) / NS_PER_S > self.wire.timeout:
                raise _Again("timeout", f"an answer that had not ended after {self.wire.timeout:g} s")
        return b"".join(parts)

    @contextmanager
    def _told(self, address: str) -> Iterator[None]:
        """Tell what a library raises in words: what may pass as ``_Again``, what will not as ModelError."""
        import httpx2

        try:
            yield
        except httpx2.TimeoutException:
            raise _Again("timeout", f"no answer within {self.wire.timeout:g} s") from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise RefusedError(
                f"{address}: {self.shown(str(error))}; write url as http://HOST:PORT/..."
            ) from None
        except httpx2.TransportError as error:
            what = self.shown(str(error)) or type(error).__name__
            if _is_tls(error):
                raise RefusedError(
                    f"{address}: no safe connection ({what}); is it https, and is its certificate known here? "
                    "SSL_CERT_FILE names a file of certificates to trust",
                    kind="tls",
                ) from None
            if not self._reached:
                raise RefusedError(
                    f"{address}: nothing answers ({what}); is the server running, and the url right?",
                    kind="connection",
                ) from None
            raise _Again("connection", f"the connection broke ({what})") from None
        except RuntimeError as error:
            if not self._closed:
                raise
            raise EndpointError(f"{address}: interrupted") from error

    def _judged(self, method: str, address: str, path: str, response: Any, raw: bytes) -> Reply:
        status, text = response.status_code, raw[: 4 * _SHOWN].decode("utf-8", "replace")
        said = self.shown(_message(raw) or text)
        if response.is_redirect:
            there = urlsplit(response.headers.get("location", ""))
            where = f"{there.scheme}://{there.netloc}" if there.netloc else "elsewhere"
            raise RefusedError(
                f"{address}: is redirected to {self.shown(where)} ({status}), and that is not followed: key and "
                "texts would go there. If it is the right place, write its address under 'url'",
                kind=str(status),
            )
        if status in _ASK_AGAIN:
            raise _Again(
                str(status), f"answered {status}{f' ({said})' if said else ''}", self._wait(response)
            )
        if method == "GET" and status >= 400:  # it need not say anything of itself
            raise NoSuchPathError(address)
        if status in (401, 403):
            name = self.wire.key_env
            why = (
                f"the key in {name} was not accepted"
                if name
                else "it wants a key; name the environment variable that holds it under 'key_env'"
            )
            raise RefusedError(f"{address}: answered {status}: {why} ({said})", kind=str(status))
        if status >= 300:
            hint = _HINTS.get(status, "").format(path=path)
            raise RefusedError(
                f"{address}: answered {status} ({said}){f'; {hint}' if hint else ''}", kind=str(status)
            )
        try:
            return Reply(json.loads(raw), response.headers)
        except (ValueError, RecursionError):
            if method == "GET":
                raise NoSuchPathError(address) from None
            kind = response.headers.get("content-type", "no type").partition(";")[0]
            raise RefusedError(
                f"{address}: answered {self.shown(kind)}, and no JSON ({said}); {_HINTS[404].format(path=path)}"
            ) from None

    def _wait(self, response: Any) -> float | None:
        """Seconds that a server asks to wait (RFC 9110, section 10.2.3: seconds or a date); None: it does not say."""
        value = response.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(
            0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
        )


def forbidden(what: str, why: str) -> ModelError:
    """Return the error of a server that would be asked where the network may not be used."""
    return ModelError(f"{what} would be asked, and the network may not be used ({why})")


class RefusedError(ModelError):
    """A server that cannot be what the config says; ``kind`` says in one word why, such as a status."""

    def __init__(self, message: str = "", details: Sequence[str] = (), kind: str = "answer") -> None:
        """Keep all three."""
        super().__init__(message, details)
        self.kind = kind


class NoSuchPathError(RefusedError):
    """A server has no such path; for what is asked only where it may be told."""


def _message(raw: bytes) -> str:
    """What a server's JSON says went wrong; empty where it is no such JSON."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    for key in ("error", "message", "detail"):
        found = content.get(key) if isinstance(content, dict) else None
        if isinstance(found, dict):
            found = found.get("message")
        if isinstance(found, str) and found:
            return found
    return ""


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
