"""The small protocol that timing drives. It knows queries by their id, text and length, and no pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from harness.errors import HarnessError
from harness.timing.counters import WorkCounters

RequestKind = Literal["query", "document", "pair"]
"""What is asked: ``query`` goes through the whole pipeline (one text, or the two of a sentence pair);
``document`` is encoded, and ``pair`` scored, by the pipeline's model alone, and come in batches only."""


class ServiceError(HarnessError):
    """A service that died, broke its protocol or reported the impossible; its own words are in the
    message."""

    exit_code = 70


@dataclass(frozen=True)
class Request:
    """One thing to serve: a query, a document to encode, or a pair of texts to score.

    Attributes:
        id: the name it has in the samples, such as the query id.
        texts: one text, or the two of a pair.
        length: its length in tokens (or characters, where nothing better is known), for the warm-up's
            buckets.
        kind: what is asked; a batch holds one kind.
    """

    id: str
    texts: tuple[str, ...]
    length: int
    kind: RequestKind = "query"


@dataclass(frozen=True)
class ServiceReply:
    """What a service says about one call.

    Attributes:
        elapsed_ns: the whole call by the service's own monotonic clock, from the text to the results on the
            host, the device synchronised. It leaves out the way between processes, which the caller measures
            besides.
        stages_ns: the same time broken down, by stage (``tokenise``, ``encode``, ``search``, ``rerank``).
        counters: the work done.
        device_ns: the stages again by the events of an accelerator, where the service has one.
    """

    elapsed_ns: int
    stages_ns: Mapping[str, int] = field(default_factory=dict)
    counters: WorkCounters = field(default_factory=WorkCounters)
    device_ns: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceInfo:
    """What a service says about itself once started.

    Attributes:
        name: name of the pipeline it serves.
        pid: its process, for the memory of the process tree.
        details: further figures as names to plain values: load time, index bytes, threads, library versions;
            ``kinds``, where it is given, are the kinds of request that it serves, parted by spaces.
    """

    name: str
    pid: int
    details: Mapping[str, str | int | float] = field(default_factory=dict)


class Service(Protocol):
    """Something that answers one call at a time. Any call may raise :class:`ServiceError`."""

    def query(self, request: Request) -> ServiceReply:
        """Serve one request alone, as a user's query would be."""
        ...

    def batch(self, requests: Sequence[Request]) -> ServiceReply:
        """Serve many requests of one kind together, in whatever batches are fastest."""
        ...

    def info(self) -> ServiceInfo:
        """Who this is."""
        ...

    def close(self) -> None:
        """Stop, and free everything; safe to call twice and after a failure."""
        ...


ServiceFactory = Callable[[], Service]
"""Starts a fresh service, with nothing left of an earlier one (a process of its own); or ServiceError."""
