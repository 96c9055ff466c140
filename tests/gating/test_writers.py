"""JUnit and GitHub: what they must hold, whatever the names are."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from harness.gate.verdicts import Check, GateResult, Moved
from harness.report.writers import github, junit
from harness.report.writers.markdown import escape

STATUSES = ("pass", "fail", "inconclusive", "not comparable", "not judged")


def _result(*checks: Check, strict: bool = False) -> GateResult:
    times = ("2026-03-01T12:00:00+00:00", "2026-03-01T12:01:30+00:00")
    return GateResult("bundles/x", "policy", None, checks, "fail" if strict else "warn", *times)


def _each() -> tuple[Check, ...]:
    return tuple(Check("p", f"m{i}", "rule", status, f"why {status}") for i, status in enumerate(STATUSES))  # type: ignore[arg-type]


def test_junit_says_each_status_in_its_own_element() -> None:
    root = ET.fromstring(junit.document(_result(*_each())))
    suite = root.find("testsuite")
    assert suite is not None
    children = [[child.tag for child in case] for case in suite.findall("testcase")]
    assert children == [[], ["failure"], ["skipped"], ["error"], ["skipped"]]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "5",
        "1",
        "1",
        "2",
    )


def test_junit_holds_what_the_strictest_schema_requires() -> None:
    """Ant's JUnit schema, in the order and with the attributes that it requires; Jenkins's and GitLab's
    ask for less.
    """
    root = ET.fromstring(junit.document(_result(*_each())))
    assert root.attrib == {}
    (suite,) = root
    assert set(suite.attrib) == {
        "name", "package", "id", "tests", "failures", "errors", "skipped", "time", "hostname", "timestamp",
    }  # fmt: skip
    tags = [child.tag for child in suite]
    assert tags == ["properties", *["testcase"] * 5, "system-out", "system-err"]
    for case in suite.findall("testcase"):
        assert set(case.attrib) == {"name", "classname", "time"}
        assert len(case) <= 1
        assert all(child.get("type") for child in case if child.tag in ("failure", "error"))
    assert all(set(p.attrib) == {"name", "value"} for p in suite.iter("property"))


def test_junit_counts_inconclusive_as_failure_where_the_policy_does() -> None:
    root = ET.fromstring(junit.document(_result(*_each(), strict=True)))
    assert root[0].get("failures") == "2"


def test_junit_of_nothing_is_an_error() -> None:
    assert ET.fromstring(junit.document(_result()))[0].get("errors") == "1"


@given(st.text(max_size=40), st.text(max_size=200))
def test_junit_is_well_formed_for_any_text(name: str, reason: str) -> None:
    root = ET.fromstring(junit.document(_result(Check(name, "m", "r", "fail", reason))))
    assert root[0].get("failures") == "1"


@given(st.text(max_size=40), st.text(max_size=200))
def test_no_text_starts_a_command_of_its_own(name: str, reason: str) -> None:
    (line,) = github.commands(
        _result(Check(name, "m", "r", "fail", f"x\n::error::{reason}\r\n::stop-commands::y"))
    )
    assert "\n" not in line
    assert "\r" not in line
    title, _, _ = line.removeprefix("::error title=").partition("::")
    assert ":" not in title
    assert "," not in title


def test_annotations_stay_within_githubs_number() -> None:
    checks = [Check(f"p{i}", "m", "r", "fail", "why") for i in range(30)]
    lines = github.commands(_result(*checks))
    assert len(lines) == github.MOST_ANNOTATIONS
    assert "21 more" in lines[-1]
    kinds = [line.split(" ")[0] for line in github.commands(_result(*_each()))]
    assert kinds == ["::error", "::error", "::warning"]


def test_the_summary_keeps_below_its_limit_and_keeps_what_failed() -> None:
    checks = [Check(f"p{i}", "m", "r", "pass", "é" * 3000) for i in range(50)]
    checks.append(Check("broken", "m", "r", "fail", "why"))
    text = github.summary(_result(*checks), limit=20_000)
    assert len(text.encode()) <= 20_000
    assert "broken" in text
    assert "more checks are left out" in text


def test_markdown_in_names_is_shown_not_obeyed() -> None:
    text = github.summary(_result(Check("<img src=x>|`", "m", "r", "fail", "a | b")))
    assert "<img" not in text.replace("\\<", "")
    assert "a \\| b" in text


def test_nothing_is_written_outside_github(tmp_path: Path) -> None:
    stream, place = io.StringIO(), tmp_path / "summary.md"
    github.report(_result(*_each()), stream, {"GITHUB_STEP_SUMMARY": str(place)})
    assert stream.getvalue() == ""
    assert not place.exists()
    github.report(_result(*_each()), stream, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(place)})
    assert stream.getvalue().count("\n") == 3
    assert place.read_text().startswith("### ")


def test_junit_tells_the_bundles_own_times() -> None:
    def times(started: str, ended: str) -> tuple[str | None, str | None]:
        made = GateResult("b", "p", None, _each(), "warn", started, ended)
        (suite,) = ET.fromstring(junit.document(made))
        return suite.get("timestamp"), suite.get("time")

    assert times("2026-03-01T12:00:00+02:00", "2026-03-01T12:01:30+02:00") == ("2026-03-01T10:00:00", "90")
    assert times("", "") == (None, "0")
    assert times("2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00") == (None, "0")


def test_the_queries_that_lost_most_are_in_every_format() -> None:
    lost = Moved("q7", "what\nis a " + "very " * 40 + "long text", 0.0, 0.8312)
    result = _result(Check("p", "m", "rule", "fail", "worse", causes=("weights: w",), queries=(lost,)))
    said = "query q7: 0.0000 instead of 0.8312  “what is a very"
    (line,) = github.commands(result)
    texts = (junit.document(result), line, github.summary(result))
    assert all(escape(said) in text or said in text for text in texts)
    assert all("long text" not in text for text in texts)
    assert "differs in weights: w" in github.summary(result)
