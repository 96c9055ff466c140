"""Files as ordinary people have them, from the command line: read, or refused with what to do; and what is odd is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.cli import main

Run = Callable[[Sequence[object]], tuple[int, str, str]]
_SUITE = "task: retrieval\nversion: 1\ndataset: {%s}\nmeasures: [ndcg@10, recall@100]\nprimary: ndcg@10\n"


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in this process: (exit code, stdout, stderr)."""

    def run(arguments: Sequence[object]) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def _bm25(folder: Path, docs: str, queries: str, qrels: str) -> Path:
    (folder / "docs.tsv").write_text(docs, encoding="utf-8")
    (folder / "queries.tsv").write_text(queries, encoding="utf-8")
    (folder / "qrels.txt").write_text(qrels)
    (folder / "suite.yaml").write_text(_SUITE % "docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt")
    (folder / "c.yaml").write_text(
        "suite: suite.yaml\npipelines:\n  bm25: {retrieve: bm25, depth: 10}\n  top: {retrieve: bm25, depth: 1}\n"
    )
    return folder / "c.yaml"


@pytest.mark.parametrize(
    ("docs", "queries", "n_results"),
    [
        ("d1\t猫は屋根の上にいる\nd2\t雨が降っている\n", "q1\t屋根の猫\nq2\t雨の日\n", 0),
        ("d1\tthe grey cat\nd2\train falls\n", "q1\tgrey cats\nq2\train\n", 2),
    ],
)
def test_a_run_without_any_result_is_a_run_that_every_verb_reads(
    cli: Run, tmp_path: Path, docs: str, queries: str, n_results: int
) -> None:
    config, out = _bm25(tmp_path, docs, queries, "q1 0 d1 1\nq2 0 d2 1\n"), tmp_path / "b"
    code, table, err = cli(["run", config, "--out", out])
    assert (code, err) == (0, "")
    assert (out / "report/index.html").is_file()
    assert ("share no word with any document" in table) == (n_results == 0)
    assert ("without spaces between words" in table) == (n_results == 0)
    assert ("2 of 2 judged queries have no result" in table) == (n_results == 0)
    result = json.loads((out / "result.json").read_text())
    assert result["pipelines"]["bm25"]["results"] == n_results
    (tmp_path / "policy.yaml").write_text("quality:\n  ndcg@10: {rule: floor, min: 0.1}\n")
    for verb, wanted in (
        (["verify", out], 0),
        (["compare", out], 0),
        (["show", out, "--query", "q1"], 0),
        (["select", out], 0),
        (["report", out, "--out", tmp_path / "page"], 0),
        (["gate", out, "--policy", tmp_path / "policy.yaml"], 0 if n_results else 3),
    ):
        code, _, err = cli(verb)
        assert (code, err) == (wanted, ""), verb


def test_texts_without_a_word_are_counted_and_said(cli: Run, tmp_path: Path) -> None:
    docs, queries = "d1\tgrey cat\nd2\t\nd3\tof the\n", "q1\tcat\nq2\tof the\nq3\t\nq4\tzebra\n"
    config = _bm25(tmp_path, docs, queries, "q1 0 d1 1\nq2 0 d3 1\nq3 0 d2 1\nq4 0 d1 0\n")
    code, table, _ = cli(["run", config, "--out", tmp_path / "b"])
    assert code == 0
    for said in (
        "Note: empty: 1 of 4 judged queries.",
        "Note: empty: 1 of 3 documents.",
        "Note: no document is relevant (grade 1 or above) to 1 of 4 judged queries, which count 0.",
        "Note: BM25: 2 of 3 documents hold no word to search by",
        "Note: BM25: 3 of 4 queries share no word with any document, so nothing is found for them; 2 of these hold no",
    ):
        assert table.count(said) == 1, said  # once, however many pipelines search through it
    again = cli(["run", config, "--out", tmp_path / "again"])[1]  # the search is in the store now
    assert [x for x in again.splitlines() if "BM25:" in x] == [x for x in table.splitlines() if "BM25:" in x]


@pytest.mark.parametrize(
    ("qrels", "run", "says"),
    [
        ("q1 0 7.0 1\n", "q1 Q0 7 1 2 t\n", "nobody judged any of its 1 results, so all figures are 0: a result's id is '7', a judged document's '7.0'"),
        ("q1 0 d1 1\nq2 0 d1 0\n", "q1 Q0 d1 1 2 t\n", "no document is relevant (grade 1 or above) to 1 of 2 judged"),
        ("q1 0 d1 1\nq1 0 d1 1.0\n", "q1 Q0 d1 1 2 t\n", "left out: 1 judgment given before with the same grade"),
        ("q1\td1\t1\n", "q1\td1\t1\n", "its scores here are 1 / rank"),
        ("q1 0 d1 1\n", "q1 Q0 d1 1 0.2 t\nq1 Q0 d2 2 0.4 t\n", "in 1 of 1 queries the ranks contradict the scores"),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_run_or_its_judgments_is_said(
    cli: Run, tmp_path: Path, qrels: str, run: str, says: str
) -> None:
    (tmp_path / "qrels.txt").write_text(qrels)
    (tmp_path / "run.trec").write_text(run)
    (tmp_path / "suite.yaml").write_text(_SUITE % "qrels: qrels.txt")
    code, table, err = cli(["score", tmp_path / "suite.yaml", tmp_path / "run.trec", "--out", tmp_path / "b"])
    assert (code, err) == (0, "")
    assert says in table
    assert says in (tmp_path / "b/table.md").read_text().replace("\\", "")


def test_ids_that_do_not_match_are_shown_from_both_sides(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(_SUITE % "qrels: qrels.txt")
    (tmp_path / "qrels.txt").write_text("q1 0 d1 1\n")
    (tmp_path / "run.trec").write_text("1 Q0 d1 1 2 t\n")
    code, _, err = cli(["score", tmp_path / "suite.yaml", tmp_path / "run.trec", "--out", tmp_path / "b"])
    assert code == 4
    assert "a query of the run is '1', a judged one 'q1'" in err


def test_runs_are_scored_by_a_file_of_judgments(cli: Run, collection: Path, tmp_path: Path) -> None:
    runs = [collection / "good.trec", collection / "bad.trec.gz"]
    good = [
        f"q{i} Q0 d{(i * 31 + j * 7) % 192} {k} {9 - k} t" for i in range(12) for k, j in enumerate((2, 5, 1))
    ]
    runs[0].write_text("\n".join(good))
    runs[1].write_text("\n".join(line.replace("Q0 d", "Q0 x") for line in good[3:]))
    by_file, by_suite = tmp_path / "f", tmp_path / "s"
    measures = ["--measures", "ndcg@10, mrr@10,recall@100"]
    code, table, err = cli(["score", collection / "qrels.txt", *runs, *measures, "--out", by_file])
    assert (code, err) == (0, "")
    assert "qrels (version 1): 12 judged queries, 72 judgments" in table
    assert "Note: the suite was made of the judgments file qrels.txt; its measures" in table
    assert cli(["score", collection / "suite.yaml", *runs, "--out", by_suite])[0] == 0
    first, second = (json.loads((path / "result.json").read_text()) for path in (by_file, by_suite))
    assert (first["measures"], first["primary"]) == (second["measures"], "ndcg@10")
    for name, part in second["pipelines"].items():
        assert first["pipelines"][name]["measures"] == part["measures"]
    (tmp_path / "p.yaml").write_text("pipelines: [good]\nquality:\n  mrr@10: {rule: golden}\n")
    assert cli(["score", collection / "qrels.txt", *runs, *measures, "--out", tmp_path / "again"])[0] == 0
    gate = ["gate", by_file, "--policy", tmp_path / "p.yaml", "--baseline", tmp_path / "again"]
    for verb in (
        ["verify", by_file],
        ["compare", by_file],
        gate,
        ["report", by_file, "--out", tmp_path / "r"],
    ):
        code, _, err = cli(verb)
        assert (code, err) == (0, ""), verb
    assert cli(["score", collection / "qrels.txt", runs[0], "--out", tmp_path / "d"])[0] == 0
    usual = json.loads((tmp_path / "d/result.json").read_text())
    assert usual["measures"] == ["ndcg@10", "mrr@10", "recall@100", "map"]
    assert "made of the judgments file qrels.txt" in usual["suite"]["description"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["qrels.txt", "r.trec", "--measures", "P_10"], "--measures: unknown measure 'P_10' (written precision@10 here)"),
        (["qrels.txt", "r.trec", "--measures", "map,map"], "--measures: map is given twice"),
        (["qrels.txt", "r.trec", "--measures", ""], "--measures: unknown measure ''"),
        (["suite.yaml", "r.trec", "--measures", "map"], "suite has its own: ndcg@10, mrr@10, recall@100"),
        (["nowhere.txt", "r.trec"], "nowhere.txt: no such file; give a suite's name or YAML file, or a file of judgments"),
        (["r.trec", "qrels.txt"], "r.trec:1: 6 columns, where judgments have 4 (query, 0, document, grade) or 3 (query, document, grade); this looks like a run"),
        (["qrels.txt", "qrels.txt"], "qrels.txt:1: 4 columns, where a run has 6 (query, Q0, document, rank, score, tag); this looks like judgments"),
        (["docs.tsv", "r.trec"], "docs.tsv:1: 6 columns, where judgments have 4"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_says_why(
    cli: Run, collection: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], says: str
) -> None:
    monkeypatch.chdir(collection)
    Path("r.trec").write_text("q0 Q0 d0 1 1.0 t\n")
    code, out, err = cli(["score", *given, "--out", "b"])
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1
    assert not Path("b").exists()


def test_a_file_with_a_suite_s_name_is_not_taken_for_judgments(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("quickstart").write_text("q1 0 d1 1\n")
    Path("r.trec").write_text("q1 Q0 d1 1 1.0 t\n")
    assert cli(["score", "quickstart", "r.trec", "--out", "b"])[0] == 4  # none of its queries is the suite's
    assert cli(["score", "./quickstart", "r.trec", "--out", "b"])[0] == 0


def test_only_the_candidates_that_are_read_must_be_in_the_corpus(
    cli: Run, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    config = write_config("  cross: {rerank: cross, candidates: c.trec, depth: 2}\n")
    lines = [f"q{i} Q0 {d} {k} {9 - k} t" for i in range(12) for k, d in enumerate(("d1", "d2", "elsewhere"))]
    (config.parent / "c.trec").write_text("\n".join(lines))
    assert cli(["run", config, "--out", tmp_path / "b"])[0] == 0
    code, _, err = cli(["run", config, "--set", "pipelines.cross.depth=3", "--out", tmp_path / "c"])
    assert code == 2
    assert "1 of the candidates' 3 documents are not in the corpus, such as 'elsewhere'" in err


@pytest.mark.parametrize(("n_documents", "is_other"), [(2, False), (8_841_823, True)])
def test_data_of_another_size_are_another_data_set(
    cli: Run, tmp_path: Path, n_documents: int, is_other: bool
) -> None:
    config = _bm25(
        tmp_path, "d1\tgrey cat\nd2\train falls\n", "q1\tgrey cats\nq2\train\n", "q1 0 d1 1\nq2 0 d2 1\n"
    )
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        f"{suite.read_text()}needs: {{documents: {n_documents}}}\nreference: {{bm25: {{ndcg@10: 0.5, source: a paper}}}}\n"
    )
    code, table, _ = cli(["run", config, "--out", tmp_path / "b"])
    assert code == 0
    result = json.loads((tmp_path / "b/result.json").read_text())
    assert result["suite"]["name"] == ("suite of 2 documents" if is_other else "suite")
    assert table.startswith(f"{result['suite']['name']} (version 1)")
    assert ("a paper" in table) != is_other
    assert ("2 documents were loaded, the suite says 8,841,823" in table) == is_other
    assert cli(["verify", tmp_path / "b"])[0] == 0
