"""The errors a user may meet, each with the exit code that the command line answers with.

Codes: 0 done or pass; 1 regression or mismatch; 2 usage, configuration or unreadable data; 3 inconclusive;
4 readable but not comparable, or nothing measured; 70 internal error or out of resources; 130 interrupted.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable, Sequence


class HarnessError(Exception):
    """A failure with one readable message: what was given, what is valid, what to do.

    ``details`` are shown below it, a line each: more problems of the same kind, or another process's last words.
    """

    exit_code = 2

    def __init__(self, message: str = "", details: Sequence[str] = ()) -> None:
        """Keep both; as text they are lines."""
        super().__init__("\n".join([message, *details]))
        self.message, self.details = message, tuple(details)


class UsageError(HarnessError):
    """Something asked for on the command line, or through the Python API, that cannot be."""


class ConfigError(HarnessError):
    """A suite, config or policy file that does not say something valid."""


class DataError(HarnessError):
    """Documents, queries, judgments, runs or pairs that cannot be read or make no sense."""


class ModelError(HarnessError):
    """A model that cannot be found, is of the wrong kind, or may not be loaded as it is."""


class BundleError(HarnessError):
    """A bundle that cannot be read or written."""


class NotComparableError(HarnessError):
    """Readable, but there is nothing that could be compared or measured."""

    exit_code = 4


class ResourceError(HarnessError):
    """No disk, memory or device left; the same command can be run again."""

    exit_code = 70


class EndpointError(HarnessError):
    """A server that was there and failed for good; the same command can be run again.

    ``kind`` says in one word how: a status, ``timeout``, ``connection`` or ``too long``.
    """

    exit_code = 70

    def __init__(self, message: str = "", details: Sequence[str] = (), kind: str = "") -> None:
        """Keep all three."""
        super().__init__(message, details)
        self.kind = kind


class Interrupted(KeyboardInterrupt):
    """The user stopped the work; the message says what is kept, and where."""


def no_room(error: BaseException) -> bool:
    """Whether the disk is full, or a quota or a limit on the size of files is reached."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def nearest(given: str, valid: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the valid word nearest to the given one, or an empty string."""
    close = difflib.get_close_matches(given, sorted(valid), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def listed(words: Iterable[str]) -> str:
    """Return words as ``a, b, c``, for messages."""
    return ", ".join(str(word) for word in words)


def install(package: str, extra: str) -> str:
    """Return how a package comes that is not installed, and which extra brings it, for messages."""
    return f"'python -m pip install {package}' does that (it is in the extra {extra!r})"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 query is``, ``1,040 queries are``; the plural in ``-s`` need not be given."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
