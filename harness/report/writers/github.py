"""GitHub's formats: annotations on standard output, and the job's step summary, where its variables are
there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from harness import console
from harness.gate.verdicts import Check, GateResult
from harness.report.writers.markdown import escape
from harness.text import visible

#: GitHub shows so many annotations of each kind a step, and drops the rest without a word.
MOST_ANNOTATIONS = 10
#: A summary above 1 MiB is refused as a whole; the rest is room for others of the same step.
SUMMARY_LIMIT = 1024 * 1024 - 64 * 1024
_MESSAGE_LIMIT = 4000
_MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "⚠️", "not comparable": "🚫", "not judged": "➖"}


def report(result: GateResult, stream: TextIO, environment: Mapping[str, str] | None = None) -> None:
    """Write annotations and step summary where the environment says that this is GitHub; nothing
    elsewhere.
    """
    variables = os.environ if environment is None else environment
    if variables.get("GITHUB_ACTIONS") != "true":
        return
    for line in commands(result):
        console.write(stream, f"{line}\n")
    place = variables.get("GITHUB_STEP_SUMMARY")
    if place:
        _append(Path(place), summary(result))


def commands(result: GateResult) -> list[str]:
    """Workflow commands: an error for each failure and each thing not comparable, a warning for
    inconclusive.
    """
    strict = result.on_inconclusive == "fail"
    errors = [
        c
        for c in result.checks
        if c.status in ("fail", "not comparable") or (strict and c.status == "inconclusive")
    ]
    warnings = [c for c in result.checks if c.status == "inconclusive" and not strict]
    lines = [
        line for kind, checks in (("error", errors), ("warning", warnings)) for line in _of_kind(kind, checks)
    ]
    if not result.checks:
        lines.append(_command("error", "harness gate", "nothing was judged"))
    return lines


def summary(result: GateResult, limit: int = SUMMARY_LIMIT) -> str:
    """The step summary in Markdown, at most ``limit`` bytes: rows that do not fit are counted instead."""
    head = (
        f"### {_MARKS[result.verdict]} harness gate: {escape(result.summary)}\n\n{escape(result.bundle)} "
        "under policy "
        f"{escape(result.policy)}, against {escape(result.baseline or 'no baseline')}\n\n"
        "| | pipeline | what | rule | why |\n| --- | --- | --- | --- | --- |\n"
    )
    # What needs attention comes first, and survives the limit.
    order = ("fail", "not comparable", "inconclusive", "not judged", "pass")
    checks = sorted(result.checks, key=lambda check: order.index(check.status))
    text, room = head, limit - 200
    for i, check in enumerate(checks):
        row = _row(check)
        if len((text + row).encode()) > room:
            return f"{text}\n{len(checks) - i} more checks are left out: the summary would be too long.\n"
        text += row
    return text


def _row(check: Check) -> str:
    why = "; ".join([check.reason, *check.details])
    cells = (check.pipeline, check.subject, check.rule, why[:_MESSAGE_LIMIT])
    return f"| {_MARKS[check.status]} {check.status} | " + " | ".join(escape(cell) for cell in cells) + " |\n"


def _of_kind(kind: str, checks: list[Check]) -> list[str]:
    room = MOST_ANNOTATIONS if len(checks) <= MOST_ANNOTATIONS else MOST_ANNOTATIONS - 1
    lines = [
        _command(
            kind,
            f"{c.status}: {c.pipeline}, {c.subject}",
            "\n".join([f"{c.rule}: {c.reason}", *map(str, c.queries)]),
        )
        for c in checks[:room]
    ]
    if len(checks) > room:
        lines.append(_command(kind, "harness gate", f"{len(checks) - room} more; see the job's summary"))
    return lines


def _command(kind: str, title: str, message: str) -> str:
    shown = message if len(message) <= _MESSAGE_LIMIT else message[: _MESSAGE_LIMIT - 1] + "…"
    return f"::{kind} title={_property(title)}::{_data(shown)}"


def _data(text: str) -> str:
    # What is visible holds no line break, and so no second command.
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append(place: Path, text: str) -> None:
    try:
        there = place.stat().st_size if place.exists() else 0
        if there + len(text.encode()) <= 1024 * 1024:
            with place.open("a", encoding="utf-8") as file:
                file.write(text + "\n")
    except OSError:
        # The verdict stands whether or not it can be shown there.
        return
