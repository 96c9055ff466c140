"""Sentence pairs from files: formats, what is skipped and counted, what is refused and how it is named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config import load_suite
from harness.datasets import pairs
from harness.datasets.pairs import PairsData
from harness.errors import ConfigError, DataError

_ROWS = [
    ("A dog, running.", 'He said "yes".', 4.5),
    ("Snow falls.", "It rains.", 0.0),
    ("Café", "Coffee", 5.0),
]


def _load(folder: Path, dataset: str, more: str = "") -> PairsData:
    path = folder / "suite.yaml"
    path.write_text(
        f"task: sts\nversion: 1\nmeasures: [spearman]\nprimary: spearman\ndataset: {{{dataset}}}\n{more}",
        encoding="utf-8",
    )
    return pairs.load(load_suite(path))


def _write(path: Path) -> Path:
    name = path.name.removesuffix(".gz")
    if name.endswith(".csv"):
        quoted = [[text.replace('"', '""') for text in row[:2]] for row in _ROWS]
        text = "".join(f'"{a}","{b}",{row[2]}\n' for (a, b), row in zip(quoted, _ROWS, strict=True))
    elif name.endswith(".tsv"):
        text = "".join(f"{a}\t{b}\t{score}\n" for a, b, score in _ROWS)
    else:
        keys = ("sentence1", "sentence2", "score")
        text = "".join(
            json.dumps({"split": "test", **dict(zip(keys, row, strict=True))}) + "\n" for row in _ROWS
        )
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize(
    "name", ["p.csv", "p.csv.gz", "p.tsv", "p.tsv.gz", "p.jsonl", "p.jsonl.gz", "p.parquet"]
)
def test_every_format_gives_the_same_pairs(tmp_path: Path, name: str) -> None:
    if name == "p.parquet":
        columns = dict(zip(("sentence1", "sentence2", "score"), zip(*_ROWS, strict=True), strict=True))
        pq.write_table(
            pa.table({"genre": ["x"] * 3, **{k: list(v) for k, v in columns.items()}}), tmp_path / name
        )
    else:
        _write(tmp_path / name)
    data = _load(tmp_path, f"pairs: {name}")
    assert [(pair.first, pair.second, pair.gold) for pair in data.pairs] == _ROWS
    assert [pair.id for pair in data.pairs] == [f"{name}:{i}" for i in (1, 2, 3)]


def test_files_are_concatenated_and_unscored_pairs_are_counted(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "p.tsv").write_text("1\ta\tb\textra\n\tc\td\n3\te\tf\n")
    (tmp_path / "two" / "p.tsv").write_text("2\tg\th\n")
    data = _load(tmp_path, "pairs: [one/p.tsv, two/p.tsv], columns: [score, sentence1, sentence2]")
    assert data.counts == {"pairs": 3, "pairs_unscored": 1}
    assert [pair.gold for pair in data.pairs] == [1, 3, 2]
    assert len({pair.id for pair in data.pairs}) == 3


def test_a_tsv_is_never_quoted_and_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text('"a\tb"\t1\nc\td\t2\n')
    assert _load(tmp_path, "pairs: p.tsv").pairs[0][1:3] == ('"a', 'b"')
    (tmp_path / "p.csv").write_bytes(b"\xef\xbb\xbfa,b,1\nc,d,2\n")
    assert _load(tmp_path, "pairs: p.csv").pairs[0].first == "a"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.tsv", b"", ": holds no scored pairs"),
        ("p.tsv", b"a\tb\t\n", ": holds no scored pairs"),
        ("p.tsv", b"a\tb\n", ":1: 2 columns, where 3 are expected"),
        ("p.csv", b"a,b,1\na,b\n", ":2: 2 columns, where 3 are expected"),
        ("p.tsv", b"a\tb\thigh\n", ":1: the score 'high' is not a number"),
        ("p.tsv", b"a\tb\t5.1\n", ":1: the score 5.1 is outside the scale 0 to 5"),
        ("p.tsv", b"a\tb\tnan\n", ":1: the score nan is outside the scale"),
        ("p.tsv", b"a\tb\t-inf\n", ":1: the score -inf is outside the scale"),
        ("p.tsv", b"a\tb\t1\n \tb\t2\n", ":2: sentence1 is empty"),
        ("p.tsv", b"a\tb\t1\nb\xff\tc\t2\n", ":2: not UTF-8 text"),
        ("p.csv", b'a,"b,1\nc,d,2\n', ": not valid CSV"),
        ("p.csv.gz", gzip.compress(b"a,b,1\n" * 99, mtime=0)[:-9], ": the compressed data ends too early"),
        ("p.jsonl", b'{"sentence1": "a"}\n', ":1: no sentence2, score among the keys sentence1"),
        ("p.jsonl", b'{"sentence1": "a", "sentence2": "b", "score": 1}\n{"sent', ":2: not valid JSON"),
        ("p.jsonl", b'{"sentence1": 1, "sentence2": "b", "score": 1}\n', ":1: sentence1 is not text"),
        (
            "p.jsonl",
            b'{"sentence1": "a", "sentence2": "b", "score": true}\n',
            ":1: the score True is outside",
        ),
        ("p.jsonl", b"[1]\n", ":1: a JSON int, where an object is expected"),
        ("p.parquet", b"PAR1 no such thing", ": not valid Parquet"),
        ("p.xlsx", b"a", ": unknown format 'xlsx'"),
    ],
)
def test_bad_files_are_refused_by_file_and_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        _load(tmp_path, f"pairs: {name}")
    where, _, what = message.partition(": ")
    assert str(caught.value).startswith(f"{tmp_path / name}{where}:")
    assert what in str(caught.value)


def test_missing_constant_and_misdescribed_pairs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.tsv: no such file"):
        _load(tmp_path, "pairs: none.tsv")
    with pytest.raises(DataError, match=r"none.parquet: no such file"):
        _load(tmp_path, "pairs: none.parquet")
    (tmp_path / "p.tsv").write_text("a\tb\t2\nc\td\t2\n")
    with pytest.raises(
        DataError, match="suite suite: all 2 gold scores are 2; a correlation needs scores that differ"
    ):
        _load(tmp_path, "pairs: p.tsv")
    for dataset, message in (
        ("pairs: p.tsv, columns: [sentence1, score]", "columns: sentence2 must be among them"),
        ("pairs: p.tsv, scale: [5, 0]", "scale: 5.0 is not below 0.0"),
        ("pairs: []", "pairs"),
        ("file: p.tsv", "an STS data set is"),
    ):
        with pytest.raises(ConfigError, match=message):
            _load(tmp_path, dataset)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pq.write_table(
        pa.table({"sentence1": ["a"] * 50, "sentence2": ["b"] * 50, "score": np.arange(50) / 10.0}), whole
    )
    (tmp_path / "p.parquet").write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"p.parquet: not valid Parquet .*is the file complete"):
        _load(tmp_path, "pairs: p.parquet")


def test_another_count_than_the_suite_says_is_noted(tmp_path: Path) -> None:
    _write(tmp_path / "p.tsv")
    assert _load(tmp_path, "pairs: p.tsv", "needs: {pairs: 3}\n").notes == ()
    assert _load(tmp_path, "pairs: p.tsv", "needs: {pairs: 4}\n").notes == (
        "3 pairs were loaded, the suite says 4",
    )


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), min_size=1).filter(
    lambda text: bool(text.strip()) and not text.startswith("\ufeff")
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(_TEXT, _TEXT, st.floats(0, 5)), min_size=2, max_size=8).filter(
        lambda r: len({x[2] for x in r}) > 1
    )
)
def test_texts_and_scores_survive_csv_and_jsonl(tmp_path: Path, rows: list[tuple[str, str, float]]) -> None:
    import csv

    with (tmp_path / "p.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((a, b, repr(score)) for a, b, score in rows)
    with (tmp_path / "p.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"sentence1": a, "sentence2": b, "score": s}) + "\n" for a, b, s in rows)
    for name in ("p.csv", "p.jsonl"):
        assert [pair[1:] for pair in _load(tmp_path, f"pairs: {name}").pairs] == rows


@pytest.mark.parametrize(
    ("name", "count", "unscored"),
    [("stsb/test.csv", 1379, 0), ("sts13/*.tsv", 1500, 0), ("sts15/*.tsv", 3000, 5500)],
)
def test_the_real_files_are_read_in_full(
    real_data: Path, tmp_path: Path, name: str, count: int, unscored: int
) -> None:
    files = ", ".join(str(path) for path in sorted((real_data / "sts").glob(name)))
    columns = "" if name.startswith("stsb") else ", columns: [score, sentence1, sentence2]"
    assert _load(tmp_path, f"pairs: [{files}]{columns}").counts == {
        "pairs": count,
        "pairs_unscored": unscored,
    }
