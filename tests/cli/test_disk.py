"""A full disk, wherever it is met: one sentence, exit code 70, nothing half-written, and what was finished stays good."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.results import bundle as bundles


@pytest.fixture
def scoring(tmp_path: Path) -> list[str]:
    """A command that scores a run; its bundle's files are small, its page is large."""
    rows = [f"q{i} Q0 d{j} {j} {-j} t" for i in range(20) for j in range(20)]
    (tmp_path / "run.trec").write_text("\n".join(rows) + "\n")
    (tmp_path / "qrels.txt").write_text("".join(f"q{i} 0 d{i} 1\n" for i in range(20)))
    return [
        "score",
        str(tmp_path / "qrels.txt"),
        str(tmp_path / "run.trec"),
        "--out",
        str(tmp_path / "out" / "b"),
    ]


def limited(command: list[str], most: int | None, stdout: str = os.devnull) -> tuple[int, list[str]]:
    """Run a command that may write no file larger than so many bytes; returns its exit code and what it said."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    told = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HARNESS_STORE": "off",
        "MPLCONFIGDIR": os.devnull,
    }
    with Path(stdout).open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *command], env=told, preexec_fn=limit, stdout=out, stderr=subprocess.PIPE,
            text=True, check=False, timeout=120,
        )  # fmt: skip
    return done.returncode, [line for line in done.stderr.splitlines() if line.startswith("harness: ")]


def test_a_bundle_that_has_room_and_its_page_not(scoring: list[str], tmp_path: Path) -> None:
    code, said = limited(scoring, 20_000)
    assert code == 70, said
    (sentence,) = said
    assert "the bundle is whole, but its table and page could not be written (no space left)" in sentence
    found = bundles.read(tmp_path / "out" / "b")
    assert not (found.path / "report").exists()
    assert not (found.path / "table.md").exists()
    assert main(["verify", str(found.path)]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b"]


def test_a_bundle_that_has_no_room(scoring: list[str], tmp_path: Path) -> None:
    code, (sentence,) = limited(scoring, 1_000)
    assert code == 70
    assert "no space left" in sentence
    assert not (tmp_path / "out").exists()


def test_a_report_that_has_no_room_leaves_the_older_one(scoring: list[str], tmp_path: Path) -> None:
    assert main(scoring) == 0
    report = ["report", str(tmp_path / "out" / "b"), "--out", str(tmp_path / "report")]
    assert main(report) == 0
    before = (tmp_path / "report" / "index.html").read_bytes()
    code, (sentence,) = limited(report, 20_000)
    assert (code, "no space left" in sentence) == (70, True)
    assert (tmp_path / "report" / "index.html").read_bytes() == before
    assert not list(tmp_path.glob(".report*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_standard_output(scoring: list[str]) -> None:
    assert main(scoring) == 0
    code, (sentence,) = limited(["show", scoring[-1], "--query", "q1"], None, "/dev/full")
    assert code == 70
    assert "standard output cannot be written (no space left)" in sentence
