"""Ctrl-C that ends: soon at any moment, and at once when it is pressed again.

Python tells the main thread of a signal between two steps of its own, and that thread may be waiting for others, or be
deep in a library. So a thread of its own is told at once: it lets go of what the main thread may wait for, gives it a
moment to end in order, then ends the process. What that leaves behind, the next run cleans.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

#: What ending in order may take, in seconds.
GRACE_S = 1.5
CODE = 130
_MESSAGE = "harness: interrupted; the same command can be run again\n"
_SHOW_CURSOR = "\x1b[?25h"

_endings: list[Callable[[], None]] = []
_patient = threading.Event()
_told = threading.Event()
_pressed = threading.Event()


def at_once(ending: Callable[[], None]) -> None:
    """Have something done, in another thread, as soon as Ctrl-C is pressed: quick, and more than once if need be."""
    _endings.append(ending)


def told() -> None:
    """Say that the user has been told how the process ends: no more is said."""
    _told.set()


def pressed() -> bool:
    """Whether Ctrl-C was pressed: what fails from then on may have failed for that."""
    return _pressed.is_set()


@contextmanager
def patience() -> Iterator[None]:
    """Take the time that is needed, after Ctrl-C: what is written now is in no other place. A second one ends it."""
    _patient.set()
    try:
        yield
    finally:
        _patient.clear()


def heed() -> None:
    """Watch for Ctrl-C from now until the process ends. For a program, not for a library; elsewhere it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return  # ignored, as in the background of a shell, or somebody else's
    told_by, tell = socket.socketpair()
    for end in (told_by, tell):
        end.setblocking(False)
    signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    # The socket that is told stays open with the thread.
    threading.Thread(target=_watch, args=(told_by, tell), name="interrupts", daemon=True).start()


def leave() -> NoReturn:
    """End the process once all has been said: libraries and their threads would take their time."""
    atexit._run_exitfuncs()
    os._exit(CODE)


def _watch(told_by: socket.socket, tell: socket.socket) -> None:
    while not _interrupted(told_by, None):
        pass
    _pressed.set()
    for ending in _endings:
        with suppress(Exception):
            ending()
    while not _interrupted(told_by, GRACE_S):
        if not _patient.is_set():
            break
    _end()


def _interrupted(told_by: socket.socket, seconds: float | None) -> bool:
    """Wait for a signal; whether it was Ctrl-C."""
    if not select.select([told_by], [], [], seconds)[0]:
        return False
    return signal.SIGINT in told_by.recv(4096)


def _end() -> None:
    """End the process, now."""
    said = "" if _told.is_set() else _MESSAGE
    with suppress(OSError, ValueError):
        descriptor = sys.stderr.fileno()
        os.write(descriptor, ((_SHOW_CURSOR if os.isatty(descriptor) else "") + said).encode())
    os._exit(CODE)
