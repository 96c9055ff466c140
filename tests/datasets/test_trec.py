"""TREC files: what is read is what was written, and every complaint names the line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datamodel import Run
from harness.datasets.trec import read_qrels, read_run, write_run
from harness.errors import DataError

_ID = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=8).filter(
    lambda text: text.split() == [text] and not text.startswith("\ufeff")
)
_SCORE = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_ID, st.dictionaries(_ID, _SCORE, min_size=1, max_size=6), min_size=1, max_size=4))
def test_a_run_written_and_read_is_the_same(tmp_path: Path, results: dict[str, dict[str, float]]) -> None:
    run = Run.from_dict(results)
    write_run(run, tmp_path / "run.trec", "two words")
    again = read_run(tmp_path / "run.trec")
    assert again.query_ids == run.query_ids
    for query in run.query_ids:
        assert list(again.results(query)) == list(run.results(query))


def test_gzip_and_a_tag_of_several_words_are_read(tmp_path: Path) -> None:
    path = tmp_path / "run.trec.gz"
    path.write_bytes(gzip.compress(b"q1 Q0 d1 1 2.5 my own tag\nq1\tQ0\td2\t2\t-1e-3\tx\n"))
    assert list(read_run(path).results("q1")) == [("d1", 2.5), ("d2", -0.001)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no results"),
        (b"q1 Q0 d1 1 2.5\n", ":1: 5 columns, where a run has 6"),
        (b"q1 Q0 d1 1 2 x\n\nq1 Q0 d2 1 high x\n", ":3: the score 'high' is not a number"),
        (b"q1 Q0 d1 1 nan x\n", ":1: query 'q1', document 'd1': the score 'nan' is not finite"),
        (b"q1 Q0 d1 1 -inf x\n", ":1: query 'q1', document 'd1': the score '-inf' is not finite"),
        (b"q1 Q0 d1 1 1e999 x\n", ":1: .*the score '1e999' is not finite"),
        (b"q1 Q0 d1 1 2 x\nq1 Q0 d1 2 1 x\n", ": query 'q1', document 'd1': given twice among the results"),
        (b"q1 Q0 d\xff 1 2 x\n", ":1: not UTF-8 text"),
    ],
)
def test_bad_runs_are_refused_by_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "run.trec"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"run.trec{message}" if message[0] == ":" else message) as caught:
        read_run(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no judgments"),
        (b"query-id\tcorpus-id\tscore\n", "holds no judgments"),
        (b"q1 0 d1\n", ":1: 3 columns, where judgments have 4"),
        (b"query-id\tcorpus-id\tscore\nq1\t0\td1\t1\n", ":2: 4 columns, where judgments have 3"),
        (b"q1 0 d1 1\nq1 0 d2 1.5\n", ":2: the grade '1.5' is not a whole number"),
        (b"q1 0 d1 99999999999\n", ":1: the grade '99999999999' is beyond 1,000,000"),
        (b"q1 0 d1 1\nq1 0 d1 0\n", ":2: query 'q1', document 'd1': judged twice"),
        (b"q1 0 \xc3( 1\n", ":1: not UTF-8 text"),
    ],
)
def test_bad_judgments_are_refused_by_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "qrels.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"qrels.txt{message}" if message[0] == ":" else message) as caught:
        read_qrels(path)
    assert str(path) in str(caught.value)


def test_missing_and_truncated_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.txt: no such file"):
        read_qrels(tmp_path / "none.txt")
    with pytest.raises(DataError, match="is a folder, not a file"):
        read_run(tmp_path)
    whole = gzip.compress(b"q1 0 d1 1\n" * 50)
    (tmp_path / "cut.gz").write_bytes(whole[:-12])
    with pytest.raises(DataError, match=r"cut.gz: the compressed data ends too early or is damaged"):
        read_qrels(tmp_path / "cut.gz")


def test_the_real_judgments_are_read_in_full(real_data: Path) -> None:
    qrels = read_qrels(real_data / "msmarco" / "qrels.dl19.txt")
    assert (len(qrels), qrels.n_rows) == (43, 9260)
