"""What is said of speed: the machine and the counts that latencies hold for, and how two arms compare."""

from __future__ import annotations

from harness.results.bundle import Bundle
from harness.results.schema import Against, Figure, Ratio, Session


def notes(bundle: Bundle) -> list[str]:
    """What latencies hold for, in sentences."""
    session = bundle.result.timing or Session()
    where = session.environment.get("cpu_model") or "this machine"
    threads = session.environment.get("threads")
    on = f"on {where}" + (f" with {threads} threads" if threads else "")
    said = [
        f"Latency of one query at a time, in ms, {_counts(bundle)}{on}; p50 with its 95 % interval; queries/s in "
        "batches. The other intervals are in the report."
        + (
            f" Profile {session.profile} is for a first look; decide with ci, laptop or server."
            if session.indicative
            else ""
        )
    ]
    said += [f"Note: {text}." for text in session.notes]
    return said


def arms(bundle: Bundle) -> list[str]:
    """How each pipeline's speed compares with its baseline arm, in sentences without a full stop."""
    said = []
    against = bundle.result.against or Against()
    for name, arm in against.pipelines.items():
        latency = arm.latency or Ratio()
        verdict, ratio = latency.verdict, latency.ratio or Figure(None)
        words = {
            "pass": "is not slower than",
            "fail": "is slower than",
            "inconclusive": "cannot be told from",
        }
        if verdict in words and ratio.value is not None:
            limits = ratio.interval
            between = f" [{limits.low:z.3f}, {limits.high:z.3f}]" if limits else ""
            said.append(f"{name} {words[verdict]} its baseline ({ratio.value:.3f}{between} of its time)")
        elif verdict:
            said.append(f"{name}: no verdict on speed, {latency.reason or verdict}")
    return said


def _counts(bundle: Bundle) -> str:
    medians = [part.timing.latency.p50 for part in bundle.pipelines.values() if part.timing is not None]
    counts = sorted(one.n for one in medians if one is not None and one.n is not None)
    if not counts:
        return ""
    many = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"
    return f"over {many} calls each "
