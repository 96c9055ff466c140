"""Raw samples: one row a query, kept as frozen columns. Every timing figure is derived from them and nothing
else.

All times are nanoseconds of one monotonic clock, as 64-bit integers. In a closed loop a query is scheduled
when it is sent; in an open loop when the load said it would arrive, however late it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.timing.clock import elapsed_ns
from harness.timing.counters import COUNTER_NAMES
from harness.timing.service import Request, ServiceError, ServiceReply

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_STAGE = "stage_"
_TIMES = ("scheduled_ns", "started_ns", "ended_ns", "service_ns")
_NO_WORK = ServiceReply(0)


@dataclass(frozen=True)
class Place:
    """Where in a measurement samples belong: the set of fresh services, and the block within it, from 0."""

    set_index: int = 0
    block: int = 0


FIRST_PLACE = Place()


@dataclass(frozen=True, slots=True)
class Sample:
    """One served (or dropped) request, on its way into a column."""

    request_id: str
    scheduled_ns: int
    started_ns: int
    ended_ns: int
    reply: ServiceReply
    dropped: bool = False


@dataclass(frozen=True)
class Samples:
    """Columns of equal length [n], in the order in which the requests were scheduled.

    Attributes:
        set_index, block: the place of each sample.
        request_id: which request.
        scheduled_ns, started_ns, ended_ns: when it was due, sent and answered, by the driver's clock.
        service_ns: the whole call by the service's own clock; 0 where dropped.
        dropped: it was never sent; its latency is infinite.
        stages_ns: the service's breakdown, a column a stage; 0 where a reply did not name the stage.
        counters: work done, a column a counter.
    """

    set_index: IntArray
    block: IntArray
    request_id: NDArray[np.str_]
    scheduled_ns: IntArray
    started_ns: IntArray
    ended_ns: IntArray
    service_ns: IntArray
    dropped: NDArray[np.bool_]
    stages_ns: Mapping[str, IntArray]
    counters: Mapping[str, IntArray]

    def __post_init__(self) -> None:
        """Check the lengths and freeze the columns.

        Raises:
            ValueError: columns of unequal length.
        """
        lengths = {name: len(column) for name, column in self.columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of samples must have one length, got {lengths}")
        for column in self.columns().values():
            column.flags.writeable = False
        object.__setattr__(self, "stages_ns", MappingProxyType(dict(self.stages_ns)))
        object.__setattr__(self, "counters", MappingProxyType(dict(self.counters)))

    def __len__(self) -> int:
        """Number of samples, drops included."""
        return len(self.service_ns)

    @property
    def round_trip_ns(self) -> IntArray:
        """From sent to answered, the way between processes included; 0 where dropped."""
        return self.ended_ns - self.started_ns

    @property
    def sojourn_ns(self) -> FloatArray:
        """From *scheduled* to answered, so that no stall is omitted; infinite where dropped."""
        waited = (self.ended_ns - self.scheduled_ns).astype(np.float64)
        waited[self.dropped] = np.inf
        return waited

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Flat columns by name, for a table on disk: stages become ``stage_NAME_ns``."""
        stages = {f"{_STAGE}{name}_ns": column for name, column in self.stages_ns.items()}
        plain: dict[str, NDArray[np.generic]] = {
            "set": self.set_index,
            "block": self.block,
            "request_id": self.request_id,
            **{name: getattr(self, name) for name in _TIMES},
            "dropped": self.dropped,
        }
        return {**plain, **stages, **self.counters}

    def where(self, mask: NDArray[np.bool_]) -> Samples:
        """The samples for which ``mask`` [n] is true, in the same order."""
        return from_columns({name: column[mask] for name, column in self.columns().items()})


def from_columns(columns: Mapping[str, ArrayLike]) -> Samples:
    """Samples from the flat columns that :meth:`Samples.columns` gives; the inverse of it.

    Raises:
        ValueError: a missing or unknown column, or columns of unequal length.
    """
    known = {"set", "block", "request_id", *_TIMES, "dropped", *COUNTER_NAMES}
    stages = [name for name in columns if name.startswith(_STAGE) and name.endswith("_ns")]
    missing, unknown = known - set(columns), set(columns) - known - set(stages)
    if missing or unknown:
        raise ValueError(f"samples miss the columns {sorted(missing)} and have the unknown {sorted(unknown)}")

    def integers(name: str) -> IntArray:
        return np.array(columns[name], dtype=np.int64)

    return Samples(
        set_index=integers("set"),
        block=integers("block"),
        request_id=np.array(columns["request_id"], dtype=np.str_),
        scheduled_ns=integers("scheduled_ns"),
        started_ns=integers("started_ns"),
        ended_ns=integers("ended_ns"),
        service_ns=integers("service_ns"),
        dropped=np.array(columns["dropped"], dtype=np.bool_),
        stages_ns={name[len(_STAGE) : -len("_ns")]: integers(name) for name in sorted(stages)},
        counters={name: integers(name) for name in COUNTER_NAMES},
    )


def from_rows(rows: Sequence[Sample], place: Place) -> Samples:
    """Samples of one place from their rows."""
    n = len(rows)
    stages = sorted({stage for row in rows for stage in row.reply.stages_ns})
    columns: dict[str, ArrayLike] = {
        "set": np.full(n, place.set_index),
        "block": np.full(n, place.block),
        "request_id": [row.request_id for row in rows],
        "scheduled_ns": [row.scheduled_ns for row in rows],
        "started_ns": [row.started_ns for row in rows],
        "ended_ns": [row.ended_ns for row in rows],
        "service_ns": [row.reply.elapsed_ns for row in rows],
        "dropped": [row.dropped for row in rows],
    }
    for stage in stages:
        columns[f"{_STAGE}{stage}_ns"] = [row.reply.stages_ns.get(stage, 0) for row in rows]
    for name in COUNTER_NAMES:
        columns[name] = [getattr(row.reply.counters, name) for row in rows]
    return from_columns(columns)


def concatenate(parts: Sequence[Samples]) -> Samples:
    """All samples of the parts, in their order; a stage that a part lacks is 0 there."""
    if not parts:
        return from_rows([], FIRST_PLACE)
    tables = [part.columns() for part in parts]
    names = list(dict.fromkeys(name for table in tables for name in table))
    return from_columns(
        {
            name: np.concatenate([table.get(name, np.zeros(len(table["set"]), np.int64)) for table in tables])
            for name in names
        }
    )


def checked_sample(
    request: Request, scheduled_ns: int, started_ns: int, ended_ns: int, reply: ServiceReply
) -> Sample:
    """The sample of one served request.

    Raises:
        ClockError: the clock went backwards.
        ServiceError: the service reports a negative time, or more time than passed.
    """
    passed_ns = elapsed_ns(started_ns, ended_ns)
    if not 0 <= reply.elapsed_ns <= passed_ns:
        raise ServiceError(
            f"request {request.id!r}: the service reports {reply.elapsed_ns} ns where {passed_ns} ns passed; "
            "its clock and the driver's must be the machine's one monotonic clock"
        )
    return Sample(request.id, scheduled_ns, started_ns, ended_ns, reply)


def dropped_sample(request: Request, scheduled_ns: int) -> Sample:
    """The sample of a request that was never sent."""
    return Sample(request.id, scheduled_ns, scheduled_ns, scheduled_ns, _NO_WORK, dropped=True)
