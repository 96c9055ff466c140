"""One pipeline across devices or precisions: what is gained in speed beside what is lost in quality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.compare.causes import differing, hardware_of
from harness.report.blocks.base import Prose, Section
from harness.report.several.base import Several, in_all
from harness.report.several.time import against, estimate_of, left_out
from harness.report.table import Column, DataTable, Estimate, Value
from harness.results.bundle import Bundle
from harness.results.schema import Figure, Model, Session, Timing

_COLUMNS = (
    Column("bundle", "bundle", "name"),
    Column("machine", "machine"),
    Column("device", "device"),
    Column("precision", "precision"),
    Column("value", "quality", "number"),
    Column("difference", "against the first", "signed"),
    Column("verdict", "told apart"),
    Column("p50_ms", "p50 (ms)", "ms"),
    Column("p95_ms", "p95 (ms)", "ms"),
    Column("queries_per_s", "queries/s", "rate"),
    Column("speed_up", "speed-up (p50)", "rate"),
    Column("refusal", "no speed-up because"),
)


def report(read: Sequence[Bundle], names: Sequence[str], why: str) -> Several:
    """A table for every pipeline that all bundles hold; the first bundle is what others are held against."""
    first = read[0]
    shared = in_all(read)
    sections = [_section(read, names, pipeline, place) for place, pipeline in enumerate(shared, 1)]
    notes = (
        "A speed-up is the first bundle's p50 latency over this one's. It comes from two jobs on one machine, not from "
        "runs in turns, so it is indicative; its interval is the widest that the two p50 intervals allow. To decide, "
        "measure both in one job: 'harness run CONFIG --against CONFIG'.",
        "Across machines no ratio is given: stored wall-clock does not compare.",
    )
    sections += left_out(read, shared)
    sections.append(Section("reading", "How to read this", (), (Prose(notes, "note"),)))
    title = f"{first.result.suite.title} across devices and precisions"
    return Several("devices", why, title, tuple(names), tuple(sections))


def settings_of(model: Model) -> tuple[str, str]:
    """A model's device and precision."""
    return str(model.settings.get("device")), str(model.settings.get("precision"))


def machine_of(bundle: Bundle) -> dict[str, Any]:
    """The machine without its devices: a GPU and the CPU beside it are one machine."""
    return {key: value for key, value in hardware_of(bundle).items() if key != "devices"}


def _section(read: Sequence[Bundle], names: Sequence[str], pipeline: str, place: int) -> Section:
    first = read[0]
    rows: list[tuple[Value, ...]] = []
    for i, (bundle, name) in enumerate(zip(read, names, strict=True)):
        paired = against(first, bundle, pipeline) if i else None
        delta = None
        if paired is not None and paired.delta is not None:
            limits = paired.interval
            delta = Estimate(
                paired.delta, limits.low if limits else None, limits.high if limits else None, paired.n
            )
        verdict = (
            None
            if paired is None
            else {"first better": "better", "second better": "worse"}.get(paired.verdict, paired.verdict)
        )
        ratio, refusal = _speed_up(first, bundle, pipeline) if i else (None, None)
        device, precision = used(bundle, pipeline)
        machine = bundle.result.manifest.machine.cpu or "unknown"
        quality = estimate_of(bundle, pipeline, first.primary)
        speeds = tuple(_figure(bundle, pipeline, read) for read in _SPEEDS)
        rows.append((name, machine, device, precision, quality, delta, verdict, *speeds, ratio, refusal))
    columns = tuple(c if c.key != "value" else Column("value", first.primary, "number") for c in _COLUMNS)
    kept = [i for i in range(len(columns)) if any(_known(row[i]) for row in rows)]
    table = DataTable(
        f"devices_{place}",
        f"{pipeline} across devices and precisions",
        tuple(columns[i] for i in kept),
        tuple(tuple(row[i] for i in kept) for row in rows),
    )
    return Section(f"devices-{place}", pipeline, (), (table,))


_Read = Callable[[Timing], Figure | None]
_SPEEDS: tuple[_Read, ...] = (
    lambda timing: timing.latency.p50,
    lambda timing: timing.latency.p95,
    lambda timing: timing.throughput.get("queries_per_s"),
)


def used(bundle: Bundle, pipeline: str) -> tuple[str | None, str | None]:
    stages, models = bundle.pipelines[pipeline].stages, bundle.result.models
    used = [settings_of(models[name]) for name in map(str, stages.values()) if name in models]
    devices = ", ".join(dict.fromkeys(device for device, _ in used))
    return devices or None, ", ".join(dict.fromkeys(precision for _, precision in used)) or None


def _speed_up(first: Bundle, other: Bundle, pipeline: str) -> tuple[Estimate | None, str | None]:
    """p50 of the first over p50 of the other, or why there is none."""
    for bundle in (first, other):
        timing = bundle.pipelines[pipeline].timing
        if timing is None:
            return None, f"{bundle.name} holds no timing of it"
        if timing.invalid:
            return None, f"its timing in {bundle.name} is invalid: {timing.invalid}"
    if told := differing(machine_of(first), machine_of(other)):
        return None, f"another machine: {told}"
    profiles = [(b.result.timing or Session()).profile or None for b in (first, other)]
    if profiles[0] != profiles[1]:
        return None, f"timed by the profiles {profiles[0]} and {profiles[1]}"
    a, b = (_figure(bundle, pipeline, _SPEEDS[0]) for bundle in (first, other))
    if a is None or b is None or not a.value or not b.value:
        return None, "too few samples for a p50"
    if a.low is None or a.high is None or not b.low or b.high is None:
        return Estimate(a.value / b.value), None
    return Estimate(a.value / b.value, a.low / b.high, a.high / b.low), None


def _figure(bundle: Bundle, pipeline: str, read: _Read) -> Estimate | None:
    timing = bundle.pipelines[pipeline].timing
    figure = None if timing is None else read(timing)
    return None if figure is None or figure.value is None else Estimate.of(figure)


def _known(value: Value) -> bool:
    return (value.value if isinstance(value, Estimate) else value) is not None
