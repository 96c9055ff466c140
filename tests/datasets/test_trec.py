"""TREC files: what is read is what was written, and every complaint names the line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datamodel import Run
from harness.datasets import runfiles
from harness.datasets.trec import read_qrels, read_run
from harness.errors import DataError
from harness.results.runs import write_run

# Anything but white space of ASCII, control characters and half surrogate pairs can be an id, a no-break space too.
_ID = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), min_size=1, max_size=8).filter(
    lambda text: " " not in text and not text.startswith("\ufeff")
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


@pytest.mark.parametrize("name", ["run.trec", "run.trec.gz"])
@pytest.mark.parametrize("compressed", [True, False])
def test_gzip_is_known_by_its_first_bytes(tmp_path: Path, name: str, compressed: bool) -> None:
    content = b"q1 Q0 d1 1 2.5 tag\nq1\tQ0\td2\t2\t-1e-3\tx\n"
    (tmp_path / name).write_bytes(gzip.compress(content) if compressed else content)
    assert list(read_run(tmp_path / name).results("q1")) == [("d1", 2.5), ("d2", -0.001)]


_LINES = ["q1 Q0 d1 1 2.5 t", "q1 Q0 d\u00a02 2 +1.5 t", "q2 Q0 d1 1 7 t"]


@pytest.mark.parametrize("separator", [" ", "\t", "  ", " \t "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " \n", "\n\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_separators_change_nothing(
    tmp_path: Path, separator: str, end: str, last: bool, mark: str
) -> None:
    lines = [line.replace(" ", separator) for line in _LINES]
    text = mark + end.join(lines) + (end if last else "")
    (tmp_path / "run.trec").write_bytes(text.encode())
    run = read_run(tmp_path / "run.trec")
    assert {query: list(run.results(query)) for query in run.query_ids} == {
        "q1": [("d1", 2.5), ("d\u00a02", 1.5)],
        "q2": [("d1", 7.0)],
    }
    assert run.notes == ()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["q1", "q2", "q\u3000"]),
            st.sampled_from(["d1", "d2", "-", "7", "007", "70", "0", "+7", "0x7", "1" * 18, "1" * 30]),
            st.sampled_from(["1", "2", "3", "x", "9" * 25]),
            st.sampled_from(
                ["1", "-1.5", "1e-3", "+2", "5_3", "nan", "0x1p3", "1e999", ".5", "1,5", "\uff11"]
            ),
            st.sampled_from(["t", "t u", "t\rq1 Q0 d9 1 1 t", '"', "\u00a0"]),
            st.sampled_from([" ", " ", " ", "\t", "  "]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_fast_reader_reads_nothing_otherwise_than_the_one_by_lines(
    tmp_path: Path, rows: list[tuple[str, str, str, str, str, str]]
) -> None:
    text = "".join(f"{q}{s}Q0{s}{d}{s}{rank}{s}{score}{s}{tag}\n" for q, d, rank, score, tag, s in rows)
    path = tmp_path / "run.trec"
    path.write_bytes(text.encode())
    fast = runfiles._plain(path)
    try:
        slow = runfiles._by_lines(path)
    except DataError:
        assert fast is None
        return
    if fast is not None:
        assert (fast.query_ids, fast.notes) == (slow.query_ids, slow.notes)
        assert [list(fast.results(q)) for q in fast.query_ids] == [
            list(slow.results(q)) for q in slow.query_ids
        ]


def test_runs_as_most_tools_write_them_take_the_fast_way(tmp_path: Path) -> None:
    for text in ("q1 Q0 d1 1 2.5 t\n", "q1\tQ0\td1\t1\t-2.5e-3\tt\r\nq1\tQ0\td2\t2\t-3\tt"):
        (tmp_path / "run.trec").write_text(text, newline="")
        assert runfiles._plain(tmp_path / "run.trec") is not None


def test_ms_marcos_three_columns_are_a_run_of_ranks(tmp_path: Path) -> None:
    path = tmp_path / "run.tsv"
    path.write_text("1048585\t7187158\t2\n1048585\t7187160\t1\n2\t7187158\t4\n")
    run = read_run(path)
    assert list(run.results("1048585")) == [("7187160", 1.0), ("7187158", 0.5)]
    assert list(run.results("2")) == [("7187158", 0.25)]
    assert run.select(["2"]).top(1).notes == run.notes
    assert run.notes == (
        "run.tsv has three columns, MS MARCO's query, document and rank; its scores here are 1 / rank",
    )


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (["q1 Q0 a 1 9 t", "q1 Q0 b 2 8 t", "q2 Q0 a 1 1 t"], ""),
        (["q1 Q0 a 1 9 t", "q1 Q0 b 2 9 t"], ""),  # a tie contradicts no rank
        (["q1 Q0 a 0 9 t", "q1 Q0 b 0 8 t", "q1 Q0 c 0 10 t"], ""),  # no ranks at all
        (["q1 Q0 a - 9 t", "q1 Q0 b - 8 t", "q1 Q0 c - 10 t"], ""),
        (["q1 Q0 b 2 8 t", "q2 Q0 a 1 1 t", "q1 Q0 a 1 9 t"], ""),  # in any order
        (
            ["q1 Q0 a 1 9 t", "q1 Q0 b 2 9.5 t", "q1 Q0 c 3 1 t", "q2 Q0 a 1 1 t"],
            "run.trec: in 1 of 2 queries the ranks contradict the scores; the scores decide, as with trec_eval",
        ),
        (
            ["q1 Q0 a 1 0.1 t", "q1 Q0 b 2 0.2 t", "q2 Q0 a 1 0.5 t", "q2 Q0 c 2 0.7 t"],
            "run.trec: in 2 of 2 queries the ranks contradict the scores; the scores decide, as with trec_eval; all scores "
            "grow with the rank: distances, where less is better, must be negated",
        ),
    ],
)
def test_ranks_that_contradict_the_scores_are_noted(tmp_path: Path, lines: list[str], note: str) -> None:
    (tmp_path / "run.trec").write_text("\n".join(lines) + "\n")
    run = read_run(tmp_path / "run.trec")
    assert run.notes == ((note,) if note else ())
    (tmp_path / "run.trec").write_text("  \n" + "\n".join(lines))  # by lines
    assert read_run(tmp_path / "run.trec").notes == run.notes
    assert [score for _, score in run.results("q1")] == sorted(
        (float(x.split()[4]) for x in lines if x[1] == "1"), reverse=True
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no results"),
        (
            b"q1 Q0 d1 1 2.5\n",
            ":1: 5 columns, where a run has 6.*; the last, the tag, is missing: add any word",
        ),
        (b"q1 d1 1 2.5 t\n", ":1: 5 columns, where a run has 6.*; the second, Q0, is missing"),
        (b"q1 0 d1 1\n", ":1: 4 columns, .*; this looks like judgments"),
        (b"q1 d1\n", ":1: 2 columns, where a run has 6 .*, or 3 .query, document, rank"),
        (b"q1 Q0 d1 1 2.5 my tag\n", ":1: 7 columns, where a run has 6 .*A tag is one word"),
        (b"q1 Q0 d1 1 2.5 t\nq1 Q0 d2 2 2 tq2 Q0 d1 1 2 t\n", ":2: 11 columns, .*lacks its last line break"),
        (b"q1 Q0 d1 1 2.5 t\rq1 Q0 d2 2 2 t\r\n", ":1: 12 columns, .*CR alone between them"),
        (b"q1 Q0 d1 1 5_3 t\n", ":1: the score '5_3' is not a number"),
        (b"q1 Q0 d1 1 \xef\xbc\x91 t\n", ":1: the score '\uff11' is not a number"),
        (b"q1 d1 1\nq1 d2 0\n", ":2: three columns are MS MARCO's run .*, and '0' is no rank"),
        (b"q1 d1 17.5\n", ":1: three columns are MS MARCO's run .*, and '17.5' is no rank"),
        (b"q1 d1 1\n\nq1 d2 1\n", ":3: query 'q1', document 'd2': rank 1 is given twice in this query"),
        (b"q1 d1 1\nq1 Q0 d2 2 1 t\n", ":2: 6 columns, where the lines above have 3"),
        ("q1 Q0 d1 1 2.5 t\n".encode("utf-16"), "run.trec: is UTF-16 text, .*iconv -f UTF-16 -t UTF-8"),
        ("q1 Q0 d1 1 2.5 t\n".encode("utf-16-le"), "run.trec: holds zero bytes: .*iconv"),
        (b"PK\x03\x04rest", "run.trec: is a zip archive"),
        (
            gzip.compress(gzip.compress(b"q1 Q0 d1 1 2.5 t\n", mtime=0), mtime=0),
            "run.trec: is gzip data in gzip data",
        ),
        (b"q1 Q0 d1 1 2 x\n\nq1 Q0 d2 1 high x\n", ":3: the score 'high' is not a number"),
        (b"q1 Q0 d1 1 nan x\n", ":1: query 'q1', document 'd1': the score 'nan' is not finite"),
        (b"q1 Q0 d1 1 -inf x\n", ":1: query 'q1', document 'd1': the score '-inf' is not finite"),
        (b"q1 Q0 d1 1 1e999 x\n", ":1: .*the score '1e999' is not finite"),
        (
            b"q1 Q0 d1 1 2 x\nq1 Q0 d1 2 1 x\n",
            ":2: query 'q1', document 'd1': given twice among the results .1 such; first on line 1",
        ),
        (b"q1 Q0 d 1 2 x\nq1 Q0 d\xff 1 2 x\n", ":2: not UTF-8 text"),
        (
            b"q1 Q0 d 1 2 x\nq1 Q0 d\x01 1 2 x\n",
            ":2: the document id 'd.x01' is empty or holds white space or a control",
        ),
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
        (b"q1 d1\n", ":1: 2 columns, where judgments have 4"),
        (b"q1 0 d1\n", ":1: the grade 'd1' is not a whole number"),
        (b"q1 Q0 d1 1 2.5 t\n", ":1: 6 columns, .*this looks like a run"),
        (b"query-id\tcorpus-id\tscore\nq1\t0\td1\t1\n", ":2: 4 columns, where the lines above have 3"),
        (
            b"q1 0 d1 1\nq1 0 d2 1.5\n",
            ":2: the grade '1.5' is not a whole number, as trec_eval's are; scale the grades",
        ),
        (b"q1 0 d1 1_0\n", ":1: the grade '1_0' is not a whole number"),
        (b"q1 0 d1 inf\n", ":1: the grade 'inf' is not a whole number"),
        (b"q1 0 d1 99999999999\n", ":1: the grade '99999999999' is beyond 1,000,000"),
        (
            b"q1 0 d1 1\nq1 0 d2 1\nq1 0 d1 0\n",
            ":3: query 'q1', document 'd1': judged twice, here 0 and 1 on line 1 .1 such.; keep one",
        ),
        ("q1 0 d1 1\n".encode("utf-16"), "qrels.txt: is UTF-16 text"),
        (b"q1 0 \xc3( 1\n", ":1: not UTF-8 text"),
    ],
)
def test_bad_judgments_are_refused_by_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "qrels.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"qrels.txt{message}" if message[0] == ":" else message) as caught:
        read_qrels(path)
    assert str(path) in str(caught.value)


_JUDGED = {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": 1}}


@pytest.mark.parametrize(
    "content",
    [
        "q1 0 d1 2\nq1 0 d2 0\nq2 0 d1 1\n",
        "q1 0 d1 2.0\r\nq1 0 d2 0.0\r\nq2 0 d1 1.0",
        "q1 0 d1 2\rq1 0 d2 0\rq2 0 d1 1\r",
        "\ufeffquery-id\tcorpus-id\tscore\nq1\td1\t2.0\nq1\td2\t0\nq2\td1\t1e0\n",
        "q1\td1\t2\nq1\td2\t0\nq2\td1\t1\n",
        "query_id doc_id relevance iteration\nq1 d1 2 0\nq1 d2 0 0\nq2 d1 1 0\n",
        "q1 0 d1 2\nq1 0 d2 0\nq2 0 d1 1\nq1 0 d1 2.0\nq1 0 d1 2\n",
    ],
    ids=["trec", "floats", "cr", "beir", "beir-headless", "named", "repeated"],
)
def test_judgments_are_read_as_people_have_them(tmp_path: Path, content: str) -> None:
    (tmp_path / "qrels").write_bytes(content.encode())
    qrels = read_qrels(tmp_path / "qrels")
    grades = zip(
        qrels.query_id_column().to_pylist(),
        qrels.doc_id_column().to_pylist(),
        qrels.grades.tolist(),
        strict=True,
    )
    found: dict[str, dict[str, int]] = {}
    for query, document, grade in grades:
        found.setdefault(query, {})[document] = grade
    assert found == _JUDGED
    assert qrels.n_repeated == (2 if content.count("\n") == 5 else 0)


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
