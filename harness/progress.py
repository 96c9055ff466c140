"""Progress of long work: bars in a terminal, a plain line now and then where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

from harness import console
from harness.text import fitting, visible
from harness.timing.clock import Clock, MonotonicClock

#: Called with how many more units are done.
Advance = Callable[[int], None]


def nothing(done: int) -> None:
    """Advance nothing."""


#: The unit of work that is counted in the seconds it takes, as timing is.
SECONDS = "s"

_QUIET_NS = 2_000_000_000  # work shorter than this leaves no line in a log
_EVERY_NS = 10_000_000_000
_MEASURED_S = 2.0  # of work, before a rate is said


@dataclass(frozen=True)
class Row:
    """A step of a plan: the beginning of its tasks' names, and what it is for."""

    what: str
    shared_by: tuple[str, ...] = ()


class Progress(Protocol):
    """Something that shows how far work is."""

    def whole(self, rows: Sequence[Row]) -> AbstractContextManager[None]:
        """Show a whole plan while the block runs: what is done, shared, running and still to come."""

    def task(self, what: str, total: int, unit: str, begun: int = 0) -> AbstractContextManager[Advance]:
        """Show one piece of work of ``total`` units while the block runs; ``begun`` were done before."""

    def note(self, text: str) -> None:
        """Show one line."""


class Silent:
    """Shows nothing."""

    @contextmanager
    def whole(self, rows: Sequence[Row]) -> Iterator[None]:
        """Show nothing."""
        yield

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
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
    def whole(self, rows: Sequence[Row]) -> Iterator[None]:
        """Log nothing of its own: each piece of work has its lines."""
        yield

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
        """Log one piece of work."""
        start = shown = self._clock.now_ns()
        done = begun
        # The rate is counted from the end of the first part: the time before that holds what is made ready once.
        first: tuple[int, int] | None = None

        def advance(more: int) -> None:
            nonlocal done, shown, first
            done += more
            now = self._clock.now_ns()
            first = first or (now, done)
            if now - shown >= _EVERY_NS and begun < done < total:
                shown = now
                self.note(f"{what}: {done:,} of {total:,} {unit}{_left(first, (now, done), total, unit)}")

        yield advance
        elapsed = self._clock.now_ns() - start
        if elapsed >= _QUIET_NS:
            worked = "" if unit == SECONDS else f"{done - begun:,} {unit} "
            self.note(f"{what}: {worked}in {_span(elapsed / 1e9)}")

    def note(self, text: str) -> None:
        """Write one line."""
        console.write_lines(self._stream, text)
        self._stream.flush()


class Bars:
    """One live view on stderr: a line for every step, with what is done, its rate and the time left."""

    def __init__(self, terminal: Any = None) -> None:
        from rich.console import Console

        self._console = terminal or Console(stderr=True)
        self._live: Any = None
        self._waiting: dict[str, Any] = {}

    @contextmanager
    def whole(self, rows: Sequence[Row]) -> Iterator[None]:
        """Show every step of a plan from the start; those that need no work are marked so at the end."""
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
        from rich.progress import Progress as RichProgress

        plain = self._console.options.ascii_only
        columns = (
            SpinnerColumn("line" if plain else "dots", finished_text=self._fitted("✓")),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}  {task.fields[state]}", markup=False),
        )
        # Drawn seldom: what is timed should find the cores free.
        with RichProgress(*columns, console=self._console, transient=False, refresh_per_second=2) as live:
            self._live = live
            for row in rows:
                shared = f"  for {len(row.shared_by)} pipelines" if len(row.shared_by) > 1 else ""
                self._waiting[row.what] = live.add_task(
                    self._fitted(row.what) + shared, total=None, start=False, unit="", state="waiting"
                )
            try:
                yield
                for bar in self._waiting.values():
                    live.update(bar, total=1, completed=1, state="nothing to do: it was in the store")
            finally:
                self._live, self._waiting = None, {}

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
        """Show a bar."""
        if self._live is None:
            with self.whole([Row(what)]), self.task(what, total, unit, begun) as counted:
                yield counted
            return
        live = self._live
        name = next((row for row in self._waiting if what.startswith(row)), None)
        bar = (
            self._waiting.pop(name)
            if name is not None
            else live.add_task(self._fitted(what), start=False, unit="", state="")
        )
        live.start_task(bar)
        live.update(bar, description=self._fitted(what), total=total, completed=begun, unit=unit, state="")

        def advance(done: int) -> None:
            live.advance(bar, done)
            now = live.tasks[live.task_ids.index(bar)]
            speed, left = now.finished_speed or now.speed, now.time_remaining
            rate = f"{speed:,.0f}/s" if speed and unit != SECONDS else ""
            remaining = f"{_span(left)} left" if left else ""
            live.update(bar, state=", ".join(part for part in (rate, remaining) if part))

        yield advance
        now = live.tasks[live.task_ids.index(bar)]
        live.update(bar, state=f"in {_span(now.elapsed or 0.0)}")

    def note(self, text: str) -> None:
        """Write one line."""
        self._console.print(self._fitted(text), markup=False, highlight=False)

    def _fitted(self, text: str) -> str:
        return fitting(visible(text), self._console.encoding)


def _left(first: tuple[int, int], now: tuple[int, int], total: int, unit: str) -> str:
    """Say the rate between two states (ns, done) and the time left by it; nothing before it was measured."""
    seconds, done = (now[0] - first[0]) / 1e9, now[1] - first[1]
    if not done or seconds < _MEASURED_S:
        return ""
    # Work that is counted in seconds has no rate.
    rate = "" if unit == SECONDS else f", {done / seconds:,.0f}/s"
    left = seconds * (total - now[1]) / done
    return f"{rate}, about {_span(left) if left >= 60 else f'{left:.0f} s'} left"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def default() -> Progress:
    """Return bars where stderr is a terminal, a log elsewhere."""
    return Bars() if sys.stderr.isatty() else Log()
