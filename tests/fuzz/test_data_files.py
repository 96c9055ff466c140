"""Data files, in every format, damaged: read to figures that make sense, or refused in words."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.config import load_suite
from harness.datasets import pairs, trec
from harness.datasets.local import FileCorpus, read_queries
from harness.measures.registry import parse
from harness.measures.retrieval import evaluate

Many = Callable[[bytes, Callable[[bytes], Any], int], tuple[int, int]]
N = 12
TEXTS = [f"the river {i} flows to the “sea”, north" for i in range(N)]
QRELS = "".join(f"q{i} 0 d{j} {(i + j) % 3}\n" for i in range(N) for j in range(4)).encode()
RUN = "".join(f"q{i} Q0 d{j} {j + 1} {9.5 - j} t\n" for i in range(N) for j in range(6)).encode()
MEASURES = [parse(name) for name in ("ndcg@10", "mrr@10", "recall@5", "map", "precision@3", "bpref", "err@5")]


def _table(rows: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def _documents(kind: str, letter: str) -> bytes:
    rows = [{"_id": f"{letter}{i}", "text": text} for i, text in enumerate(TEXTS)]
    if kind == "tsv":
        return "".join(f"{row['_id']}\t{row['text']}\n" for row in rows).encode()
    if kind == "csv":
        return ("_id,text\n" + "".join(f'{row["_id"]},"{row["text"]}"\n' for row in rows)).encode()
    if kind == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    return json.dumps(rows).encode() if kind == "json" else _table(rows)


def _corpus(path: Path) -> None:
    corpus = FileCorpus(path)
    ids = corpus.contents.ids.to_pylist()
    texts = list(corpus.texts())
    assert len(ids) == len(set(ids)) == len(texts)
    assert all(ids)
    assert corpus.fetch(range(len(ids))) == texts


def _queries(path: Path) -> None:
    found = read_queries(path)
    assert len({query.id for query in found}) == len(found) > 0


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("kind", ["tsv", "csv", "jsonl", "json", "parquet"])
def test_documents_and_queries(kind: str, packed: bool, n: int, many: Many, tmp_path: Path) -> None:
    for letter, read in (("d", _corpus), ("q", _queries)):
        path = tmp_path / f"{letter}.{kind}{'.gz' if packed and kind != 'parquet' else ''}"

        def written(data: bytes, path: Path = path, read: Callable[[Path], None] = read) -> None:
            path.write_bytes(data)
            read(path)

        whole = _documents(kind, letter)
        many(gzip.compress(whole) if path.suffix == ".gz" else whole, written, n // 2)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("what", ["qrels", "run", "msmarco"])
def test_judgments_and_runs(what: str, packed: bool, n: int, many: Many, tmp_path: Path) -> None:
    (tmp_path / "qrels").write_bytes(QRELS)
    (tmp_path / "run").write_bytes(RUN)
    path = tmp_path / what

    def scored(data: bytes) -> None:
        path.write_bytes(data)
        qrels = trec.read_qrels(tmp_path / "qrels")
        run = trec.read_run(tmp_path / ("run" if what == "qrels" else what))
        assert np.isfinite(run.scores).all()
        values = evaluate(run.select(qrels.query_ids), qrels, MEASURES)
        for measure in MEASURES:
            column = values.column(measure)
            assert np.isfinite(column).all(), measure
            assert ((column >= 0) & (column <= 1 + 1e-12)).all(), measure

    whole = {
        "qrels": QRELS,
        "run": RUN,
        "msmarco": "".join(f"q{i}\td{j}\t{j + 1}\n" for i in range(N) for j in range(6)).encode(),
    }[what]
    many(gzip.compress(whole) if packed else whole, scored, n)


@pytest.mark.parametrize("kind", ["tsv", "csv", "parquet"])
def test_sentence_pairs(kind: str, n: int, many: Many, tmp_path: Path) -> None:
    path = tmp_path / f"pairs.{kind}"
    (tmp_path / "suite.yaml").write_text(
        f"task: sts\nversion: 1\ndataset: {{pairs: pairs.{kind}, columns: [sentence1, sentence2, score], header: true, scale: [0, 5]}}\n"
        "measures: [spearman]\nprimary: spearman\n"
    )
    rows = [
        {"sentence1": text, "sentence2": f"a {text}", "score": i % 6 / 1.25} for i, text in enumerate(TEXTS)
    ]
    between = {"tsv": "\t", "csv": ","}.get(kind, "")
    lines = [between.join(str(value).replace(",", "") for value in row.values()) + "\n" for row in rows]
    whole = _table(rows) if kind == "parquet" else (between.join(rows[0]) + "\n" + "".join(lines)).encode()

    def loaded(data: bytes) -> None:
        path.write_bytes(data)
        for pair in pairs.load(load_suite(tmp_path / "suite.yaml")).pairs:
            assert 0 <= pair.gold <= 5

    many(whole, loaded, n)
