"""``harness report``: a folder written whole, of one bundle or of several."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.errors import HarnessError, NotComparableError, UsageError
from harness.report.folder import add_page, safe_name
from harness.report.several.choosing import several_of
from harness.report.several.suites import ranks
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.bundle import Bundle
from harness.results.tables import SCORES


def _copied(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Bundle:
    shutil.copytree(source, target)
    result = json.loads((target / "result.json").read_text())
    change(result)
    writing.write_result(target, {k: v for k, v in result.items() if k not in ("files", "digest")})
    return bundles.read(target)


def _worse(bundle: Bundle, pipeline: str, measure: str) -> Bundle:
    """The same bundle with a tenth of every query's score, sealed again."""
    rows = bundle.table(SCORES).to_pandas()
    own = (rows["pipeline"] == pipeline) & (rows["measure"] == measure)
    rows.loc[own, "value"] *= 0.1
    writing.write_table(bundle.path, SCORES, {name: rows[name].to_numpy() for name in rows})
    result = json.loads((bundle.path / "result.json").read_text())
    result["pipelines"][pipeline]["measures"][measure]["value"] = float(rows.loc[own, "value"].mean())
    writing.write_result(bundle.path, result)
    return bundles.read(bundle.path)


def test_a_report_holds_page_tables_and_figures(
    timed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert main(["report", str(timed), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"Report: {out / 'index.html'}\n"

    held = json.loads((out / "report.json").read_text())
    assert sorted(held["files"]) == sorted(
        p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()
    )
    assert {"index.html", "report.md", "tables/pipelines.csv", "tables/pipelines.tex", "tables/pipelines.json",
            "figures/quality_latency.svg", "figures/quality_latency.png"} <= set(held["files"])  # fmt: skip

    assert main(["report", str(timed), "--out", str(out), "--json"]) == 0, "an older report is replaced"
    assert json.loads(capsys.readouterr().out)["page"] == str(out / "index.html")


def test_what_is_no_report_is_left_alone(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")

    assert main(["report", str(scored), "--out", str(tmp_path / "mine")]) == 2
    assert "holds other files, no report" in capsys.readouterr().err
    assert main(["report", str(scored), "--out", str(tmp_path / "mine" / "notes.txt")]) == 2
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_newer_bundle_is_refused(
    edited: Callable[..., Bundle], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited().path
    content = json.loads((path / "result.json").read_text())
    (path / "result.json").write_text(json.dumps({**content, "schema": 99}))

    assert main(["report", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "schema 99" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_page_in_the_bundle_is_sealed_with_it(scored: Path, tmp_path: Path) -> None:
    with writing.writing(tmp_path / "made") as partial:
        shutil.copytree(scored, partial, dirs_exist_ok=True)
        add_page(bundles.read(partial))
        writing.seal(partial)
    made = bundles.read(tmp_path / "made")

    assert "report/index.html" in made.content["files"]
    assert "from the bundle made;" in (made.path / "report" / "index.html").read_text(encoding="utf-8")


def test_a_page_that_fails_leaves_nothing_of_itself(edited: Callable[..., Bundle]) -> None:
    bundle = edited(without=("scores.parquet",))
    (bundle.path / "scores.parquet").write_bytes(b"no table")
    with pytest.raises(HarnessError):
        add_page(bundle)
    assert not (bundle.path / "report").exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "etc-passwd"), ("a/b:c*", "a-b-c"), ("", "table"), ("two@10", "two@10")],
)
def test_names_are_safe_for_files(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_other_suites_make_a_leaderboard_with_its_warnings(scored: Path, sts: Path) -> None:
    report = several_of([bundles.read(scored), bundles.read(sts)])

    assert report.kind == "suites"
    board = report.tables[0]
    keys = [column.key for column in board.columns]
    assert all(row[keys.index("mean")] is None for row in board.rows), "no pipeline is in both suites"
    said = " ".join(
        text for section in report.sections for part in section.parts for text in getattr(part, "texts", ())
    )
    assert "The mean mixes measures" in said
    assert "Not measured everywhere" in said


def test_means_and_ranks_are_over_all_suites(scored: Path, tmp_path: Path) -> None:
    def rename(result: dict[str, Any]) -> None:
        result["suite"] = {**result["suite"], "name": "another"}

    first, second = bundles.read(scored), _copied(scored, tmp_path / "another", rename)
    board = several_of([first, second]).tables[0]
    keys = [column.key for column in board.columns]

    values = {name: part["measures"]["ndcg@10"]["value"] for name, part in first.content["pipelines"].items()}
    order = sorted(values, key=lambda name: -values[name])
    assert [row[0] for row in board.rows] == order
    for place, row in enumerate(board.rows, 1):
        assert row[keys.index("mean")] == pytest.approx(values[str(row[0])])
        assert row[keys.index("mean_rank")] == place
    assert ranks([0.5, 0.7, 0.5]) == [2.5, 1.0, 2.5]


def test_one_suite_again_is_shown_over_time(scored: Path, tmp_path: Path) -> None:
    def later(result: dict[str, Any]) -> None:
        result["manifest"] = {**result["manifest"], "started": "2099-01-01T00:00:00+00:00"}

    first, last = bundles.read(scored), _copied(scored, tmp_path / "later", later)
    report = several_of([last, first])

    assert report.kind == "time"
    assert report.bundles == (first.name, last.name), "oldest first"
    keys = [column.key for column in report.tables[0].columns]
    row = report.tables[0].rows[-1]
    assert row[keys.index("since_first")].value == 0.0  # type: ignore[union-attr]
    assert row[keys.index("since_first_verdict")] == "cannot be told apart"
    assert len(report.figures) == len(first.pipelines)


def test_a_policy_judges_each_pipeline_over_time_by_its_own_checks(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def later(result: dict[str, Any]) -> None:
        result["manifest"] = {**result["manifest"], "started": "2099-01-01T00:00:00+00:00"}

    last = _worse(_copied(scored, tmp_path / "later", later), "good", "ndcg@10")
    policy = tmp_path / "policy.yaml"
    policy.write_text("pipelines: [good, first]\nquality: {ndcg@10: {rule: floor, min: 0.2}}\n")
    out = tmp_path / "out"
    assert main(["report", str(last.path), str(scored), "--policy", str(policy), "--out", str(out)]) == 0
    assert "Report: " in capsys.readouterr().out

    said = {}
    for place, name in enumerate(bundles.read(scored).pipelines, 1):
        with (out / "tables" / f"trend_{place}.csv").open(encoding="utf-8", newline="") as file:
            first, second = csv.DictReader(file)
        assert first["gate"] == "", "the first bundle is what the others are judged against"
        said[name] = (second["gate"], second["gate_reason"])
    assert said["good"] == ("fail", "FAIL: 1 fail")
    assert said["first"] == ("pass", "PASS: 1 pass")
    assert said["bad"][0] == "not judged", "another pipeline's checks say nothing about this one"


def _precision(result: dict[str, Any]) -> None:
    result["models"] = {"first": {"settings": {"device": "cpu", "precision": "bf16"}}}
    for part in result["pipelines"].values():
        if part.get("timing"):
            figure = part["timing"]["latency"]["p50"]
            figure["value"] /= 2
            figure["interval"] = None


def test_other_precisions_show_the_speed_up_beside_the_difference(timed: Path, tmp_path: Path) -> None:
    first, half = bundles.read(timed), _copied(timed, tmp_path / "half", _precision)
    report = several_of([first, half])

    assert report.kind == "devices"
    table = next(t for t in report.tables if t.caption.startswith("good "))
    keys = [column.key for column in table.columns]
    assert table.rows[1][keys.index("speed_up")].value == pytest.approx(2.0)  # type: ignore[union-attr]
    assert table.rows[1][keys.index("difference")].value == 0.0  # type: ignore[union-attr]


def test_across_machines_no_ratio_is_given(timed: Path, tmp_path: Path) -> None:
    def elsewhere(result: dict[str, Any]) -> None:
        _precision(result)
        machine = {**result["manifest"].get("machine", {}), "cpu": "another"}
        result["manifest"] = {**result["manifest"], "machine": machine}

    report = several_of([bundles.read(timed), _copied(timed, tmp_path / "else", elsewhere)])
    table = next(t for t in report.tables if t.caption.startswith("good "))
    keys = [column.key for column in table.columns]

    assert report.kind == "devices"
    assert "speed_up" not in keys
    assert "another machine" in str(table.rows[1][keys.index("refusal")])


def test_what_does_not_fit_together_is_refused(scored: Path, sts: Path) -> None:
    one, other = bundles.read(scored), bundles.read(sts)

    with pytest.raises(NotComparableError, match="do not compare"):
        several_of([one, other], "time")
    with pytest.raises(UsageError, match="given twice"):
        several_of([one, one])
    assert main(["report", str(scored), "--out", "nowhere", "--as", "time"]) == 2


def test_reading_and_drawing_need_no_torch(scored: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom harness.cli import main\n"
        f"assert main(['report', {str(scored)!r}, '--out', {str(tmp_path / 'r')!r}]) == 0\n"
        "assert not {'torch', 'transformers', 'ranx', 'ir_datasets', 'matplotlib.pyplot'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
