"""Which report several bundles make: by what they share, or as asked for."""

from __future__ import annotations

from collections.abc import Sequence

from harness.compare.arms import bundle_names
from harness.compare.causes import hardware_of, require_comparable
from harness.compare.evidence import has_evidence, load
from harness.errors import NotComparableError, UsageError, listed
from harness.policy import LoadedPolicy
from harness.report.several import devices, suites, time
from harness.report.several.base import Several, in_all
from harness.results.bundle import Bundle

KINDS = ("suites", "time", "devices")


def several_of(
    read: Sequence[Bundle], kind: str | None = None, policy: LoadedPolicy | None = None
) -> Several:
    """The report of two or more bundles.

    Args:
        read: the bundles.
        kind: of KINDS; None: by what they share.
        policy: a gate's policy for the report over time.

    Raises UsageError for a bundle given twice or a policy without time, NotComparableError where they share no
    pipeline or are of other data than the kind needs.
    """
    if len(read) < 2:
        raise UsageError("a report of several bundles needs two or more")
    paths = [bundle.path.resolve() for bundle in read]
    if len(set(paths)) < len(paths):
        raise UsageError(f"one bundle is given twice: {next(p for p in paths if paths.count(p) > 1)}")
    for bundle in read:
        if has_evidence(bundle):
            load(bundle)  # refuses one whose figures are not those of its tables
    names = bundle_names(read)
    chosen, why = _by_what_they_share(read) if kind is None else (kind, f"As asked for with --as {kind}")
    if policy is not None and chosen != "time":
        raise UsageError(f"--policy is for a report over time, and this one is over {chosen}; add --as time")
    if chosen != "suites":
        _require_one_suite(read, chosen)
    match chosen:
        case "suites":
            return suites.report(read, names, why)
        case "devices":
            return devices.report(read, names, why)
        case _:
            return time.report(read, names, why, policy)


def _by_what_they_share(read: Sequence[Bundle]) -> tuple[str, str]:
    suite_names = list(dict.fromkeys(b.result.suite.name for b in read))
    if len(suite_names) > 1:
        return "suites", f"The bundles are of {len(suite_names)} suites: {', '.join(suite_names)}"
    machines = {str(hardware_of(b)) for b in read}
    settings = {str(_settings(b, in_all(read))) for b in read}
    if len(machines) > 1 or len(settings) > 1:
        what = " and ".join(
            words
            for words, many in (("machine", machines), ("device or precision", settings))
            if len(many) > 1
        )
        return "devices", f"All bundles are of {suite_names[0]} and differ in {what}"
    return "time", (
        f"All bundles are of {suite_names[0]}, on one kind of machine with one device and precision, so "
        "they are shown in the order of their times"
    )


def _settings(bundle: Bundle, pipelines: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Devices and precisions of some pipelines: those that only some bundles have say nothing of devices."""
    return [devices.used(bundle, name) for name in pipelines]


def _require_one_suite(read: Sequence[Bundle], kind: str) -> None:
    for other in read[1:]:
        require_comparable(read[0], other)
    if not in_all(read):
        raise NotComparableError(
            f"no pipeline is in all of {listed(str(b.path) for b in read)}, so there is nothing to show over {kind}: "
            "pipelines are the same where their names are"
        )
