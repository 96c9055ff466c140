"""Local documents and queries: formats, positions, and complaints that name file and line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datamodel import Query
from harness.datasets.fields import Fields
from harness.datasets.formats import jsonfiles
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


def _parquet(path: Path, rows: list[dict[str, object]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


def _written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    """Write rows in the format of a name, as other tools write it."""
    path = folder / name
    kind = name.removesuffix(".gz").rpartition(".")[2]
    if kind == "parquet":
        _parquet(path, rows)
        return path
    if kind == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n" if "crlf" in name else "\n")
        writer.writeheader()
        writer.writerows(rows)
        text = out.getvalue()
    elif kind == "tsv":
        text = "".join("\t".join(map(str, row)) + "\n" for row in (rows[0], *(row.values() for row in rows)))
    elif kind == "json":
        text = json.dumps(rows, indent=2 if "indent" in name else None)
    else:
        text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


_NAMES = [
    ("_id", "title", "text"),
    ("ID", "Title", "Text"),
    ("id", "headline", "content"),
    ("docno", "Headline", "body"),
    ("doc_id", "title", "passage"),
    ("doc-id", "title", "contents"),
    ("docid", "heading", "abstract"),
]


@pytest.mark.parametrize("names", _NAMES)
@pytest.mark.parametrize(
    "name",
    [
        "d.csv",
        "crlf.csv.gz",
        "d.tsv",
        "d.jsonl",
        "d.ndjson",
        "d.json",
        "indent.json",
        "indent.json.gz",
        "d.parquet",
    ],
)
def test_documents_in_every_format_under_their_usual_names(
    tmp_path: Path, name: str, names: tuple[str, str, str]
) -> None:
    comma = "text, with a comma" if "tsv" in name else 'text, "quoted",\nof two lines'
    wanted = [("d1", "A title", comma), ("8", "", "alone"), ("d3", "Only a title", "")]
    rows = [{"url": "u", **dict(zip(names, row, strict=True)), "n": 5} for row in wanted]
    corpus = FileCorpus(_written(tmp_path, name, rows))
    assert corpus.contents.ids.to_pylist() == ["d1", "8", "d3"]
    texts = [f"A title {comma}", "alone", "Only a title"]
    assert list(corpus.texts()) == texts
    assert corpus.fetch([2, 0, 1, 0]) == [texts[2], texts[0], texts[1], texts[0]]


@pytest.mark.parametrize("name", ["d.csv", "d.tsv", "d.jsonl", "d.json", "d.parquet"])
def test_other_peoples_names(tmp_path: Path, name: str) -> None:
    rows = [{"key": 7, "Lead": "Title", "a": "one", "b": "two", "text": "not this"}]
    path = _written(tmp_path, name, rows)
    for fields, text in (
        (Fields(id="key", title="lead", text="a"), "Title one"),
        (Fields(id="Key", text=("b", "a")), "two one"),
        (Fields(id="key", title=None), "not this"),
    ):
        assert FileCorpus(path, fields).contents.ids.to_pylist() == ["7"]
        assert list(FileCorpus(path, fields).texts()) == [text]
        assert read_queries(path, fields) == [Query("7", text)]
    for fields, says in (
        (Fields(id="kye", text="a"), "kye"),
        (Fields(id="key", title="head", text="a"), "head"),
        (Fields(id="key", text="text2"), "text2"),
    ):
        with pytest.raises(DataError, match=f"{says}"):
            _ = FileCorpus(path, fields).contents
        with pytest.raises(DataError, match=f"{says}"):
            read_queries(path, fields)


def test_ids_and_texts_as_tools_write_them(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"_id": 7.0, "title": None, "text": "seven"},
        {"id": 8, "title": "Eight", "text": None},
        {"docno": "n\u00a09", "text": None},
    ]
    corpus = FileCorpus(_written(tmp_path, "d.jsonl", rows))
    assert corpus.contents.ids.to_pylist() == ["7", "8", "n\u00a09"]
    assert (list(corpus.texts()), corpus.contents.n_empty) == (["seven", "Eight", ""], 1)
    _parquet(tmp_path / "d.parquet", [{"id": 7.0, "text": "a"}, {"id": 8.0, "text": None}])
    corpus = FileCorpus(tmp_path / "d.parquet")
    assert (corpus.contents.ids.to_pylist(), list(corpus.texts())) == (["7", "8"], ["a", ""])


def test_a_table_without_a_header_line_has_columns_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('d1,"one, two"\nd2,three\n')
    (tmp_path / "b.csv").write_text('\ufeffd1,"one,",two\nd2,,three\n')
    (tmp_path / "c.csv").write_text("id,year,body\nd1,1999,one\nd2,2000,two\n")
    assert list(FileCorpus(tmp_path / "a.csv").texts()) == ["one, two", "three"]
    assert list(FileCorpus(tmp_path / "b.csv").texts()) == ["one, two", "three"]
    columns = ("id", "year", "body")
    assert list(FileCorpus(tmp_path / "c.csv", columns=columns).texts()) == ["one", "two"]
    (tmp_path / "d.tsv").write_text("title\tof a text\nd2\tthe id\n")  # no header, though it has such a word
    assert FileCorpus(tmp_path / "d.tsv").contents.ids.to_pylist() == ["title", "d2"]
    with pytest.raises(DataError, match=r"d.jsonl: 'columns' is for tables without a header line"):
        (tmp_path / "d.jsonl").write_text('{"_id": "1", "text": "a"}\n')
        FileCorpus(tmp_path / "d.jsonl", columns=("id", "text"))


def test_queries_under_their_usual_names(tmp_path: Path) -> None:
    for name, keys in (
        ("q.csv", ("qid", "question")),
        ("q.tsv", ("Query_ID", "Query")),
        ("q.json", ("_id", "text")),
    ):
        path = _written(tmp_path, name, [dict(zip(keys, ("1", "what is it"), strict=True))])
        assert read_queries(path) == [Query("1", "what is it")]
    (tmp_path / "q.jsonl").write_text('{"query_id": 1, "query": "a"}\n{"qid": "2", "question": "b"}\n')
    assert read_queries(tmp_path / "q.jsonl") == [Query("1", "a"), Query("2", "b")]
    (tmp_path / "q.jsonl").write_text('{"qid": 1, "query": "a", "text": "b"}\n')
    with pytest.raises(
        DataError, match=r"q.jsonl:1: the query's text can be query or text.*'query_fields: {text"
    ):
        read_queries(tmp_path / "q.jsonl")


@given(
    st.lists(st.dictionaries(_TEXT, _TEXT | st.none() | st.integers() | st.lists(_TEXT), max_size=3)),
    st.integers(0, 4),
)
def test_an_array_is_read_as_the_library_reads_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], indent: int
) -> None:
    path = tmp_path_factory.mktemp("array") / "a.json"
    path.write_text(json.dumps(rows, indent=indent or None, ensure_ascii=indent % 2 == 0), encoding="utf-8")
    found = list(jsonfiles.records(path))
    assert [record for _, record in found] == json.loads(path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8").split("\n")
    assert all("{" in text[number - 1] for number, _ in found)


def test_a_long_array_on_one_line_is_read_piece_by_piece(tmp_path: Path) -> None:
    rows = [{"_id": f"d{i}", "text": "word " * (i % 50) * 40} for i in range(300)]
    path = _written(tmp_path, "d.json", rows)
    assert [record for _, record in jsonfiles.records(path)] == rows


def test_a_text_longer_than_a_csv_field_usually_may_be(tmp_path: Path) -> None:
    path = _written(tmp_path, "d.csv", [{"id": "d1", "text": "word " * 50_000}])
    assert len(FileCorpus(path).fetch([0])[0]) == 249_999


def test_fields_and_columns_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("x\td1\thead\tbody\n")
    columns = ("year", "id", "head", "body")
    corpus = FileCorpus(tmp_path / "d.tsv", Fields(text=("body", "head")), columns)
    assert list(corpus.texts()) == ["body head"]
    assert read_queries(tmp_path / "d.tsv", Fields(text="head"), columns) == [Query("d1", "head")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("d.tsv", b"", ": holds no documents"),
        ("d.tsv", b"\n\n", ": holds no documents"),
        ("d.tsv", b"d1\ta\nd2\n", ":2: 1 columns, where 2 are expected"),
        ("d.tsv", b"d1\ta\nd2\tb\tc\n", ":2: 3 columns, where 2 are expected"),
        ("d.tsv", b"d1\n", ":1: 1 tab-separated column; document files have 2 (id, text) or 3"),
        ("d.tsv", b"a\tb\tc\td\n", ":1: 4 tab-separated columns"),
        ("d.tsv", b"d1\ta\n\td\n", ":2: the document id '' is empty or holds white space"),
        ("d.tsv", b"d 1\ta\n", ":1: the document id 'd 1' is empty or holds white space"),
        ("d.tsv", b"d1\ta\nd1\tb\nd2\tc\nd2\td\n", ": document id 'd1' is given 2 times (2 such ids)"),
        ("d.tsv", b"d1\ta\nd2\tb\xff\n", ":2: not UTF-8 text (byte 4 of the line)"),
        ("d.jsonl", b'{"_id": "d1", "text": "a"}\n{"_id": "d2", "te', ":2: not valid JSON"),
        ("d.jsonl", b'{"name": "d1", "text": "a"}\n', ":1: no id among the keys name, text"),
        ("d.jsonl", b'{"_id": "d1", "txt": "a"}\n', ":1: no text among the keys _id, txt"),
        ("d.jsonl", b'{"_id": "d1", "text": 5}\n', ":1: key 'text' is not text but int"),
        ("d.jsonl", b'"d1"\n', ":1: a JSON str, where an object is expected"),
        ("d.jsonl", b'["d1"]\n', ":1: a JSON str, where an object is expected"),
        ("d.json", b'[{"_id": "d1", "text": "a"},\n {"_id": "d2", "te', ":2: not valid JSON"),
        (
            "d.json",
            b'[{"_id": "d1", "text": "a"}\n',
            ":2: an array of objects goes on with , .* the file ends",
        ),
        (
            "d.json",
            b'[{"_id": "d1", "text": "a"}\n {"_id"',
            ":2: an array of objects goes on with , .* stands '{'",
        ),
        ("d.json", b'[{"_id": "d1", "text": "a"}]\n[]', ":2: after the end of the array stands '['"),
        ("d.json", b'[\n{"_id": "d1", "text": "a"},\n3]', ":3: a JSON int, where an object is expected"),
        ("d.json", b"[]", ": holds no documents"),
        ("d.json", b'{\n "d1": "a"\n}\n', ":1: not valid JSON .*one array of objects"),
        (
            "d.jsonl",
            b'{"_id": 7.5, "text": "a"}\n',
            ":1: the document id 7.5 is neither text nor a whole number",
        ),
        (
            "d.jsonl",
            b'{"_id": true, "text": "a"}\n',
            ":1: the document id True is neither text nor a whole number",
        ),
        (
            "d.jsonl",
            b'{"_id": [1], "text": "a"}\n',
            ":1: the document id .* is neither text nor a whole number",
        ),
        (
            "d.jsonl",
            b'{"docid": 1, "id": 2, "text": "a"}\n',
            ":1: the document's id can be docid or id, of the keys docid, id, text; name it with 'fields: {id",
        ),
        ("d.jsonl", b'{"id": 2, "text": "a", "Body": "b"}\n', ":1: the document's text can be text or Body"),
        ("d.csv", b"id,title,text,content\n1,a,b,c\n", ":1: the document's text can be text or content"),
        ("d.csv", b"id,Text,ID\n1,a,2\n", ":1: the document's id can be id or ID"),
        ("d.csv", b"id,summary\n1,a\n", ":1: no text among the keys id, summary; it may be called"),
        ("d.csv", b"a;b\n", ":1: 1 comma-separated column; .*here semicolons seem to separate them"),
        ("d.csv", b"id,text\n1,a,b\n", ":2: 3 columns, where 2 are expected (id, text)"),
        ("d.csv", b'id,text\n1,"a\n', ":2: not valid CSV"),
        ("d.parquet", b"PAR1nothing", ": not valid Parquet"),
        ("d.tsv", b"PAR1nothing", ": is Parquet; let its name end in .parquet"),
        ("d.tsv", "id\ttext\n".encode("utf-16"), ": is UTF-16 text"),
        (
            "d.jsonl",
            b'{"_id": null, "text": "a"}\n',
            ":1: the document id None is neither text nor a whole number",
        ),
        ("d.jsonl", b'{"_id": "d1", "text": "\\ud83d"}\n', ":1: holds half a surrogate pair"),
        (
            "d.tsv.gz",
            gzip.compress(b"d1\ta\n" * 99, mtime=0)[:-9],
            ": the compressed data ends too early or is damaged",
        ),
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
    assert re.search(re.escape(what).replace(r"\.\*", ".*"), str(caught.value))


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
