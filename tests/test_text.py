"""Foreign text: made visible, never a command, and readable where only plain characters are."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.text import (
    escaped,
    fitting,
    flowing,
    in_markup,
    json_text,
    on_a_line,
    safe_json,
    unescaped,
    visible,
)

CODES = "\x00\x07\x08\x0a\x0b\x0d\x1b\x7f\x85\x9b\u061c\u200b\u200e\u2028\u202e\u2066\ufeff\ud800\U000e0041"
ANY = st.text(st.characters(), max_size=40)
#: What a terminal, a log or a reader's eye would obey.
OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_shown_instead_of_obeyed(code: str) -> None:
    for made in (visible(f"a{code}b"), flowing(f"a{code}b"), on_a_line(f"a{code}b"), escaped(f"a{code}b")):
        assert not OBEYED.search(made)
    assert re.fullmatch(r"a\\[nrxuU][0-9a-f]*b", visible(f"a{code}b"))


@pytest.mark.parametrize(
    "text", ["Ἀθήνα", "ما هي عاصمة", "東京", "می‌خواهم", "👩‍👩‍👧", "a\\nb", "[red]x[/red]", "100 %"]
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == flowing(text) == in_markup(text) == on_a_line(text) == text


def test_running_text_becomes_one_line_and_markup_keeps_its_own() -> None:
    assert flowing("  one\n\ttwo \u2028 three ") == "one two three"
    assert in_markup("one\n\ttwo\r\x1b") == "one\n\ttwo\\r\\x1b"


@given(ANY)
def test_a_line_is_one_line_and_no_command(text: str) -> None:
    line = on_a_line(text)
    assert not OBEYED.search(line)
    assert not line.strip().startswith("::")
    assert "##[" not in line


@pytest.mark.parametrize(
    "before", ["", "  ", "\t", "\n", "\r", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}"]
)
def test_a_workflow_command_is_shown_wherever_it_begins(before: str) -> None:
    assert "error::owned" in on_a_line(f"{before}::error::owned")
    assert not on_a_line(f"{before}::error::owned").lstrip().startswith("::")
    assert on_a_line(f"x {before}##[error]owned").endswith(r"#\#[error]owned")
    assert on_a_line("##vso[task.complete]").startswith(r"#\#vso[")


@given(ANY)
def test_escapes_read_back(text: str) -> None:
    assert not OBEYED.search(escaped(text))
    assert unescaped(escaped(text)) == text


@given(st.dictionaries(ANY, ANY | st.floats(allow_nan=False) | st.lists(ANY), max_size=4), st.booleans())
def test_json_is_the_same_value_without_anything_to_obey(value: object, plain: bool) -> None:
    text = json_text(value, plain=plain)
    assert json.loads(text) == value
    assert not OBEYED.search(text.replace("\n", ""))
    assert "##[" not in text
    assert not plain or text.isascii()
    assert safe_json(text, plain=plain) == text


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "✓ a → b − † Δ ≤ …"),
        ("cp1252", "+ a -> b - † delta <= …"),
        ("latin-1", "+ a -> b - * delta <= ..."),
        ("ascii", "+ a -> b - * delta <= ..."),
    ],
)
def test_signs_of_our_own_have_a_plain_one(encoding: str, shown: str) -> None:
    assert fitting("✓ a → b − † Δ ≤ …", encoding) == shown


@given(ANY)
def test_any_encoding_can_show_any_text(text: str) -> None:
    for encoding in ("ascii", "cp1252", "utf-8", "utf-16"):
        fitting(text, encoding)


def test_every_sign_in_our_own_words_has_a_plain_one() -> None:
    """Words of the program only: the embedded corpus and probing texts are data, and what a browser or GitHub shows is UTF-8."""
    package = Path(harness.__file__).parent
    elsewhere = (
        "factbook",
        "figures",
        "report/writers",
        "blocks/",
        "compare/slices",
        "harness/text.py",
        "parity/texts",
        "endpoints/standing",
        "search/bm25",
    )
    for path in package.rglob("*.py"):
        if not any(part in path.as_posix() for part in elsewhere):
            found = sorted(set(re.findall("[^\x00-\x7f]", _literals(path))))
            # Signs and Greek letters; names of people are not ours to rewrite.
            signs = "".join(
                sign for sign in found if unicodedata.category(sign)[0] in "PSZ" or "Ͱ" <= sign <= "Ͽ"
            )
            assert "\\" not in fitting(signs, "ascii"), f"{path}: {signs}"


def _literals(path: Path) -> str:
    """Every text of a module but its docstrings and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and n.body and isinstance(n.body[0], ast.Expr)}  # fmt: skip
    return "".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    )
