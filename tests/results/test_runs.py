"""A bundle's runs: TREC lines where they are few, Parquet where they are many, and nobody sees another figure."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import harness
from harness import show
from harness.cli import main
from harness.datamodel import Run
from harness.datasets.trec import read_run as read_any
from harness.errors import BundleError, DataError
from harness.report.view.runs import facts_of
from harness.results import bundle as bundles
from harness.results import runs, writing
from harness.results.bundle import Bundle
from harness.verify import verify_bundle

RESULTS = {
    "numbers": {"q1": {"7": 2.0, "70": 2.0, "12": 0.1}, "2": {"8841822": 1e-30}},
    "texts": {"q1": {"d1": 2.0, "d10": 2.0, "\u00e9": -3.0}, "q2": {"007": 1.0}},
    "nothing": {},
}


def rows(run: Run) -> list[tuple[str, str, float]]:
    return [(query, doc, score) for query in run.query_ids for doc, score in run.results(query)]


@pytest.mark.parametrize("kind", RESULTS)
@pytest.mark.parametrize("form", ["trec", "parquet"])
def test_a_run_written_and_read_is_the_same(tmp_path: Path, kind: str, form: str) -> None:
    run = Run.from_dict(RESULTS[kind])
    path = tmp_path / f"run.{form}"
    runs.write_run(run, path, "mine")
    again = runs.read_run(path)
    assert rows(again) == rows(run)
    columns = runs.read_columns(path)
    assert columns.places.tolist() == [rank for n in run.counts for rank in range(1, n + 1)]


def test_ids_that_are_numbers_are_kept_as_such(tmp_path: Path) -> None:
    for kind, expected in (("numbers", pa.int32()), ("texts", pa.string())):
        runs.write_run(Run.from_dict(RESULTS[kind]), tmp_path / "run.parquet", "mine")
        assert pq.read_schema(tmp_path / "run.parquet").field("document").type == expected


def test_trec_lines_may_be_compressed(tmp_path: Path) -> None:
    run = Run.from_dict(RESULTS["texts"])
    runs.write_run(run, tmp_path / "run.trec", "mine")
    (tmp_path / "run.trec.gz").write_bytes(gzip.compress((tmp_path / "run.trec").read_bytes()))
    assert rows(runs.read_run(tmp_path / "run.trec.gz")) == rows(run)


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"query": ["q"], "document": [-1], "score": [1.0]}, "has no sign"),
        ({"query": ["q"], "document": ["d"], "score": [1]}, "not double precision"),
        ({"query": ["q"], "document": [1.5], "score": [1.0]}, "neither text nor integers"),
        ({"query": ["q"], "document": [None], "score": [1.0]}, "neither text nor integers|lacks its query"),
        ({"query": ["q"], "document": ["d"], "score": [None]}, "lacks its query"),
        ({"query": ["q"], "document": ["d"], "score": [float("nan")]}, "finite"),
        ({"query": [1], "document": ["d"], "score": [1.0]}, "no text"),
        ({"query": ["q"], "score": [1.0]}, "lacks the column document"),
        ({"query": ["q", "q"], "document": [3, 3], "score": [1.0, 2.0]}, "twice"),
    ],
)
def test_parquet_of_another_form_is_refused_with_its_name(
    tmp_path: Path, columns: dict[str, list[Any]], what: str
) -> None:
    path = tmp_path / "run.parquet"
    pq.write_table(pa.table(columns), path)
    with pytest.raises(BundleError, match=what) as of_bundle:
        runs.read_run(path)
    with pytest.raises(DataError, match=what) as of_file:
        read_any(path)
    assert str(path) in str(of_bundle.value)
    assert str(path) in str(of_file.value)


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Bundle, Bundle]:
    """One run's bundle with TREC lines, and with Parquet."""
    random = np.random.default_rng(0)
    lines, judged = [], []
    for query in range(12):
        documents = random.choice(40, 20, replace=False)
        scores = np.sort(random.integers(0, 9, 20) / 4)[::-1]  # many ties
        lines += [
            f"{query} Q0 {d} {i} {s} t\n" for i, (d, s) in enumerate(zip(documents, scores, strict=True))
        ]
        judged += [f"{query} 0 {d} {d % 3}\n" for d in range(0, 40, 2)]
    (tmp_path / "run.trec").write_text("".join(lines))
    (tmp_path / "qrels.txt").write_text("".join(judged))
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {qrels: qrels.txt}\nmeasures: [ndcg@10, map]\nprimary: ndcg@10\n"
    )
    made = []
    for name, most in (("few", 10**6), ("many", 10)):
        monkeypatch.setattr(runs, "PLAIN_ROWS", most)
        made.append(harness.score(tmp_path / "suite.yaml", tmp_path / "run.trec", out=tmp_path / name))
    return made[0], made[1]


def test_a_large_run_is_parquet_and_no_figure_differs(both: tuple[Bundle, Bundle]) -> None:
    _, many = both
    assert [b.pipelines["run"].run for b in both] == ["runs/run.trec", "runs/run.parquet"]
    assert {p.name for p in (many.path / "runs").iterdir()} == {"run.parquet"}
    texts = [json.dumps(b.content["pipelines"]["run"]).replace("run.trec", "run.parquet") for b in both]
    assert texts[0] == texts[1]
    assert (
        many.content["pipelines"]["run"]["ties"]["best"] > many.content["pipelines"]["run"]["ties"]["worst"]
    )
    for bundle in both:
        found = verify_bundle(bundle.path)
        assert (found.mismatches, found.exit_code) == ((), 0)
    shown = [show.show(b, "3") for b in both]
    assert shown[0] == shown[1]
    facts = [facts_of(bundle) for bundle in both]
    for left, right in zip(*(vars(f.runs["run"]).values() for f in facts if f is not None), strict=True):
        assert (left.to_pylist() if isinstance(left, pa.Array) else np.asarray(left).tolist()) == (
            right.to_pylist() if isinstance(right, pa.Array) else np.asarray(right).tolist()
        )


def test_a_run_is_given_as_trec_lines_on_demand(
    both: tuple[Bundle, Bundle], capsys: pytest.CaptureFixture[str]
) -> None:
    few, many = both
    assert main(["show", str(many.path), "--run", "run"]) == 0
    assert capsys.readouterr().out == (few.path / "runs" / "run.trec").read_text()
    assert main(["show", str(many.path), "--run", "rum"]) == 2
    assert "did you mean 'run'" in capsys.readouterr().err
    assert main(["show", str(many.path), "--run", "run", "--json"]) == 2
    assert "leave out --json" in capsys.readouterr().err
    assert main(["show", str(many.path)]) == 2


def test_a_changed_parquet_run_is_found(both: tuple[Bundle, Bundle]) -> None:
    path = both[1].path / "runs" / "run.parquet"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"run\.parquet: cannot be read"):
        verify_bundle(both[1].path)
    with pytest.raises(BundleError, match="is not what the bundle was written with"):
        show.show(both[1].path, "3")


def test_a_run_of_a_bundle_is_read_wherever_a_trec_file_is(both: tuple[Bundle, Bundle]) -> None:
    assert rows(read_any(both[1].path / "runs" / "run.parquet")) == rows(
        read_any(both[0].path / "runs" / "run.trec")
    )


def test_a_bundle_of_schema_1_is_read(both: tuple[Bundle, Bundle]) -> None:
    path = both[0].path
    content = json.loads((path / "result.json").read_text())
    assert content["schema"] == 2
    writing.write_result(
        path, {k: v for k, v in content.items() if k not in ("files", "digest")} | {"schema": 1}
    )
    assert json.loads((path / "result.json").read_text())["schema"] == 1
    assert bundles.read(path).content["schema"] == 2
    assert verify_bundle(path).exit_code == 0
