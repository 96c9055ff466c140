"""Timing all pairs at growing n within a budget: sizes doubled in work, in rounds, each in an order of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.claims.all_pairs.laws import FEWEST_SIZES
from harness.claims.all_pairs.mining import n_pairs
from harness.errors import NotComparableError
from harness.progress import Progress
from harness.timing.clock import NS_PER_S, Clock, elapsed_ns

_MOST_SIZES = 6
_WARM_UP_S = 2.0
_WARM_UP_CALLS = 40
_FEWEST_CALLS = 4
_WARM_UP_SHARE = 0.05  # of the budget, at most, for each piece of work
_OVERRUN = 1.25  # of the budget: a round that is not done by then is left out


@dataclass(frozen=True)
class TimedWork:
    """One piece of work to be timed at growing n.

    Attributes:
        name: what is shown.
        unit: ``sentences`` or ``pairs``: what its time grows with.
        smallest, largest: the fewest sentences worth a measurement, and the most there are.
        prepare: makes the call to be timed from n and a random generator; not timed itself.
        share: of the budget.
    """

    name: str
    unit: str
    smallest: int
    largest: int
    prepare: Callable[[int, np.random.Generator], Callable[[], object]]
    share: float

    def units(self, n: int) -> int:
        """Return the work among n sentences."""
        return n if self.unit == "sentences" else n_pairs(n)

    def sentences(self, units: float) -> int:
        """Return the most sentences whose work is at most so many units."""
        if self.unit == "sentences":
            return int(units)
        return int((1 + math.sqrt(1 + 8 * max(units, 0.0))) / 2)


@dataclass(frozen=True)
class WorkTimes:
    """Raw times of one piece of work.

    Attributes:
        sizes: sentences of each size, growing.
        units: sentences or pairs of each size.
        seconds: of each repeat, in the order of the rounds, [n_sizes][n_repeats].
    """

    sizes: tuple[int, ...]
    units: tuple[int, ...]
    seconds: tuple[tuple[float, ...], ...]

    @property
    def medians(self) -> tuple[float, ...]:
        """The median of each size's repeats, which one disturbed round does not move."""
        return tuple(float(np.median(repeats)) for repeats in self.seconds)


@dataclass(frozen=True)
class Schedule:
    """How long, how often, and from which seed."""

    budget_s: float
    repeats: int
    seed: int


def measure(
    works: Sequence[TimedWork], schedule: Schedule, clock: Clock, progress: Progress
) -> Mapping[str, WorkTimes]:
    """Time every piece of work, warm, at sizes that the budget allows.

    Raises NotComparableError where the budget is too small for the fewest sizes.
    """
    begun = clock.now_ns()
    sizes: dict[str, tuple[int, ...]] = {}
    for work in works:
        pace = _warmed_up(work, schedule, clock)
        sizes[work.name] = _sizes(work, pace, schedule)
    rng = np.random.default_rng(schedule.seed)
    jobs = [(work, n) for work in works for n in sizes[work.name]]
    taken: dict[tuple[str, int], list[float]] = {(work.name, n): [] for work, n in jobs}
    total = schedule.repeats * len(jobs)
    deadline_ns = begun + int(schedule.budget_s * _OVERRUN * NS_PER_S)
    with progress.task("all pairs: measuring", total, "measurements") as advance:
        for done in range(schedule.repeats):
            this_round: dict[tuple[str, int], float] = {}
            for i in rng.permutation(len(jobs)):
                if done and clock.now_ns() > deadline_ns:
                    break  # the machine is slower than when it was warmed up: what is whole must do
                work, n = jobs[i]
                call = work.prepare(n, np.random.default_rng([schedule.seed, done, n]))
                this_round[work.name, n] = _timed(call, clock)
                advance(1)
            if len(this_round) < len(jobs):
                break
            for job, seconds in this_round.items():
                taken[job].append(seconds)
    return {
        work.name: WorkTimes(
            sizes[work.name],
            tuple(work.units(n) for n in sizes[work.name]),
            tuple(tuple(taken[work.name, n]) for n in sizes[work.name]),
        )
        for work in works
    }


def _timed(call: Callable[[], object], clock: Clock) -> float:
    started = clock.now_ns()
    call()
    return elapsed_ns(started, clock.now_ns()) / NS_PER_S


def _warmed_up(work: TimedWork, schedule: Schedule, clock: Clock) -> float:
    """Call until warm, at growing sizes; return the seconds a unit takes, by the best call but the cold first.

    The best, since one disturbed call would make the whole schedule small; where the machine is slower than that, whole
    rounds are left out.
    """
    begun = clock.now_ns()
    limit = min(_WARM_UP_S, _WARM_UP_SHARE * schedule.budget_s)
    n = work.smallest
    paces: list[float] = []
    while True:
        call = work.prepare(n, np.random.default_rng([schedule.seed, len(paces)]))
        seconds = max(_timed(call, clock), 1e-9)
        paces.append(seconds / work.units(n))
        passed = elapsed_ns(begun, clock.now_ns()) / NS_PER_S
        if len(paces) >= _WARM_UP_CALLS or (passed >= limit and len(paces) >= _FEWEST_CALLS):
            return min(paces[1:])
        if passed + 2.5 * seconds < limit:  # a longer call is nearer to what will be measured
            n = min(work.largest, work.sentences(2 * work.units(n)) + 1)


def _sizes(work: TimedWork, pace: float, schedule: Schedule) -> tuple[int, ...]:
    """Return sizes from the largest that the budget allows down, each with half the work of the one before."""
    room = schedule.budget_s * work.share / schedule.repeats
    most = min(work.units(work.largest), room / pace / 2)  # the halves of the halves add up to as much again
    sizes: list[int] = []
    for i in range(_MOST_SIZES):
        n = work.sentences(most / 2**i)
        if n < work.smallest or (sizes and n >= sizes[0]):
            break
        sizes.insert(0, n)
    if len(sizes) >= FEWEST_SIZES:
        return tuple(sizes)
    fewest = work.units(work.smallest) * 2 ** (FEWEST_SIZES - 1)
    if work.units(work.largest) < fewest:
        raise NotComparableError(
            f"{work.name}: there are only {work.largest:,} different sentences; {FEWEST_SIZES} sizes, each with half "
            f"the work of the next, need {work.sentences(fewest) + 1:,} or more"
        )
    needed = 1.1 * 2 * fewest * pace * schedule.repeats / work.share
    raise NotComparableError(
        f"the budget of {schedule.budget_s:g} s is too small: {work.name} takes {pace * work.units(work.smallest):.2g} "
        f"s for {work.smallest} sentences ({work.units(work.smallest):,} {work.unit}), and {FEWEST_SIZES} sizes of "
        f"{schedule.repeats} repeats each need a budget_s of about {math.ceil(needed)}"
    )
