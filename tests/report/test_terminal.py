"""The table in a terminal, and where there is none."""

from __future__ import annotations

import io
import re

import pytest

from harness.report.table import Column, DataTable, Estimate
from harness.report.writers import terminal

HARM = "a\x1b]0;owned\x07b\x9b31m\u202ec\n::error::owned [red]d"
COLUMNS = (
    Column("name", "pipeline", "name"),
    Column("what", "what"),
    Column("m", f"{HARM}@10", "number", "higher"),
)
TABLE = DataTable(
    "t",
    f"title → {HARM}",
    COLUMNS,
    (("first", "x → y", Estimate(0.5, 0.4, 0.6)), (HARM, "–", Estimate(0.4, mark="†"))),
    (f"Warning: {HARM}", "a long note " * 40),
)
STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.TextIOWrapper):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def _shown(kind: type[io.TextIOWrapper], encoding: str) -> str:
    raw = io.BytesIO()
    stream = kind(raw, encoding=encoding)
    terminal.show(TABLE, stream=stream)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_only_styles_of_our_own_reach_a_terminal(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = _shown(Terminal, encoding)
    assert STYLE.search(shown)
    plain = STYLE.sub("", shown)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", plain)
    assert r"a\x1b]0;owned\x07b\x9b31m\u202ec\n::error::owned [red]d" in plain


@pytest.mark.parametrize(
    ("encoding", "arrow"), [("utf-8", "x → y"), ("ascii", "x -> y"), ("cp1252", "x -> y")]
)
def test_without_a_terminal_a_row_is_a_line_and_columns_stay_in_place(encoding: str, arrow: str) -> None:
    lines = _shown(io.TextIOWrapper, encoding).splitlines()
    assert len(lines) == 1 + 3 + 2
    assert arrow in lines[2]
    assert lines[3].endswith("0.4000†" if encoding != "ascii" else "0.4000*")
    ends = {len(line) for line in lines[1:4]}
    assert len(ends) == 1


@pytest.mark.parametrize("width", [24, 30, 44, 60, 80])
def test_no_number_is_broken_however_narrow_a_terminal_is(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(width))
    columns = (
        Column("name", "ndcg@10", "name"),
        *(Column(k, f"column {k}", "number", "higher") for k in "abc"),
    )
    row = ("two-stage@10", *(Estimate(0.123456, 0.012345, 0.234567) for _ in "abc"))
    raw = io.BytesIO()
    stream = Terminal(raw, encoding="utf-8")
    terminal.show(DataTable("t", "", columns, (row,)), stream=stream)
    stream.flush()
    plain = STYLE.sub("", raw.getvalue().decode())
    assert {"ndcg@10", "two-stage@10", "column"} <= set(plain.split())
    assert plain.split().count("0.1235") == 3
    assert plain.count("0.235]") == 3
