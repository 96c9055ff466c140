"""Progress of long work: bars in a terminal, a plain line now and then where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from harness.timing.clock import Clock, MonotonicClock

#: Called with how many more units are done.
Advance = Callable[[int], None]

_QUIET_NS = 2_000_000_000  # work shorter than this leaves no line in a log
_EVERY_NS = 10_000_000_000


class Progress(Protocol):
    """Something that shows how far work is."""

    def task(self, what: str, total: int, unit: str) -> AbstractContextManager[Advance]:
        """Show one piece of work of ``total`` units while the block runs."""

    def note(self, text: str) -> None:
        """Show one line."""


class Silent:
    """Shows nothing."""

    @contextmanager
    def task(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Show nothing."""
        yield lambda done: None

    def note(self, text: str) -> None:
        """Show nothing."""


class Log:
    """Writes a line when work over two seconds ends, and every ten seconds on the way, with the time left."""

    def __init__(self, stream: TextIO | None = None, clock: Clock | None = None) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock or MonotonicClock()

    @contextmanager
    def task(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Log one piece of work."""
        start = shown = self._clock.now_ns()
        done = 0

        def advance(more: int) -> None:
            nonlocal done, shown
            done += more
            now = self._clock.now_ns()
            if now - shown >= _EVERY_NS and 0 < done < total:
                shown = now
                seconds = (now - start) / 1e9
                left = seconds * (total - done) / done
                self.note(f"{what}: {done:,} of {total:,} {unit}, {done / seconds:,.0f}/s, about {_span(left)} left")

        yield advance
        elapsed = self._clock.now_ns() - start
        if elapsed >= _QUIET_NS:
            self.note(f"{what}: {done:,} {unit} in {_span(elapsed / 1e9)}")

    def note(self, text: str) -> None:
        """Write one line."""
        print(text, file=self._stream, flush=True)


class Bars:
    """Live bars with rate and time left, on stderr."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    @contextmanager
    def task(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Show a bar."""
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("{task.description}"), BarColumn(bar_width=28), MofNCompleteColumn(), TextColumn(unit),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        )  # fmt: skip
        with RichProgress(*columns, console=self._console, transient=False) as bars:
            bar = bars.add_task(what, total=total)
            yield lambda done: bars.advance(bar, done)

    def note(self, text: str) -> None:
        """Write one line."""
        self._console.print(text, markup=False, highlight=False)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def default() -> Progress:
    """Return bars where stderr is a terminal, a log elsewhere."""
    return Bars() if sys.stderr.isatty() else Log()
