"""Raw samples: frozen columns that survive a table on disk, and counters that add up."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.timing.counters import COUNTER_NAMES, WorkCounters
from harness.timing.samples import (
    Place,
    Sample,
    Samples,
    checked_sample,
    concatenate,
    dropped_sample,
    from_columns,
    from_rows,
)
from harness.timing.service import Request, ServiceError, ServiceReply

REQUEST = Request("q1", ("text",), 1)
NO_WORK = WorkCounters()
counters = st.builds(WorkCounters, *[st.integers(0, 10**12)] * 5)


def sample(stages: dict[str, int], start: int = 0, work: WorkCounters = NO_WORK) -> Sample:
    return checked_sample(REQUEST, start, start + 5, start + 25, ServiceReply(18, stages, work))


def equal(first: Samples, second: Samples) -> bool:
    mine, theirs = first.columns(), second.columns()
    return list(mine) == list(theirs) and all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_columns_and_back():
    rows = [sample({"encode": 8, "search": 10}), sample({"encode": 18}, 30), dropped_sample(REQUEST, 60)]
    samples = from_rows(rows, Place(2, 7))
    assert equal(from_columns(samples.columns()), samples)
    assert samples.stages_ns["search"].tolist() == [10, 0, 0]
    assert samples.set_index.tolist() == [2, 2, 2]
    assert samples.round_trip_ns.tolist() == [20, 20, 0]
    assert samples.sojourn_ns.tolist() == [25.0, 25.0, float("inf")]


def test_parts_with_other_stages_are_joined():
    joined = concatenate(
        [from_rows([sample({"a": 1})], Place(0, 0)), from_rows([sample({"b": 2})], Place(0, 1))]
    )
    assert joined.stages_ns["a"].tolist() == [1, 0]
    assert joined.stages_ns["b"].tolist() == [0, 2]
    assert joined.block.tolist() == [0, 1]
    assert len(concatenate([])) == 0
    assert len(joined.where(joined.block == 1)) == 1


def test_nothing_can_be_changed():
    samples = from_rows([sample({"a": 1})], Place())
    with pytest.raises(ValueError, match="read-only"):
        samples.service_ns[0] = 3
    with pytest.raises(TypeError):
        samples.stages_ns["a"] = samples.service_ns
    with pytest.raises(dataclasses.FrozenInstanceError):
        samples.block = samples.service_ns


def test_bad_columns_are_named():
    columns = from_rows([sample({"a": 1})], Place()).columns()
    with pytest.raises(ValueError, match=r"miss the columns \['tokens'\]"):
        from_columns({name: column for name, column in columns.items() if name != "tokens"})
    with pytest.raises(ValueError, match=r"unknown \['colour'\]"):
        from_columns({**columns, "colour": [1]})
    with pytest.raises(ValueError, match="one length"):
        from_columns({**columns, "block": [1, 2]})


@pytest.mark.parametrize("reported", [21, -1])
def test_a_service_cannot_report_time_that_did_not_pass(reported):
    with pytest.raises(ServiceError, match="where 20 ns passed"):
        checked_sample(REQUEST, 0, 5, 25, ServiceReply(reported))


@given(parts=st.lists(counters, max_size=6))
def test_counters_add_up_and_commute(parts):
    forwards, backwards = WorkCounters(), WorkCounters()
    for part in parts:
        forwards += part
    for part in reversed(parts):
        backwards += part
    assert forwards == backwards
    assert forwards.as_dict() == {name: sum(getattr(p, name) for p in parts) for name in COUNTER_NAMES}
    rows = [sample({}, 30 * i, part) for i, part in enumerate(parts)]
    kept = from_rows(rows, Place()).counters
    assert {name: int(kept[name].sum()) for name in COUNTER_NAMES} == forwards.as_dict()


@pytest.mark.parametrize("bad", [-1, 1.0, True])
def test_counters_count(bad):
    with pytest.raises(ValueError, match="tokens must be an int"):
        WorkCounters(tokens=bad)
