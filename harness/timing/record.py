"""What a bundle keeps of a measurement: raw series by name, each in a unit, and nothing derived.

A series is a kind of sample of one pipeline: ``latency``, ``stage.encode``, ``offline.queries.seconds``. The
figures of :mod:`harness.timing.figures` are made from these and from nothing else, so that whoever reads the
bundle can make them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.timing.clock import NS_PER_S
from harness.timing.counters import COUNTER_NAMES
from harness.timing.offline import OfflineRepeat
from harness.timing.samples import FloatArray, IntArray, Samples, from_columns

LATENCY = "latency"
ROUND_TRIP = "round_trip"
NS_PER_MS = 1_000_000

_LOAD_TIMES = ("scheduled", "started", "ended")


@dataclass(frozen=True)
class Series:
    """Columns of equal length [n], in the order in which they were measured.

    Attributes:
        unit: of ``value``: ``ms``, ``s``, ``ns``, ``bytes``, ``1``, ``1/s``.
        set_index, block: where each sample belongs.
        item: what each is of, such as the query's id.
        value: the samples; infinite where a request was dropped.
    """

    unit: str
    set_index: IntArray
    block: IntArray
    item: NDArray[np.str_]
    value: FloatArray

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.value)

    def per_block(self) -> dict[tuple[int, int], FloatArray]:
        """The values by (set, block), in order of the places."""
        places = np.stack([self.set_index, self.block], axis=1)
        return {
            (int(place[0]), int(place[1])): self.value[(places == place).all(axis=1)]
            for place in np.unique(places, axis=0)
        }


Record = Mapping[str, Series]
"""One pipeline's series by name."""


def series(
    unit: str, values: ArrayLike, *, sets: ArrayLike = 0, items: Sequence[str] | None = None
) -> Series:
    """A series of block 0 from its values [n]; ``sets`` is one set, or one for each value."""
    value = np.asarray(values, dtype=np.float64)
    n = len(value)
    return Series(
        unit,
        np.broadcast_to(np.asarray(sets, dtype=np.int64), (n,)),
        np.zeros(n, dtype=np.int64),
        np.asarray(items if items is not None else [""] * n, dtype=np.str_),
        value,
    )


def joined(records: Iterable[Record]) -> dict[str, Series]:
    """All series of the records; those of one name one after the other."""
    parts: dict[str, list[Series]] = {}
    for record in records:
        for name, one in record.items():
            parts.setdefault(name, []).append(one)
    return {name: some[0] if len(some) == 1 else _concatenated(some) for name, some in parts.items()}


def shifted(record: Record, sets: int) -> dict[str, Series]:
    """The same series, in sets of higher numbers: what was not measured side by side shares no set."""
    return {name: replace(one, set_index=one.set_index + sets) for name, one in record.items()}


def closed_loop_record(samples: Samples) -> dict[str, Series]:
    """Latency by the service's clock, the round trip and every stage, in ms."""

    def of(values: IntArray) -> Series:
        return Series("ms", samples.set_index, samples.block, samples.request_id, values / NS_PER_MS)

    stages = {f"stage.{name}": of(column) for name, column in samples.stages_ns.items()}
    return {LATENCY: of(samples.service_ns), ROUND_TRIP: of(samples.round_trip_ns), **stages}


def work_record(samples: Samples) -> dict[str, Series]:
    """The work counters of each fixed query."""
    return {
        f"work.{name}": Series(
            "1",
            samples.set_index,
            samples.block,
            samples.request_id,
            samples.counters[name].astype(np.float64),
        )
        for name in COUNTER_NAMES
    }


def offline_record(kind: str, repeats: Sequence[OfflineRepeat], set_index: int) -> dict[str, Series]:
    """What each repeat processed, and in how many seconds; ``kind`` is ``queries``, ``documents``,
    ``pairs``."""
    columns: dict[str, list[float]] = {
        "seconds": [repeat.elapsed_ns / NS_PER_S for repeat in repeats],
        "items": [float(repeat.items) for repeat in repeats],
        **{name: [float(getattr(r.counters, name)) for r in repeats] for name in COUNTER_NAMES},
    }
    return {
        f"offline.{kind}.{name}": series("s" if name == "seconds" else "1", values, sets=set_index)
        for name, values in columns.items()
    }


def load_record(number: int, rate_per_s: float, samples: Samples) -> dict[str, Series]:
    """One load point: when each query was due, sent and answered, in ns from the first arrival.

    A dropped query was never sent: both are infinite.
    """
    origin = int(samples.scheduled_ns[0]) if len(samples) else 0
    found = {}
    for name in _LOAD_TIMES:
        times = (getattr(samples, f"{name}_ns") - origin).astype(np.float64)
        if name != "scheduled":
            times[samples.dropped] = np.inf
        found[f"load.{number:02d}.{name}"] = Series(
            "ns", samples.set_index, samples.block, samples.request_id, times
        )
    found[f"load.{number:02d}.rate"] = series("1/s", [rate_per_s])
    return found


def load_numbers(record: Record) -> tuple[int, ...]:
    """Numbers of the load points that a record holds."""
    names = [name.split(".") for name in record]
    return tuple(sorted(int(part[1]) for part in names if part[0] == "load" and part[-1] == "rate"))


def load_samples(record: Record, number: int) -> tuple[float, Samples]:
    """The rate (1/s) and the samples of one load point; the inverse of :func:`load_record` up to the
    origin."""
    columns = {name: record[f"load.{number:02d}.{name}"] for name in _LOAD_TIMES}
    scheduled = columns["scheduled"]
    dropped = np.isinf(columns["ended"].value)
    times = {
        f"{name}_ns": np.where(dropped, scheduled.value, one.value).astype(np.int64)
        for name, one in columns.items()
    }
    samples = from_columns(
        {
            "set": scheduled.set_index,
            "block": scheduled.block,
            "request_id": scheduled.item,
            **times,
            "service_ns": np.where(dropped, 0, times["ended_ns"] - times["started_ns"]),
            "dropped": dropped,
            **dict.fromkeys(COUNTER_NAMES, np.zeros(len(scheduled), dtype=np.int64)),
        }
    )
    return float(record[f"load.{number:02d}.rate"].value[0]), samples


def table_columns(records: Mapping[str, Record]) -> dict[str, Any]:
    """Columns of a bundle's table of samples, from every pipeline's record."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("pipeline", "series", "set", "block", "index", "item", "value", "unit")
    }
    for pipeline, record in records.items():
        for name, one in record.items():
            n = len(one)
            columns["pipeline"] += [pipeline] * n
            columns["series"] += [name] * n
            columns["set"] += one.set_index.tolist()
            columns["block"] += one.block.tolist()
            columns["index"] += range(n)
            columns["item"] += one.item.tolist()
            columns["value"] += one.value.tolist()
            columns["unit"] += [one.unit] * n
    return columns


def from_table(columns: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Series]]:
    """Every pipeline's record from a bundle's table of samples; the inverse of :func:`table_columns`."""
    found: dict[str, dict[str, Series]] = {}
    pipelines, owner = np.unique(columns["pipeline"].astype(np.str_), return_inverse=True)
    names, kind = np.unique(columns["series"].astype(np.str_), return_inverse=True)
    _, first, inverse = np.unique(owner * len(names) + kind, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(inverse))[:-1]) if len(order) else []
    for i in np.argsort(first):
        rows = rows_of[i]
        pipeline, name = str(pipelines[owner[rows[0]]]), str(names[kind[rows[0]]])
        found.setdefault(pipeline, {})[name] = Series(
            str(columns["unit"][rows[0]]),
            columns["set"][rows].astype(np.int64),
            columns["block"][rows].astype(np.int64),
            columns["item"][rows].astype(np.str_),
            columns["value"][rows].astype(np.float64),
        )
    return found


def _concatenated(parts: Sequence[Series]) -> Series:
    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Series(parts[0].unit, *(column(name) for name in ("set_index", "block", "item", "value")))
