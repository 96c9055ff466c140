"""Standard output that is ASCII, closed, full, or read no more."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness import console
from harness.errors import ResourceError

LIST = [sys.executable, "-m", "harness", "list", "measures"]


def test_a_stream_that_is_not_utf_8_is_given_plain_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    console.prepare()
    console.say("✓ Zürich → 東", "::error::x")
    console.say_json({"name": "Zürich\x1b"})
    console.finish()
    assert raw.getvalue().decode("ascii") == (
        '+ Z\\xfcrich -> \\u6771\n\\::error::x\n{\n "name": "Z\\u00fcrich\\u001b"\n}\n'
    )


@pytest.mark.parametrize(
    ("variables", "encoding"),
    [
        ({}, "utf-8"),
        ({"LC_ALL": "C"}, "ascii"),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}, "utf-8"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, "ascii"),
        ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
    ],
)
def test_what_the_environment_says_is_done(variables: dict[str, str], encoding: str) -> None:
    told = {
        k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LANG", "PYTHONIOENCODING", "PYTHONUTF8")
    }
    script = "from harness import console; import sys; console.prepare(); console.say(sys.stdout.encoding, '\\u2192')"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**told, **variables}, capture_output=True, check=True, timeout=60
    )
    name, sign = done.stdout.decode(encoding).splitlines()
    assert name.lower() in (encoding, "ansi_x3.4-1968" if encoding == "ascii" else encoding)
    assert sign == ("→" if encoding == "utf-8" else "->")


def test_a_reader_that_has_enough_ends_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(LIST, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [LIST[1:], [*LIST[1:3], "--help"], [*LIST[1:3], "--version"]])
def test_a_full_disk_behind_standard_output_is_told(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 70
    assert done.stderr.startswith("harness: standard output cannot be written (no space left)")
    assert len(done.stderr.splitlines()) == 1


def test_a_closed_standard_output_is_nobody_s_fault() -> None:
    command = ["sh", "-c", f'exec "{sys.executable}" -m harness list measures >&- 2>&-']
    assert subprocess.run(command, check=False, timeout=60).returncode == 0


def test_a_stream_without_a_file_says_what_happened() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(ResourceError, match="no space left"):
        console.write(Full(), "x")
