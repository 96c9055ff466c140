"""How fast a model is on this machine: a few batches of real texts, a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.timing.clock import NS_PER_S, Clock, MonotonicClock

_BATCHES = 16  # of texts looked at
_ENOUGH_S = 3.0
_LEAST = 3


@dataclass(frozen=True)
class Pace:
    """Seconds a text, on average over the sample: an estimate, no measurement."""

    seconds_per_text: float
    batches: int


def sample(n: int, wanted: int) -> list[int]:
    """Return up to ``wanted`` positions spread evenly over ``n``."""
    count = min(n, wanted)
    return [i * n // count for i in range(count)] if count else []


def wanted_for(batch_size: int) -> int:
    """Return how many texts a sample should have."""
    return batch_size * _BATCHES


def pace(
    do: Callable[[Sequence[Any]], object], texts: Sequence[Any], batch_size: int, clock: Clock | None = None
) -> Pace | None:
    """Time batches of similar length until three seconds have passed; None without texts.

    Time is taken as proportional to characters, so that batches left out count by their length.
    """
    clock = clock or MonotonicClock()
    if not texts:
        return None
    ordered = sorted(texts, key=_length)
    batches = [ordered[i : i + batch_size] for i in range(0, len(ordered), batch_size)]
    do(batches[len(batches) // 2])  # the first is slower, for reasons that do not come again
    spent, characters, done = 0.0, 0, 0
    # Short, long, middling: a stop on the way leaves no end of the lengths out.
    spread = sorted(range(len(batches)), key=lambda i: (i * 7919) % len(batches))
    for i in spread:
        start = clock.now_ns()
        do(batches[i])
        spent += (clock.now_ns() - start) / NS_PER_S
        characters += sum(map(_length, batches[i]))
        done += 1
        if spent >= _ENOUGH_S and done >= _LEAST:
            break
    mean = sum(map(_length, ordered)) / len(ordered)
    return Pace(spent / characters * mean, done)


def _length(text: Any) -> int:
    """Characters of a text or a pair, and a few for what every input costs."""
    return 16 + (len(text) if isinstance(text, str) else len(text[0]) + len(text[1]))
