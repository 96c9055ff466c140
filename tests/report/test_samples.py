"""The committed sample reports: the command that makes them makes the same figures again."""

from __future__ import annotations

import csv
import os
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

REPORTS = Path(__file__).resolve().parents[2] / "reports"
SAMPLES = REPORTS / "samples"
#: Of this one, versions, times and machines differ from one making to the next.
MANIFEST = "tables/manifest.csv"
REMAKE = "is the sample older than the baseline or the report? run 'python reports/make_samples.py'"

Make = Callable[..., int]


@pytest.fixture(scope="module")
def make() -> Make:
    command: Make = runpy.run_path(str(REPORTS / "make_samples.py"))["main"]
    return command


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _rows(path: Path) -> list[list[float | str]]:
    def cell(text: str) -> float | str:
        try:
            return float(text)
        except ValueError:
            return text

    with path.open(encoding="utf-8", newline="") as file:
        return [[cell(text) for text in row] for row in csv.reader(file)]


def _same_figures(made: Path, kept: Path) -> None:
    assert _files(made) == _files(kept), REMAKE
    tables = sorted(name for name in _files(kept) if name.endswith(".csv") and name != MANIFEST)
    assert len(tables) >= 4
    for name in tables:
        mine, theirs = _rows(made / name), _rows(kept / name)
        assert [len(row) for row in mine] == [len(row) for row in theirs], f"{name}: {REMAKE}"
        for got, expected in zip(mine, theirs, strict=True):
            for key, one, other in zip(theirs[0], got, expected, strict=True):
                where = f"{name}, {expected[0]}, {key}: {REMAKE}"
                if isinstance(other, float):
                    assert one == pytest.approx(other, rel=1e-6, abs=1e-9, nan_ok=True), where
                else:
                    assert one == other, where


def test_the_quickstart_s_sample(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HARNESS_TEST_DATA", raising=False)
    assert make(["--out", str(tmp_path)]) == 0
    assert "trec-dl-2019: skipped: HARNESS_TEST_DATA" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["quickstart"]
    _same_figures(tmp_path / "quickstart", SAMPLES / "quickstart")


def test_dl_2019_s_sample(make: Make, real_data: Path, tmp_path: Path) -> None:
    assert make(["--out", str(tmp_path)]) == 0
    _same_figures(tmp_path / "trec-dl-2019", SAMPLES / "trec-dl-2019")

    texts = [
        line.split("\t")[1] for line in (real_data / "msmarco/queries.dl19.tsv").read_text().splitlines()
    ]
    assert texts
    for path in (tmp_path / "trec-dl-2019").rglob("*.*"):
        held = path.read_text(encoding="utf-8")
        assert not [text for text in texts if text in held], path.name
        assert str(real_data) not in held, path.name
        assert os.fspath(tmp_path) not in held, path.name


def test_samples_are_small_and_only_what_may_be_committed() -> None:
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    assert {path.suffix for path in files} <= {".csv", ".svg", ".md", ".html"}
    others = _files(SAMPLES / "trec-dl-2019")
    assert not {name for name in others if "queries" in name or name.endswith(".html")}


def test_a_folder_of_something_else_is_left_alone(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "quickstart").mkdir()
    (tmp_path / "quickstart" / "notes.txt").write_text("mine")

    assert make(["--out", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert _files(tmp_path) == {"quickstart/notes.txt"}
