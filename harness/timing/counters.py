"""Work counters: what a query cost in work, exact and free of noise, the same on every machine."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True)
class WorkCounters:
    """Exact counts of work done; counters add up, over stages, queries and batches.

    Attributes:
        forward_passes: batches run through a model.
        tokens: real tokens that went in.
        padded_tokens: tokens including padding, at least ``tokens``.
        pairs: (query, passage) pairs scored by a cross-encoder.
        bytes_read: bytes read from the index.
    """

    forward_passes: int = 0
    tokens: int = 0
    padded_tokens: int = 0
    pairs: int = 0
    bytes_read: int = 0

    def __post_init__(self) -> None:
        """Refuse what is not a count.

        Raises:
            ValueError: a counter that is negative or not an int.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 0:
                raise ValueError(f"{field.name} must be an int, zero or more, got {value!r}")

    def __add__(self, other: WorkCounters) -> WorkCounters:
        """The sum, counter by counter."""
        return WorkCounters(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def as_dict(self) -> dict[str, int]:
        """Counter by name, in a fixed order."""
        return {name: getattr(self, name) for name in COUNTER_NAMES}


COUNTER_NAMES: tuple[str, ...] = tuple(field.name for field in fields(WorkCounters))
