"""Choices that are the same on every machine and Python version: made by hashing names, never by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(key: str) -> int:
    """A large whole number that depends on the key alone."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest()[:8], "big")


def percent(key: str) -> int:
    """A number from 0 to 99 that depends on the key alone."""
    return draw(key) % 100


def pick(key: str, options: Sequence[T]) -> T:
    """One of the options."""
    return options[draw(key) % len(options)]


def shuffled(key: str, options: Iterable[T], name: Callable[[T], str] = str) -> list[T]:
    """The options in an order that depends on the key and their names, not on the order given."""
    return sorted(options, key=lambda option: (draw(f"{key}|{name(option)}"), name(option)))
