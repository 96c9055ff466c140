"""Retrieval sets in the layout of Hugging Face's data sets: local folders, and the hub's cache at a commit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.config import load_suite
from harness.datasets import retrieval
from harness.datasets.retrieval.kinds.hubfolder import names_of
from harness.errors import ConfigError, DataError

DOCS = [("d1", "Ice", "is cold"), ("d2", "", "lava"), ("d3", "Sea", "is salt")]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def _fill(root: Path, *, shards: int = 1) -> Path:
    """As MTEB's data sets of retrieval lie on the hub: Parquet, the corpus perhaps in several files."""
    for name in ("corpus", "queries", "qrels"):
        (root / name).mkdir(parents=True)
    size = -(-len(DOCS) // shards)
    for i in range(shards):
        made = [
            dict(zip(("_id", "title", "text"), row, strict=True)) for row in DOCS[i * size : (i + 1) * size]
        ]
        pq.write_table(pa.Table.from_pylist(made), root / f"corpus/corpus-{i:05}-of-{shards:05}.parquet")
    queries = [
        {"_id": "q1", "text": "what is cold"},
        {"_id": "q2", "text": "salt"},
        {"_id": "q3", "text": "unjudged"},
    ]
    pq.write_table(pa.Table.from_pylist(queries), root / "queries/queries-00000-of-00001.parquet")
    for split, rows in {"test": [("q1", "d1", 1), ("q2", "d3", 2)], "dev": [("q3", "d2", 1)]}.items():
        judged = [dict(zip(("query-id", "corpus-id", "score"), row, strict=True)) for row in rows]
        pq.write_table(pa.Table.from_pylist(judged), root / f"qrels/{split}-00000-of-00001.parquet")
    (root / "README.md").write_text("about")
    return root


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], retrieval.RetrievalData]:
    def load(dataset: str) -> retrieval.RetrievalData:
        (tmp_path / "suite.yaml").write_text(
            f"task: retrieval\nversion: 1\ndataset: {dataset}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
        )
        return retrieval.load(load_suite(tmp_path / "suite.yaml"), need_text=True)

    return load


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_folder_of_parquet(
    tmp_path: Path, load: Callable[[str], retrieval.RetrievalData], shards: int
) -> None:
    _fill(tmp_path / "set", shards=shards)
    data = load("{folder: set}")
    assert [query.id for query in data.queries] == ["q1", "q2"]
    assert data.qrels.grades.tolist() == [1, 2]
    assert data.corpus is not None
    assert data.corpus.contents.ids.to_pylist() == ["d1", "d2", "d3"]
    assert list(data.corpus.texts()) == ["Ice is cold", "lava", "Sea is salt"]
    assert data.corpus.fetch([2, 0, 1]) == ["Sea is salt", "Ice is cold", "lava"]
    assert [query.id for query in load("{folder: set, split: dev}").queries] == ["q3"]


def test_one_corpus_has_one_digest_in_however_many_files(
    tmp_path: Path, load: Callable[[str], retrieval.RetrievalData]
) -> None:
    found = set()
    for shards in (1, 3):
        _fill(tmp_path / f"set{shards}", shards=shards)
        found.add(load(f"{{folder: set{shards}}}").digests["corpus"])
    assert len(found) == 1


def test_a_document_in_two_files_is_refused(
    tmp_path: Path, load: Callable[[str], retrieval.RetrievalData]
) -> None:
    root = _fill(tmp_path / "set", shards=2)
    first = pq.read_table(root / "corpus/corpus-00000-of-00002.parquet")
    pq.write_table(first, root / "corpus/corpus-00001-of-00002.parquet")
    with pytest.raises(DataError, match="document id 'd1' is given 2 times"):
        load("{folder: set}")


def test_the_hub_s_cache_at_a_commit(
    tmp_path: Path, load: Callable[[str], retrieval.RetrievalData], monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DataError, match=r"org/set@0123456789ab is missing in .*the network is forbidden"):
        load(f"{{hub: org/set, revision: {COMMIT}}}")
    _fill(tmp_path / f"cache/datasets--org--set/snapshots/{COMMIT}", shards=2)
    data = load(f"{{hub: org/set, revision: {COMMIT}}}")
    assert data.corpus is not None
    assert list(data.corpus.texts()) == ["Ice is cold", "lava", "Sea is salt"]
    with pytest.raises(ConfigError, match="'main' is not a commit"):
        load("{hub: org/set, revision: main}")


@pytest.mark.parametrize(
    ("found", "corpus", "queries", "qrels"),
    [
        (  # BEIR's repositories
            ["corpus.jsonl.gz", "queries.jsonl.gz", "qrels/test.tsv", "qrels/dev.tsv"],
            ["corpus.jsonl.gz"], ["queries.jsonl.gz"], ["qrels/test.tsv"],
        ),
        (  # a split that queries are of too, and JSONL beside Parquet
            ["corpus/a.jsonl", "corpus/a.parquet", "queries/test-0.parquet", "queries/dev-0.parquet", "default/test.jsonl"],
            ["corpus/a.parquet"], ["queries/test-0.parquet"], ["default/test.jsonl"],
        ),
        (  # all below data/, and a corpus whose files name a split
            ["data/corpus/test-0.parquet", "data/queries/test-0.parquet", "data/qrels/test-0.parquet"],
            ["data/corpus/test-0.parquet"], ["data/queries/test-0.parquet"], ["data/qrels/test-0.parquet"],
        ),
    ],
)  # fmt: skip
def test_layouts(found: list[str], corpus: list[str], queries: list[str], qrels: list[str]) -> None:
    names = names_of([*found, "README.md", ".gitattributes"], "test", "x")
    assert (list(names.corpus), list(names.queries), list(names.qrels)) == (corpus, queries, qrels)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (
            ["corpus.jsonl", "queries.jsonl", "qrels/dev.tsv"],
            "no qrels of the split 'test' .* there are the splits dev",
        ),
        (["queries.jsonl", "qrels/test.tsv"], "has no corpus of the split 'test'"),
        ([], "has no corpus .* it has no file"),
    ],
)
def test_what_lacks_is_said(found: list[str], says: str) -> None:
    with pytest.raises(DataError, match=says):
        names_of(found, "test", "x")


def test_a_grade_that_is_none_is_said(tmp_path: Path, load: Callable[[str], retrieval.RetrievalData]) -> None:
    root = _fill(tmp_path / "set")
    (root / "qrels/test-00000-of-00001.parquet").unlink()
    (root / "qrels/test.jsonl").write_text(
        json.dumps({"query-id": "q1", "corpus-id": "d1", "score": 0.5}) + "\n"
    )
    with pytest.raises(DataError, match=r"test\.jsonl:1: the score 0\.5 is not a whole number"):
        load("{folder: set}")
    with pytest.raises(DataError, match="no such folder"):
        load("{folder: nowhere}")
