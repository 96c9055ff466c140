"""What is said of speed: the machine and the counts that latencies hold for, and how two arms compare."""

from __future__ import annotations

from harness import stats
from harness.compare.speed import arm_log_ratios, arm_sets
from harness.results.bundle import Bundle
from harness.results.schema import Against, Ratio, Session
from harness.results.tables import SAMPLES


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
    """How each pipeline's speed compares with its baseline arm, in sentences without a full stop.

    Raises BundleError where ``result.json`` says other than its samples.
    """
    said = []
    against = bundle.result.against or Against()
    for name, arm in against.pipelines.items():
        latency = arm.latency or Ratio()
        verdict, ratio = _judged(bundle, name, latency)
        words = {
            "pass": "is not slower than",
            "fail": "is slower than",
            "inconclusive": "cannot be told from",
        }
        if verdict in words and ratio is not None:
            limits = ratio.interval
            between = f" [{limits.low:z.3f}, {limits.high:z.3f}]" if limits else ""
            said.append(f"{name} {words[verdict]} its baseline ({ratio.ratio:.3f}{between} of its time)")
        elif verdict in words:
            said.append(f"{name}: no verdict on speed, the bundle holds no raw samples of both arms")
        elif verdict:
            said.append(f"{name}: no verdict on speed, {latency.reason or verdict}")
    return said


def _judged(bundle: Bundle, name: str, latency: Ratio) -> tuple[str, stats.RatioEstimate | None]:
    """The rule's verdict and the ratio from the samples, as ``gate`` and ``compare`` take them.

    So also of bundles written when the rule looked at blocks alone. Without samples: what is stored, and no ratio.
    """
    if not bundle.has(SAMPLES):
        return latency.verdict, None
    logs, sets = arm_log_ratios(bundle, name), arm_sets(bundle, name)
    if not len(logs):
        return latency.verdict, None
    estimate = stats.estimate_ratio(logs, sets=sets)
    if latency.verdict == "invalid":
        return latency.verdict, estimate
    found = stats.judge_slowdown(logs, sets=sets)
    return "inconclusive" if found == "extend" else found, estimate


def _counts(bundle: Bundle) -> str:
    medians = [part.timing.latency.p50 for part in bundle.pipelines.values() if part.timing is not None]
    counts = sorted(one.n for one in medians if one is not None and one.n is not None)
    if not counts:
        return ""
    many = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"
    return f"over {many} calls each "
