"""JUnit XML of a gate: a failure is a failure, inconclusive is skipped, not comparable is an error."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from harness.errors import UsageError, no_room
from harness.gate.verdicts import Check, GateResult
from harness.text import in_markup

# What XML 1.0 cannot hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(result: GateResult) -> str:
    """Return the JUnit XML document of a gate's result: one test case a check."""
    cases = [_case(check, result) for check in result.checks]
    if not cases:
        empty = Check("bundle", "nothing", "at least one check", "not comparable", "nothing was judged")
        cases = [_case(empty, result)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    name = _clean(f"harness gate {result.policy}")
    suites = ET.Element("testsuites")
    about = {"name": name, "package": "harness", "id": "0", **counts, "hostname": "localhost"}
    suite = ET.SubElement(suites, "testsuite", {**about, **_times(result)})
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("bundle", result.bundle),
        ("baseline", result.baseline or "none"),
        ("verdict", result.verdict),
    ):
        ET.SubElement(properties, "property", {"name": key, "value": _clean(value)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _clean(result.summary)
    ET.SubElement(suite, "system-err").text = ""
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def write(result: GateResult, path: Path) -> None:
    """Write the document. Raises UsageError where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(result), encoding="utf-8")
    except OSError as error:
        if no_room(error):
            with suppress(OSError):
                path.unlink()  # a half of it is none
            raise
        raise UsageError(f"--junit {path}: cannot be written ({error.strerror or error})") from None


def _times(result: GateResult) -> dict[str, str]:
    """When the bundle was measured, in UTC as the schema wants it, and for how many seconds.

    A gate measures nothing itself. Without the bundle's times the suite has no timestamp, and not a made-up one.
    """
    try:
        started, ended = map(datetime.fromisoformat, (result.started, result.ended))
        seconds = (ended - started).total_seconds()
        moment = started.astimezone(UTC) if started.tzinfo else started
    except (ValueError, TypeError, OverflowError):
        return {"time": "0"}
    return {"time": f"{max(seconds, 0.0):g}", "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}"}


def _case(check: Check, result: GateResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        {
            "name": _clean(f"{check.subject}: {check.rule}"),
            "classname": _clean(f"gate.{check.pipeline}"),
            "time": "0",
        },
    )
    message, detail = _clean(check.reason), _clean("\n".join([check.reason, *check.details]))
    failing = check.status == "fail" or (check.status == "inconclusive" and result.on_inconclusive == "fail")
    if failing:
        ET.SubElement(case, "failure", {"type": check.status, "message": message}).text = detail
    elif check.status == "not comparable":
        ET.SubElement(case, "error", {"type": check.status, "message": message}).text = detail
    elif check.status != "pass":
        ET.SubElement(case, "skipped", {"message": f"{check.status}: {message}"})
    return case


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", in_markup(text))
