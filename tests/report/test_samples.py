"""The committed sample reports: the command that makes them makes the same figures again."""

from __future__ import annotations

import csv
import json
import os
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.gate import update_baseline
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.tables import SCORES

REPORTS = Path(__file__).resolve().parents[2] / "reports"
SAMPLES = REPORTS / "samples"
#: Of this one, versions, times and machines differ from one making to the next.
MANIFEST = "tables/manifest.csv"
REMAKE = (
    "is the sample older than the baseline or the report? reports/samples/README.md says how to make it again"
)
#: Of a timed run's page.
SECTIONS = (
    "answer", "comparison", "quality-latency", "depth", "recall", "latency", "stages", "pairs", "queries", "method", "manifest",
)  # fmt: skip

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


def test_without_a_bundle_the_quickstart_s_sample_is_left(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HARNESS_TEST_DATA", raising=False)
    assert make(["--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "quickstart: left as it is" in said
    assert "trec-dl-2019: skipped: HARNESS_TEST_DATA" in said
    assert list(tmp_path.iterdir()) == []


def test_the_quickstart_s_sample_is_whole_and_the_baseline_s() -> None:
    kept, baseline = SAMPLES / "quickstart", bundles.read(REPORTS / "baselines" / "quickstart")
    page = (kept / "index.html").read_text(encoding="utf-8")
    if "quickstart (version 1)" in page:
        pytest.skip(f"the sample is of the quickstart's first version: {REMAKE}")
    for section in SECTIONS:
        assert f'<section id="{section}"' in page, f"{section}: {REMAKE}"
    assert "holds no runs" not in page
    assert "Speed was not measured" not in page
    header, *rows = _rows(kept / "tables" / "pipelines.csv")
    assert [row[0] for row in rows] == list(baseline.pipelines), REMAKE
    for row in rows:
        for measure in baseline.measures:
            figure = row[header.index(measure)]
            assert figure == pytest.approx(baseline.value(str(row[0]), measure), abs=1e-9), (
                f"{row[0]}: {REMAKE}"
            )


def test_a_quickstart_s_sample_is_made_of_a_whole_bundle_only(
    timed: Path, scored: Path, tmp_path: Path
) -> None:
    made = runpy.run_path(str(REPORTS / "make_samples.py"))["make_quickstart"]
    folder = Path(shutil.copytree(timed, tmp_path / "bundle"))
    result = json.loads((folder / "result.json").read_text())
    with pytest.raises(UsageError, match="not timed"):
        made(bundles.read(folder), bundles.read(scored), tmp_path / "out")
    kept = [name for name, part in result["pipelines"].items() if part["timing"]]
    result["pipelines"] = {name: result["pipelines"][name] for name in kept}
    result["compare"] = [pair for pair in result["compare"] if set(pair) <= set(kept)]
    writing.write_result(folder, result)

    made(bundles.read(folder), bundles.read(scored), tmp_path / "quickstart")
    page = (tmp_path / "quickstart" / "index.html").read_text(encoding="utf-8")
    assert all(f'<section id="{section}"' in page for section in SECTIONS)
    assert os.fspath(tmp_path) not in page
    assert "from the bundle quickstart;" in page

    other = update_baseline(bundles.read(scored), tmp_path / "base", "x").path
    rows = bundles.read(other).table(SCORES)
    columns = {name: rows[name].combine_chunks() for name in rows.column_names}
    writing.write_table(other, SCORES, {**columns, "value": rows["value"].to_numpy() * 0.5})
    moved = json.loads((other / "result.json").read_text())
    for part in moved["pipelines"].values():
        for figure in part["measures"].values():
            figure["value"] *= 0.5
    writing.write_result(other, moved)
    with pytest.raises(UsageError, match="make the baseline from the same bundle first"):
        made(bundles.read(folder), bundles.read(other), tmp_path / "quickstart")
    with pytest.raises(UsageError, match="not timed"):
        made(bundles.read(other), bundles.read(other), tmp_path / "quickstart")


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
    make: Make, real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trec-dl-2019").mkdir()
    (tmp_path / "trec-dl-2019" / "notes.txt").write_text("mine")

    assert make(["--out", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert _files(tmp_path) == {"trec-dl-2019/notes.txt"}
