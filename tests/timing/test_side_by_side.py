"""Services started at once: in the order given, a failure apart, and nothing left running."""

from __future__ import annotations

import pytest

from harness.timing.blocks import ServiceSet
from harness.timing.service import ServiceError
from harness.timing.warmup import WarmUpRule
from scripted import ScriptedService, VirtualClock, fixed, requests_of

RULE = WarmUpRule(min_ns=0, give_up_ns=1)


def test_the_order_is_the_one_given_and_a_failure_stays_alone() -> None:
    clock = VirtualClock()

    def fails() -> ScriptedService:
        raise ServiceError("no model there")

    factories = {
        "a": lambda: ScriptedService(clock, fixed(1)),
        "b": fails,
        "c": lambda: ScriptedService(clock, fixed(1)),
    }
    with ServiceSet(factories, requests_of([1]), clock, RULE, at_once=3) as services:
        assert list(services.live) == ["a", "c"]
        assert services.failures == {"b": "no model there"}


def test_what_was_started_is_closed_where_another_start_breaks_off() -> None:
    clock, started = VirtualClock(), []

    def starts() -> ScriptedService:
        started.append(ScriptedService(clock, fixed(1)))
        return started[-1]

    def breaks() -> ScriptedService:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        ServiceSet(
            {"a": starts, "b": breaks, "c": starts}, requests_of([1]), clock, RULE, at_once=3
        ).__enter__()
    assert all(service.closed for service in started)
