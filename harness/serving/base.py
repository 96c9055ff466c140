"""What a served pipeline answers, whatever its task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.errors import UsageError, listed
from harness.models.protocols import Work, work_of
from harness.serving.laps import Laps
from harness.timing.clock import Clock
from harness.timing.counters import WorkCounters

#: Ids with scores, best first; for a sentence pair its one score.
Results = list[tuple[str, float]]


@dataclass(frozen=True, eq=False)
class Answer:
    """What one call took and did. ``results`` are the first ``top`` of one query's, made when asked for."""

    laps: Laps
    counters: WorkCounters
    results: Callable[[int], Results] = field(default=lambda top: [])


class Served(Protocol):
    """A pipeline that answers."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of request that it serves."""

    def query(self, query_id: str, texts: Sequence[str]) -> Answer:
        """Serve one request alone. Raises HarnessError."""

    def batch(self, kind: str, ids: Sequence[str], texts: Sequence[Sequence[str]]) -> Answer:
        """Serve many of one kind together. Raises HarnessError."""


@dataclass(frozen=True)
class Machinery:
    """What every served pipeline measures with.

    Attributes:
        clock: the one clock.
        devices: of its models.
        models: those whose work is counted.
    """

    clock: Clock
    devices: tuple[str, ...]
    models: tuple[Any, ...]

    def start(self) -> Laps:
        """Start a call's time."""
        return Laps(self.clock, self.devices)

    def work(self) -> Work:
        """Return all work that the models have done so far."""
        return sum((work_of(model) for model in self.models), Work())


def counters(before: Work, after: Work, *, pairs: int = 0, bytes_read: int = 0) -> WorkCounters:
    """Return the counters of one call from its models' work before and after it."""
    work = after - before
    return WorkCounters(work.forward_passes, work.tokens, work.padded_tokens, pairs, bytes_read)


def one_text(texts: Sequence[str]) -> str:
    """Return a request's only text. Raises UsageError."""
    if len(texts) != 1:
        raise UsageError(f"a query has one text, this request {len(texts)}")
    return texts[0]


def two_texts(texts: Sequence[str]) -> tuple[str, str]:
    """Return a request's pair of texts. Raises UsageError."""
    if len(texts) != 2:
        raise UsageError(f"a pair has two texts, this request {len(texts)}")
    return texts[0], texts[1]


def wrong_kind(kind: str, kinds: Sequence[str]) -> UsageError:
    """Return the error of a request that a pipeline cannot serve."""
    return UsageError(f"this pipeline serves no request of kind {kind!r}; it serves {listed(kinds)}")
