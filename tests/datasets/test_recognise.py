"""Files told apart by what they hold."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harness.datasets.recognise import PairsLayout, files_in, recognise

QRELS = "q1 0 d1 1\nq1 0 d2 0\nq2 0 d3 2\n"
DOCS = "d1\tone red fox\nd2\ttwo blue cats\nd3\tthree old dogs\nd4\tfour grey birds\n"
QUERIES = "q1\tred fox\nq2\told dogs\n"
FILES = {
    "judgments": {
        "a.txt": QRELS,
        "b.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t2\n",
        "c.txt": "q1 d1 1\nq1 d2 1\nq2 d3 2\n",
        "d.txt": "q1 d1 1\nq2 d3 1\n",  # each query has one: grades, not ranks
    },
    "run": {
        "a.trec": "q1 Q0 d1 1 2.5 t\nq1 Q0 d2 2 1.5 t\n",
        "b.txt": "q1 Q0 d1 1 2.5 t\n",
        "c.tsv": "q1\td1\t1\nq1\td2\t2\nq2\td1\t1\n",  # MS MARCO's ranks
    },
    "documents": {
        "a.tsv": DOCS,
        "b.csv": "ID,Title,Text\nd1,Fox,one red fox\nd3,Dogs,three old dogs\n",
        "c.jsonl": '{"_id": "d1", "text": "one red fox"}\n{"_id": "d3", "text": "three old dogs"}\n',
        "d.json": '[{"id": "d1", "body": "one red fox"}, {"id": "d2", "body": "two blue cats"}]',
    },
    "queries": {
        "a.tsv": QUERIES,
        "b.jsonl": '{"qid": "q1", "question": "red fox"}\n{"qid": "q2", "question": "old dogs"}\n',
    },
    "pairs": {
        "a.csv": 'a red fox,"one fox, red",4.5\nold dogs,two cats,0.2\nan old bird,birds and dogs,1.0\n',
        "b.tsv": "4.5\ta red fox\tone fox\n0.2\told dogs\ttwo cats\n",
        "c.jsonl": '{"sentence1": "a fox", "sentence2": "one fox", "score": 0.9}\n'
        '{"sentence1": "a dog", "sentence2": "two cats", "score": 0.1}\n',
    },
    "nothing": {
        "a.md": "# read me\n",
        "b.tsv": "x1\tof another collection\n",
        "c.txt": "",
        "d.csv": "a;b;c\n1;2;3\n",
        "e.bin": "\x00\x01",
    },
}


def _write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(("what", "name"), [(what, name) for what, files in FILES.items() for name in files])
def test_a_file_is_known_by_what_it_holds(what: str, name: str, tmp_path: Path) -> None:
    one = _write(tmp_path, name, FILES[what][name])
    others = [] if what in ("judgments", "pairs") else [_write(tmp_path, "given.qrels", QRELS)]
    found = recognise([one, *others])[0]
    assert found.what == what
    assert bool(found.why) == (what == "nothing")


def test_numbers_may_be_ids_of_both_kinds(tmp_path: Path) -> None:
    """As in Cranfield: queries are 1, 2, ..., and documents too."""
    qrels = _write(
        tmp_path, "qrels.txt", "".join(f"{q} 0 {10 * q + d} 1\n" for q in range(1, 6) for d in range(4))
    )
    documents = _write(tmp_path, "a.tsv", "".join(f"{d}\tdocument number {d}\n" for d in range(1, 80)))
    queries = _write(tmp_path, "b.tsv", "".join(f"{q}\tquery number {q}\n" for q in range(1, 6)))
    assert [one.what for one in recognise([documents, queries, qrels])] == [
        "documents",
        "queries",
        "judgments",
    ]


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("a.csv", PairsLayout(("sentence1", "sentence2", "score"), False, (0.0, 5.0))),
        ("b.tsv", PairsLayout(("score", "sentence1", "sentence2"), False, (0.0, 5.0))),
        ("c.jsonl", PairsLayout(("sentence1", "sentence2", "score"), False, (0.0, 1.0))),
    ],
)
def test_how_pairs_are_read(name: str, layout: PairsLayout, tmp_path: Path) -> None:
    (found,) = recognise([_write(tmp_path, name, FILES["pairs"][name])])
    assert found.pairs == layout


def test_a_header_and_columns_between(tmp_path: Path) -> None:
    text = "id,sentence1,sentence2,similarity\n1,a red fox,one fox,80\n2,old dogs,two cats,20\n3,a b,c d,20\n"
    (found,) = recognise([_write(tmp_path, "p.csv", text)])
    assert found.pairs == PairsLayout(("column1", "sentence1", "sentence2", "score"), True, (0.0, 100.0))


def test_a_long_compressed_file_is_known_by_its_beginning(tmp_path: Path) -> None:
    long = "".join(f"d{i}\tthe text of document number {i}\n" for i in range(20_000))
    (tmp_path / "docs.tsv.gz").write_bytes(gzip.compress(long.encode()))
    (tmp_path / "long.trec").write_text("".join(f"q{i // 100} Q0 d{i} 1 {-i}.5 t\n" for i in range(20_000)))
    found = recognise(
        [tmp_path / "docs.tsv.gz", tmp_path / "long.trec", _write(tmp_path, "qrels.txt", QRELS)]
    )
    assert [one.what for one in found] == ["documents", "run", "judgments"]


def test_hidden_files_and_our_own_are_not_looked_at(tmp_path: Path) -> None:
    for name in (".hidden", "suite.yaml", "model.py", "docs.tsv"):
        _write(tmp_path, name, "x")
    assert [path.name for path in files_in(tmp_path)] == ["docs.tsv"]


def test_without_judgments_queries_are_told_by_what_they_are_called(tmp_path: Path) -> None:
    for name in ("docs.csv", "my-queries.csv"):
        (tmp_path / name).write_text("id,text\n1,what is soap\n2,what is tea\n")
    found = recognise(sorted(tmp_path.iterdir()))
    assert [one.what for one in found] == ["documents", "queries"]


def test_ids_that_do_not_match_are_shown_one_of_each_side(tmp_path: Path) -> None:
    (tmp_path / "docs.csv").write_text("id,text\n1,soap is made of fat\n2,tea is a drink\n")
    (tmp_path / "queries.csv").write_text("id,text\nq1,what is soap\nq2,what is tea\n")
    (tmp_path / "qrels.txt").write_text("1 0 1 1\n2 0 2 1\n")
    documents, _, queries = recognise(sorted(tmp_path.iterdir()))
    assert documents.what == "documents"  # its ids are those of queries and documents: its name decides
    assert (queries.what, "its first is 'q1'; they name the query '1'" in queries.why) == ("nothing", True)


def test_what_seems_to_part_the_columns_is_said(tmp_path: Path) -> None:
    (tmp_path / "docs.csv").write_text("ID;headline;content\n1;Soap;of fat\n")
    (one,) = recognise([tmp_path / "docs.csv"])
    assert one.why.startswith("line 1: ")
    assert "semicolons" in one.why
