"""How long timing takes, and which workers are alive together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.stats import SlowdownRule
from harness.timing.clock import NS_PER_S
from harness.timing.load_curve import LOADS
from harness.timing.profiles import Profile

#: Of a process with Python and torch, before any model, as measured.
RUNTIME_BYTES = 500_000_000
#: Seconds to start a worker with its libraries and models, as measured on two cores.
START_S = 8.0
#: Rounds of the A/A control in all; a signed-rank interval needs six blocks.
CONTROL_ROUNDS = 8
#: Durations that a load point takes where the quota's count at half the capacity takes one: its count grows with the
#: load, its time to four at most. Of the rates that a search tries, about as many as of 0.7.
_LOAD_DURATIONS = {0.5: 1.0, 0.7: 2.0, 0.9: 3.5}
_SEARCHED_DURATIONS = 2.0


def estimate_seconds(
    profile: Profile, n_pipelines: int, *, offline_kinds: int = 0, bound: bool = False
) -> float:
    """About how long a profile takes for so many pipelines, in seconds; slow pipelines take up to four times
    their quota.

    ``offline_kinds``: throughputs of models measured besides that of queries; ``bound``: whether a highest
    rate is searched for.
    """
    rule = profile.warm_up
    ready = START_S / profile.starts_at_once + 2.0 * rule.min_ns / NS_PER_S
    closed = profile.closed.duration_ns / NS_PER_S
    offline = profile.offline_ns * profile.offline_repeats / NS_PER_S
    load = 0.0
    if profile.open is not None:
        durations = sum(map(_LOAD_DURATIONS.__getitem__, LOADS)) + (3 * _SEARCHED_DURATIONS if bound else 0.0)
        load = durations * profile.open.duration_ns / NS_PER_S
    control = 4 * CONTROL_ROUNDS * profile.control_block.duration_ns / NS_PER_S
    each = profile.sets * ready + closed + load + offline
    return n_pipelines * each + offline_kinds * offline + profile.sets * ready + control


def estimate_arms_seconds(
    profile: Profile, n_pairs: int, rule: SlowdownRule, blocks_per_set: int = 4
) -> float:
    """About how long two arms of so many pipelines take, in seconds, where none has to be extended."""
    sets = -(-rule.blocks // blocks_per_set)
    block = profile.arm_block.duration_ns / NS_PER_S
    each = START_S + 4.0 * profile.arm_warm_up.min_ns / NS_PER_S + 2.5 * profile.arm_offline_ns / NS_PER_S
    return n_pairs * (sets * each + 4.0 * rule.blocks * block)


def grouped(sizes: Mapping[str, int], limit: int) -> tuple[tuple[str, ...], ...]:
    """Workers that fit into ``limit`` bytes together, in order; one that fits nowhere is alone.

    ``sizes``: about what each worker takes, in bytes.
    """
    groups: list[list[str]] = []
    used = 0
    for name, size in sizes.items():
        if not groups or used + size > limit:
            groups.append([])
            used = 0
        groups[-1].append(name)
        used += size
    return tuple(tuple(group) for group in groups)


def group_note(groups: Sequence[Sequence[str]], limit_text: str) -> str | None:
    """What a bundle says of workers that could not live together; None where all could."""
    if len(groups) < 2:
        return None
    told = "; ".join(", ".join(group) for group in groups)
    return (
        f"the workers do not fit into the memory limit of {limit_text} together, and were timed in "
        f"{len(groups)} groups ({told}): speeds of different groups were not measured side by side"
    )
