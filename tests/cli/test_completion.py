"""What a shell completes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.cli import main

pytest.importorskip("shtab", reason="shtab is not installed")

ASK = """source completion.bash
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()
_shtab_harness harness "${{COMP_WORDS[COMP_CWORD]}}"
echo "${{COMPREPLY[*]}}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("harness ru", "run"),
        ("harness list s", "suites"),
        ("harness run quicksta", "quickstart"),
        ("harness run quickstart --of", "--offline"),
        ("harness cache prune --m", "--max"),
        ("harness train quick", "quickstart-cross-encoder"),
    ],
)
def test_bash(words: str, completed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "completion.bash").write_text(capsys.readouterr().out)
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK.format(words=words)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert completed in done.stdout.split(), done.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_given_every_verb(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(verb in script for verb in ("run", "gate", "init", "all-pairs"))
