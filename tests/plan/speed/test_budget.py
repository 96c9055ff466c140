"""How long timing takes, and who lives together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.plan.speed.budget import estimate_arms_seconds, estimate_seconds, group_note, grouped
from harness.stats import SlowdownRule
from harness.timing.profiles import PROFILES


@given(st.lists(st.integers(1, 100), min_size=1, max_size=12), st.integers(1, 200))
def test_groups_keep_the_order_and_the_limit(sizes: list[int], limit: int) -> None:
    named = {f"p{i}": size for i, size in enumerate(sizes)}
    groups = grouped(named, limit)
    assert [name for group in groups for name in group] == list(named)
    assert all(len(group) == 1 or sum(named[name] for name in group) <= limit for group in groups)


def test_one_group_says_nothing() -> None:
    assert group_note([["a", "b"]], "4 GB") is None
    assert "2 groups (a; b)" in str(group_note([["a"], ["b"]], "4 GB"))


@pytest.mark.parametrize("name", [name for name, profile in PROFILES.items() if profile])
def test_more_pipelines_take_longer(name: str) -> None:
    profile = PROFILES[name]
    assert profile is not None
    assert 0 < estimate_seconds(profile, 1) < estimate_seconds(profile, 3)
    assert (
        0
        < estimate_arms_seconds(profile, 1, SlowdownRule())
        < estimate_arms_seconds(profile, 3, SlowdownRule())
    )
