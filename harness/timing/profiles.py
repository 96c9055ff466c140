"""How long and how often each profile measures: the table of the method, as data.

A quota counts for a pipeline as a whole and is shared out over its sets of fresh processes. It is met when
both its duration and its count are reached, but it never takes over four times its duration; what was reached
is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.errors import UsageError, listed, nearest
from harness.timing.clock import NS_PER_S
from harness.timing.closed_loop import BlockRule
from harness.timing.warmup import WarmUpRule

_LONGEST = 4
#: The last arrival is due so early, in durations, that those still waiting can be served before measuring stops.
_LAST_ARRIVAL = 3.5
#: The quota of a load point is for this load; a point closer to the capacity takes more, up to so many times as many.
_QUOTA_LOAD, _MOST_TIMES = 0.5, 25.0


@dataclass(frozen=True)
class Quota:
    """Measure until both are reached, but never over 4 x the duration."""

    duration_ns: int
    count: int

    @property
    def ceiling_ns(self) -> int:
        """Time after which measuring stops in any case."""
        return _LONGEST * self.duration_ns

    def reached(self, elapsed_ns: int, count: int) -> bool:
        """Whether both the duration and the count are reached."""
        return elapsed_ns >= self.duration_ns and count >= self.count

    def over(self, elapsed_ns: int, count: int) -> bool:
        """Whether to stop: reached, or out of time."""
        return self.reached(elapsed_ns, count) or elapsed_ns >= self.ceiling_ns

    def share(self, parts: int) -> Quota:
        """The quota of one of so many equal parts, rounded up.

        Raises:
            ValueError: no parts.
        """
        if parts < 1:
            raise ValueError(f"a quota is shared by at least one part, got {parts}")
        return Quota(math.ceil(self.duration_ns / parts), math.ceil(self.count / parts))

    def arrivals(self, rate_per_s: float) -> int:
        """Requests an open loop at this rate must draw to reach the quota within the ceiling; at least
        one."""
        per_duration = rate_per_s * self.duration_ns / NS_PER_S
        most = math.floor(_LAST_ARRIVAL * per_duration)
        return max(1, min(max(self.count, math.ceil(per_duration)), most))

    def at_load(self, load: float) -> Quota:
        """The quota of a load point at this share of the capacity: its count grows with 1 / (1 - load)^2.

        So does the length over which waits depend on each other [W. Whitt 1989]. From 0.5 on, at most 25 times (that of
        0.9); the duration stays, and with it the longest time.
        """
        room = 1.0 - load
        times = _MOST_TIMES if room <= 0.0 else ((1.0 - _QUOTA_LOAD) / room) ** 2
        return Quota(self.duration_ns, math.ceil(self.count * min(max(times, 1.0), _MOST_TIMES) - 1e-9))


_THOROUGH = WarmUpRule()
_BLOCK = BlockRule()
_TINY = BlockRule(duration_ns=NS_PER_S // 50, longest_ns=NS_PER_S // 10, queries=5, slow_queries=2)
_SHORT = BlockRule(duration_ns=NS_PER_S // 4, longest_ns=NS_PER_S // 2, queries=10, slow_queries=3)
# Tests alone use it: two seconds of warm-up would be most of its time.
_BRIEF = WarmUpRule(min_ns=NS_PER_S // 5, give_up_ns=2 * NS_PER_S)
# Two arms of several pipelines within minutes: most of that time is starting and warming processes. The A/A control
# of every run, and benchmarks/false_alarms.py, say whether turns so short are still told apart rightly.
_HASTY = WarmUpRule(min_calls=5, min_ns=NS_PER_S // 4, windows=3, window=3, give_up_ns=4 * NS_PER_S)
_BRISK = BlockRule(duration_ns=3 * NS_PER_S // 20, longest_ns=NS_PER_S // 2, queries=10, slow_queries=2)


@dataclass(frozen=True)
class Profile:
    """What is measured of each pipeline.

    Attributes:
        name: as given in a config.
        closed: quota of the single-stream closed loop, over all sets.
        sets: sets of fresh processes.
        open: quota of each load point of the open loop; None where it is off.
        offline_ns, offline_repeats: duration of one repeat of offline throughput, and how many.
        warm_up: before anything is measured.
        block: one turn of a service among others.
        control_block: one turn of the A/A control.
        arm_warm_up, arm_block, arm_offline_ns: of two arms measured against each other, in each set.
        starts_at_once: workers of a set that start side by side, where there are as many cores. A start is
            busy on one core: measured on two, 8.3 s both alone and beside another.
        indicative: figures for a first look, not for decisions.
    """

    name: str
    closed: Quota
    sets: int
    open: Quota | None
    offline_ns: int
    offline_repeats: int
    warm_up: WarmUpRule = _THOROUGH
    block: BlockRule = _BLOCK
    control_block: BlockRule = _SHORT
    arm_warm_up: WarmUpRule = _THOROUGH
    arm_block: BlockRule = _BLOCK
    arm_offline_ns: int = 3 * NS_PER_S
    starts_at_once: int = 1
    indicative: bool = False


def _seconds(duration: int, count: int) -> Quota:
    return Quota(duration * NS_PER_S, count)


PROFILES: Mapping[str, Profile | None] = MappingProxyType(
    {
        "off": None,
        "smoke": Profile(
            "smoke",
            _seconds(1, 20),
            1,
            None,
            1 * NS_PER_S,
            1,
            warm_up=_BRIEF,
            control_block=_TINY,
            arm_warm_up=_BRIEF,
            arm_block=_TINY,
            arm_offline_ns=NS_PER_S // 10,
            indicative=True,
        ),
        "quick": Profile(
            "quick",
            _seconds(5, 100),
            1,
            None,
            3 * NS_PER_S,
            2,
            arm_warm_up=_HASTY,
            arm_block=_BRISK,
            arm_offline_ns=NS_PER_S // 2,
            starts_at_once=2,
            indicative=True,
        ),
        "ci": Profile("ci", _seconds(10, 200), 3, _seconds(20, 200), 10 * NS_PER_S, 5),
        "laptop": Profile("laptop", _seconds(30, 1_000), 5, _seconds(60, 1_000), 30 * NS_PER_S, 5),
        "server": Profile("server", _seconds(60, 2_000), 5, _seconds(120, 5_000), 60 * NS_PER_S, 5),
    }
)


def profile_named(name: str) -> Profile | None:
    """The profile of that name; None for ``off``.

    Raises:
        UsageError: no such profile.
    """
    if name not in PROFILES:
        raise UsageError(
            f"unknown timing profile {name!r}{nearest(name, PROFILES)}; valid: {listed(PROFILES)}"
        )
    return PROFILES[name]
