"""Damage, drawn from a seed, and the one rule for whatever reads it: an answer that makes sense, or an error in words."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.errors import HarnessError

#: Seconds after which a reader counts as hung.
HANGS = 10
_BITS = [
    b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x80", b"nan", b"-inf", b"1e309", b"9" * 40, b"-1",
    b"\t", b"\n", b"\r", b"\r\n", b" ", b'"', b'""', b",", b"{", b"}", b"[" * 3, b"]", b"null", b"true", b":", b"\\", b"\\ud800",
    b"\x1f\x8b", b"\x85", "\u2028".encode(), "\u202e".encode(), b"#", b"'", b"0x10", b"1_000", b"1.5", b"x" * 500,
]  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes with one to three things done to them."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 2, 8, 64)))
        way = chance.randrange(7)
        if way == 0 and data:
            at = chance.randrange(len(data))
            data = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        elif way == 1:
            data = data[:at] + data[end:]
        elif way == 2:
            data = data[:at] + data[at:end] * 2 + data[end:]
        elif way == 3:
            data = data[: chance.randrange(len(data) + 1)]
        elif way == 4:
            there = chance.randrange(len(data) + 1)
            data = data[:there] + data[at:end] + data[there:]
        else:
            data = data[:at] + chance.choice(_BITS) + data[end if way == 5 else at :]
    return data


@contextmanager
def soon() -> Iterator[None]:
    """End what hangs."""

    def late(*_: Any) -> None:
        raise AssertionError(f"it hangs: no answer in {HANGS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _tried(data: bytes, read: Callable[[bytes], Any]) -> bool:
    """Let something read bytes; whether it took them. Whatever it raises must be an error in words, of exit code 2 or 4."""
    try:
        with soon():
            read(data)
    except HarnessError as error:
        if error.exit_code in (2, 4) and str(error).strip():
            return False
        raise AssertionError(f"exit code {error.exit_code}, {error} for:\n{data!r}") from error
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error} for:\n{data!r}") from error
    return True


def _many(whole: bytes, read: Callable[[bytes], Any], n: int) -> tuple[int, int]:
    """Try ``n`` damages of something that is read while it is whole; returns how many were taken and refused."""
    assert _tried(whole, read)
    chance = random.Random(11)
    taken = sum(_tried(damaged(whole, chance), read) for _ in range(n))
    print(f"tried {n}: {taken} taken, {n - taken} refused")
    return taken, n - taken


@pytest.fixture
def many() -> Callable[[bytes, Callable[[bytes], Any], int], tuple[int, int]]:
    """Try many damages of bytes that are read while they are whole."""
    return _many


#: How often by default, and in the long run.
LONG = [40, pytest.param(1500, marks=pytest.mark.long)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each fuzzer shortly by default, and at length in the long run."""
    if "n" in metafunc.fixturenames:
        metafunc.parametrize("n", LONG)
