"""Standard output and standard error: the only place that writes to them, and that knows what they can show.

A stream that is no UTF-8 (``LC_ALL=C``, ``PYTHONIOENCODING=cp1252``, an old terminal) is given plain characters instead
of an error; a reader that went away ends nothing; a full disk is a message. Files are always UTF-8 and not meant here.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

from harness import text
from harness.errors import ResourceError, no_room


def prepare() -> None:
    """Make standard output and error take every text. Safe to call again."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us; what is said goes nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - stays open
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="ascii" if _asked_for_ascii() else None, errors=text.PLAIN)


def _asked_for_ascii() -> bool:
    """Whether somebody said LC_ALL=C, which Python alone takes for UTF-8 (PEP 540), and nothing to the contrary."""
    said = ("PYTHONIOENCODING", "PYTHONUTF8")
    return os.environ.get("LC_ALL") in ("C", "POSIX") and not any(os.environ.get(name) for name in said)


def fitted(foreign: str, stream: TextIO) -> str:
    """Text made visible, in characters that a stream can show: as wide as it will be there."""
    return text.fitting(text.visible(foreign), encoding_of(stream))


def encoding_of(stream: TextIO) -> str:
    """A stream's encoding; UTF-8 where it has none, such as a buffer of text."""
    return getattr(stream, "encoding", None) or "utf-8"


def say(*lines: str) -> None:
    """Print lines on standard output, one each; nothing within one can end it, colour it, or command anybody."""
    write_lines(sys.stdout, *lines)


def tell(*lines: str) -> None:
    """Print lines on standard error, likewise, at once."""
    write_lines(sys.stderr, *lines)
    sys.stderr.flush()


def say_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    say_json_document(text.json_text(value))


def say_json_document(document: str) -> None:
    """Print what is JSON already."""
    plain = encoding_of(sys.stdout).lower().replace("_", "-") not in ("utf-8", "utf8")
    write(sys.stdout, text.safe_json(document.rstrip("\n"), plain=plain) + "\n")


def write_lines(stream: TextIO, *lines: str) -> None:
    """Print lines on a stream as :func:`say` does."""
    write(stream, "".join(f"{text.on_a_line(line)}\n" for line in lines))


def write(stream: TextIO, content: str) -> None:
    """Write text that is safe already. Raises ResourceError where the disk behind the stream is full."""
    try:
        stream.write(content)
    except OSError as error:
        _gone(stream, error)


def finish() -> None:
    """Write out what standard output still holds. Raises ResourceError."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            _gone(stream, error)


def _gone(stream: TextIO, error: OSError) -> None:
    """Send the rest nowhere, so that no later write fails again; complain, but for a reader that has enough."""
    with suppress(io.UnsupportedOperation), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), stream.fileno())
    if error.errno in (errno.EPIPE, errno.EBADF):
        return
    what = "standard output" if stream is sys.stdout else "standard error"
    why = "no space left" if no_room(error) else error.strerror or str(error)
    raise ResourceError(f"{what} cannot be written ({why}); what was asked for may be done, but is not shown")
