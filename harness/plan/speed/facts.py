"""What a measurement says of itself: series of starts and memory, the machine, and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.timing.blocks import Measured
from harness.timing.environment import Environment, read_environment
from harness.timing.record import Series, closed_loop_record, series
from harness.timing.service import ServiceInfo


def record_of(measured: Measured) -> dict[str, Series]:
    """The raw series of one pipeline: its closed loop, and what each set says of its start and memory."""
    record = closed_loop_record(measured.samples)
    warm = measured.warm_ups
    if warm:
        sets = range(len(warm))
        record["first_query"] = series("ms", [one.cold_ns / 1e6 for one in warm], sets=sets)
        record["warm_up"] = series("ms", [one.elapsed_ns / 1e6 for one in warm], sets=sets)
        record["steady"] = series("1", [float(one.steady) for one in warm], sets=sets)
    if measured.peak_rss_bytes:
        peaks = measured.peak_rss_bytes
        record["memory.peak_rss"] = series("bytes", peaks, sets=range(len(peaks)))
    for name, (key, unit, factor) in _DETAILS.items():
        found = [
            (i, float(info.details[key]) * factor)
            for i, info in enumerate(measured.infos)
            if _is_figure(info.details.get(key))
        ]
        if found:
            record[name] = series(unit, [value for _, value in found], sets=[i for i, _ in found])
    return record


#: series: the worker's own name of it, the unit here, and the factor to it.
_DETAILS = {
    "start": ("start_ns", "ms", 1e-6),
    "model.load": ("load_model_ns", "s", 1e-9),
    "index.load": ("load_index_ns", "s", 1e-9),
    "index.build": ("build_index_ns", "s", 1e-9),
    "index.bytes": ("index_bytes", "bytes", 1.0),
    "model.bytes": ("model_bytes", "bytes", 1.0),
    "memory.peak_device": ("peak_device_bytes", "bytes", 1.0),
    "memory.reserved_device": ("reserved_device_bytes", "bytes", 1.0),
}


def worker_facts(infos: Sequence[ServiceInfo]) -> dict[str, Any]:
    """What a worker says of itself that is no figure: threads, device, versions."""
    figure_keys = {key for key, _, _ in _DETAILS.values()}
    details = infos[-1].details if infos else {}
    return {key: value for key, value in details.items() if key not in figure_keys}


def environment_part(before: Environment) -> dict[str, Any]:
    """The machine as it was when timing began, and its load when it ended."""
    after = read_environment()
    return {**asdict(before), "load_average_after": after.load_average}


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def warnings_of(session: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Sentences to print under any table: noise, failures, and whatever is not as it should be."""
    found = []
    control = session["control"]
    if control["noisy"]:
        found.append(f"timing: this machine is too noisy to tell speeds apart: {control['reason']}")
    for name, part in parts.items():
        if part["invalid"]:
            found.append(f"timing of {name} is invalid: {part['invalid']}")
        latency, stages = part["latency"] or {}, part["stages"] or {}
        if latency.get("steady") is False:
            found.append(f"timing of {name}: it never ran steadily while warming up; its latency may drift")
        ratio = stages.get("sum_ratio")
        if ratio is not None and abs(ratio - 1.0) > 0.03:
            found.append(
                f"timing of {name}: its stages add up to {ratio:.1%} of the whole, not to 97 % or more"
            )
        median = (latency.get("p50") or {}).get("value")
        if median and session["overhead_ns"] > 0.01 * median * 1e6:
            found.append(
                f"timing of {name}: reading the clock costs {session['overhead_ns']:.0f} ns, over 1 % of its median"
            )
        for point in part["load"]:
            if not point["valid"]:
                found.append(
                    f"load of {point['rate_per_s']:.4g}/s on {name} is not reported: {point['reason']}"
                )
        rate = part["max_rate"]
        if rate and not rate["valid"]:
            found.append(f"no highest rate of {name}: {rate['reason']}")
    return found
