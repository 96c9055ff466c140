"""What is said of speed: the machine and the counts that latencies hold for, and how two arms compare."""

from __future__ import annotations

from harness.results.bundle import Bundle


def notes(bundle: Bundle) -> list[str]:
    """What latencies hold for, in sentences."""
    session = bundle.result.get("timing") or {}
    environment = session.get("environment") or {}
    where = environment.get("cpu_model") or "this machine"
    threads = environment.get("threads")
    on = f"on {where}" + (f" with {threads} threads" if threads else "")
    said = [
        f"Latency of one query at a time, in ms, {_counts(bundle)}{on}; p50 with its 95 % interval; queries/s in "
        "batches. The other intervals are in the report."
        + (
            f" Profile {session.get('profile')} is for a first look; decide with ci, laptop or server."
            if session.get("indicative")
            else ""
        )
    ]
    said += [f"Note: {text}." for text in session.get("notes", [])]
    return said


def arms(bundle: Bundle) -> list[str]:
    """How each pipeline's speed compares with its baseline arm, in sentences without a full stop."""
    said = []
    for name, arm in (bundle.result.get("against") or {}).get("pipelines", {}).items():
        latency = arm.get("latency") or {}
        verdict, ratio = latency.get("verdict"), latency.get("ratio") or {}
        words = {
            "pass": "is not slower than",
            "fail": "is slower than",
            "inconclusive": "cannot be told from",
        }
        if verdict in words and ratio.get("value") is not None:
            limits = ratio.get("interval")
            between = f" [{limits['low']:z.3f}, {limits['high']:z.3f}]" if limits else ""
            said.append(f"{name} {words[verdict]} its baseline ({ratio['value']:.3f}{between} of its time)")
        elif verdict is not None:
            said.append(f"{name}: no verdict on speed, {latency.get('reason') or verdict}")
    return said


def _counts(bundle: Bundle) -> str:
    latencies = [(part.get("timing") or {}).get("latency") or {} for part in bundle.pipelines.values()]
    counts = sorted(one["p50"]["n"] for one in latencies if one.get("p50"))
    if not counts:
        return ""
    many = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"
    return f"over {many} calls each "
