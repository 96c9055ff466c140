"""Local documents and queries: formats, positions, and complaints that name file and line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datamodel import Query
from harness.datasets.local import FileCorpus, read_queries
from harness.errors import DataError

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=30)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_TEXT, min_size=1, max_size=12), data=st.data())
def test_texts_are_found_by_position_in_any_order(
    tmp_path: Path, texts: list[str], data: st.DataObject
) -> None:
    with (tmp_path / "docs.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"_id": f"d{i}", "text": text}, ensure_ascii=False) + "\n"
            for i, text in enumerate(texts)
        )
    corpus = FileCorpus(tmp_path / "docs.jsonl")
    shown = [text.strip() for text in texts]
    assert list(corpus.texts()) == shown
    assert corpus.contents.ids.to_pylist() == [f"d{i}" for i in range(len(texts))]
    positions = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=20))
    assert corpus.fetch(positions) == [shown[position] for position in positions]


def test_a_title_is_joined_by_a_space_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("d1\tTitle\ttext\nd2\t\talone\n")
    (tmp_path / "b.jsonl").write_text(
        '{"_id": "d1", "title": "Title", "text": "text"}\n{"_id": "d2", "title": "", "text": "alone"}\n'
    )
    (tmp_path / "c.tsv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbfd1\tTitle\ttext\r\n\nd2\t\talone"))
    corpora = [FileCorpus(path) for path in sorted(tmp_path.iterdir())]
    for corpus in corpora:
        assert list(corpus.texts()) == ["Title text", "alone"] == corpus.fetch([0, 1])
    assert len({corpus.contents.sha256 for corpus in corpora}) == 1


def test_a_fetch_during_the_iteration_does_not_move_it(tmp_path: Path) -> None:
    (tmp_path / "docs.tsv").write_text("".join(f"d{i}\ttext {i}\n" for i in range(50)))
    corpus = FileCorpus(tmp_path / "docs.tsv")
    assert [corpus.fetch([49])[0] + text for text in corpus.texts()] == [
        f"text 49text {i}" for i in range(50)
    ]


def test_fields_and_columns_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("x\td1\thead\tbody\n")
    corpus = FileCorpus(tmp_path / "d.tsv", ("body", "head"), ("year", "id", "head", "body"))
    assert list(corpus.texts()) == ["body head"]
    assert read_queries(tmp_path / "d.tsv", ("head",), ("year", "id", "head", "body")) == [
        Query("d1", "head")
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("d.tsv", b"", ": holds no documents"),
        ("d.tsv", b"\n\n", ": holds no documents"),
        ("d.tsv", b"d1\ta\nd2\n", ":2: 1 columns, where 2 are expected"),
        ("d.tsv", b"d1\ta\nd2\tb\tc\n", ":2: 3 columns, where 2 are expected"),
        ("d.tsv", b"d1\n", ":1: 1 tab-separated column; document files have 2"),
        ("d.tsv", b"a\tb\tc\td\n", ":1: 4 tab-separated columns"),
        ("d.tsv", b"d1\ta\n\td\n", ":2: the document id '' is empty or holds white space"),
        ("d.tsv", b"d 1\ta\n", ":1: the document id 'd 1' is empty or holds white space"),
        ("d.tsv", b"d1\ta\nd1\tb\nd2\tc\nd2\td\n", ": document id 'd1' is given 2 times (2 such ids)"),
        ("d.tsv", b"d1\ta\nd2\tb\xff\n", ":2: not UTF-8 text (byte 4 of the line)"),
        ("d.jsonl", b'{"_id": "d1", "text": "a"}\n{"_id": "d2", "te', ":2: not valid JSON"),
        ("d.jsonl", b'{"name": "d1", "text": "a"}\n', ":1: no id among the keys name, text"),
        ("d.jsonl", b'{"_id": "d1", "txt": "a"}\n', ":1: no text among the keys _id, txt"),
        ("d.jsonl", b'{"_id": "d1", "text": 5}\n', ":1: key 'text' is not text"),
        ("d.jsonl", b'{"_id": "d1", "text": null}\n', ":1: key 'text' is not text"),
        ("d.jsonl", b'["d1"]\n', ":1: a JSON list, where an object is expected"),
        (
            "d.jsonl",
            b'{"_id": null, "text": "a"}\n',
            ":1: the document id None is neither text nor a whole number",
        ),
        ("d.jsonl", b'{"_id": "d1", "text": "\\ud83d"}\n', ":1: holds half a surrogate pair"),
        (
            "d.tsv.gz",
            gzip.compress(b"d1\ta\n" * 99)[:-9],
            ": the compressed data ends too early or is damaged",
        ),
        ("d.tsv.gz", b"d1\ta\n", ": not gzip data"),
        ("d.tsv.gz", b"", ": holds no documents"),
        ("d.pdf", b"d1\ta\n", ": unknown format 'pdf'"),
    ],
)
def test_bad_documents_are_refused_by_file_and_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        _ = FileCorpus(tmp_path / name).contents
    where, _, what = message.partition(": ")
    assert str(caught.value).startswith(f"{tmp_path / name}{where}:")
    assert what in str(caught.value)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "none.tsv", "no such file"),
        (tmp_path / "none.jsonl.gz", "no such file"),
    ):
        with pytest.raises(DataError, match=message):
            FileCorpus(path)
    (tmp_path / "f.jsonl").mkdir()
    with pytest.raises(DataError, match="is a folder, not a file"):
        FileCorpus(tmp_path / "f.jsonl")
    (tmp_path / "q.tsv").write_text("")
    with pytest.raises(DataError, match=r"q.tsv: holds no queries"):
        read_queries(tmp_path / "q.tsv")
    (tmp_path / "q.tsv").write_text("q1\ta\nq2\tb\nq1\tc\n")
    with pytest.raises(DataError, match=r"q.tsv:3: query id 'q1' is given twice"):
        read_queries(tmp_path / "q.tsv")
