"""Approximate search and fusion in a run: what is computed, what is said, and what a config may not say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.errors import ConfigError
from harness.plan import planning, trying
from harness.progress import Silent
from harness.stages.fuse import Ranks, Weighted, fused_runs
from harness.stages.searching import Searching
from harness.stages.vectors import Building
from harness.tasks import steps_for

MODELS = """
import hashlib
import numpy as np
def _vector(word):
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(24)
class Encoder:
    similarity = "cosine"
    def encode(self, texts, role):
        return np.stack([sum(map(_vector, text.split())) for text in texts]).astype(np.float32)
class Ranker:
    def score(self, pairs):
        return np.asarray([len(set(a.split()) & set(b.split())) for a, b in pairs], dtype=np.float32)
"""
HEAD = """suite: suite.yaml
device: cpu
models:
  m: {bi_encoder: {class: ann_models.Encoder}}
  r: {cross_encoder: {class: ann_models.Ranker}}
pipelines:
"""
MAIN = """  bi: {retrieve: m, depth: 20}
  bm25: {retrieve: bm25, depth: 20}
  flat: {retrieve: m, index: flat, depth: 20}
  hnsw: {retrieve: m, index: {hnsw: {m: 8, ef: 40}}, depth: 20}
  two: {retrieve: m, index: hnsw, rerank: r, depth: [5, 10]}
  rrf: {fuse: [bm25, bi, two@10], k: 10, depth: 15}
  sum: {fuse: [bm25, bi], method: weighted, weights: [1, 3], depth: 15}
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    words = [f"w{i}" for i in range(40)]
    documents = [
        " ".join([*(words[(i * j) % 40] for j in range(1, 9)), *(f"{c}{i}" for c in "uvxyz")])
        for i in range(300)
    ]
    (tmp_path / "docs.tsv").write_text("".join(f"d{i}\t{text}\n" for i, text in enumerate(documents)))
    (tmp_path / "queries.tsv").write_text("".join(f"q{i}\tw{i} w{2 * i} w{3 * i}\n" for i in range(1, 9)))
    (tmp_path / "qrels.txt").write_text("".join(f"q{i} 0 d{i} 1\n" for i in range(1, 9)))
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    (tmp_path / "ann_models.py").write_text(MODELS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))

    def write_config(pipelines: str) -> Path:
        (tmp_path / "config.yaml").write_text(HEAD + pipelines)
        return tmp_path / "config.yaml"

    yield write_config
    sys.modules.pop("ann_models", None)


def test_a_run_with_indexes_and_fusions(write: Callable[[str], Path], tmp_path: Path) -> None:
    pytest.importorskip("faiss", reason="needs the extra 'ann'")
    bundle = harness.run(write(MAIN), out=tmp_path / "one", offline=True)
    parts = bundle.content["pipelines"]
    assert list(parts) == ["bi", "bm25", "flat", "hnsw", "two@5", "two@10", "rrf", "sum"]
    exact, found = ((tmp_path / f"one/runs/{name}.trec").read_text().split() for name in ("bi", "flat"))
    assert exact[2::6] == found[2::6]  # documents, in order
    flat, hnsw = parts["flat"]["index"], parts["hnsw"]["index"]
    assert flat["overlap"]["overlap@10"]["value"] == flat["overlap"]["overlap@20"]["value"] == 1.0
    assert hnsw["overlap"]["overlap@10"]["value"] > 0.9
    assert hnsw["overlap"]["overlap@10"]["n"] == 8
    assert {"kind": "hnsw", "m": 8, "ef": 40, "ef_construction": 200}.items() <= hnsw.items()
    assert hnsw["index_bytes"] > 300 * 24 * 4
    assert parts["two@5"]["index"]["ef"] == 64
    assert parts["bi"]["index"] is None
    assert parts["rrf"]["kind"] == "fusion"
    assert parts["rrf"]["stages"] == {"fuse": ["bm25", "bi", "two@10"], "method": "rrf", "depth": 15, "k": 10}
    of = {
        name: trec.read_run(tmp_path / f"one/runs/{name}.trec")
        for name in ("bm25", "bi", "two@10", "rrf", "sum")
    }
    direct = fused_runs([of["bm25"], of["bi"], of["two@10"]], Ranks(10).shares).top(15)
    weighted = fused_runs([of["bm25"], of["bi"]], Weighted((1, 3), "min-max").shares).top(15)
    for query in of["rrf"].query_ids:
        assert dict(of["rrf"].results(query)) == pytest.approx(dict(direct.results(query)))
        assert dict(of["sum"].results(query)) == pytest.approx(dict(weighted.results(query)))


def test_a_second_run_builds_nothing_and_says_the_same(
    write: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("faiss", reason="needs the extra 'ann'")
    from harness.search import ann

    first = harness.run(write(MAIN), out=tmp_path / "one", offline=True)
    monkeypatch.setattr(ann, "build", None)
    second = harness.run(write(MAIN), out=tmp_path / "two", offline=True)
    for name in first.pipelines:
        assert first.pipelines[name] == second.pipelines[name]
        run = f"runs/{name}.trec"
        assert (tmp_path / "one" / run).read_bytes() == (tmp_path / "two" / run).read_bytes()


def test_a_plan_counts_encodings_once_and_fusions_not_at_all(write: Callable[[str], Path]) -> None:
    pytest.importorskip("faiss", reason="needs the extra 'ann'")
    made = planning.plan(load_config(write(MAIN)), Silent(), calibrate=False)
    steps = {step.step: step for step in made.steps}
    assert sum(name.startswith("encode documents") for name in steps) == 1
    assert {"rrf", "sum", "hnsw", "two@5"} <= set(steps["encode documents with m"].shared_by)
    assert steps["build hnsw index of m (m 8)"].shared_by == ("hnsw",)
    assert steps["build hnsw index of m (m 32)"].shared_by == ("two@5", "two@10", "rrf")
    alone = planning.plan(load_config(write(MAIN.partition("  rrf")[0])), Silent(), calibrate=False)
    assert made.forward_passes == alone.forward_passes


def test_an_index_brings_the_exact_search_it_is_held_against(write: Callable[[str], Path]) -> None:
    config = load_config(write("  hnsw: {retrieve: m, index: hnsw, depth: 20}\n"))
    steps = steps_for(config)
    assert [type(step) for step in steps] == [Building, Searching, Searching]
    assert len({step.stage for step in steps if isinstance(step, Searching)}) == 2


def test_a_typed_query_is_answered_by_indexes_and_fusions(write: Callable[[str], Path]) -> None:
    pytest.importorskip("faiss", reason="needs the extra 'ann'")
    answers = trying.try_text(load_config(write(MAIN)), "w1 w2 w3", 3, offline=True, progress=Silent())
    by_name: dict[str, Any] = {answer.pipeline: answer.results for answer in answers}
    assert [r["id"] for r in by_name["flat"]] == [r["id"] for r in by_name["bi"]]
    assert len(by_name["rrf"]) == 3


@pytest.mark.parametrize(
    ("pipelines", "line", "message"),
    [
        ("  x: {retrieve: m, index: {hnsw: {m: 1}}}", 7, "greater than or equal to 2"),
        ("  x: {retrieve: m, index: {hnsw: {ef: 64}}, depth: 100}", 7, "ef 64 is below the depth 100"),
        ("  x: {retrieve: m, index: {hnsw: {ef: 64}}}", 7, r"ef 64 is below the depth 1000 \(the default\)"),
        ("  x: {retrieve: m, index: {hnsw: {eff: 64}}}", 7, "unknown key 'eff' .*'ef'"),
        ("  x: {retrieve: m, index: ivf}", 7, "exact, flat, hnsw"),
        ("  x: {retrieve: m, index: 3}", 7, "must be exact, flat, hnsw, or"),
        ("  x: {retrieve: bm25, index: hnsw}", 7, "BM25 has an index of its own"),
        (
            "  x: {rerank: r, candidates: bm25, index: hnsw}",
            7,
            "given are the keys candidates, index, rerank",
        ),
        ("  b: {retrieve: bm25}\n  x: {fuse: [b]}", 8, "1 entries; it needs 2 or more"),
        ("  b: {retrieve: bm25}\n  x: {fuse: [b, b]}", 8, "one is given twice"),
        ("  b: {retrieve: bm25}\n  x: {fuse: [b, bb]}", 8, "unknown pipeline 'bb' .*'b'"),
        ("  b: {retrieve: bm25}\n  x: {fuse: [b, x]}", 8, "takes its results from itself: x ← x"),
        (
            "  b: {retrieve: bm25}\n  s: {retrieve: m, rerank: r, depth: [5, 9]}\n  x: {fuse: [b, s]}",
            9,
            "is a sweep; name one of s@5, s@9",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], k: 0}",
            9,
            "greater than or equal to 1",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], method: weighted, weights: [1, -1]}",
            9,
            "greater than or equal to 0",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], method: weighted, weights: [0, 0]}",
            9,
            "all are 0",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], method: weighted, weights: [1]}",
            9,
            "1 are given for 2 pipelines",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], weights: [1, 1]}",
            9,
            "weights: a setting of 'method: weighted'",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], method: weighted, k: 3}",
            9,
            "k: a setting of 'method: rrf'",
        ),
        (
            "  b: {retrieve: bm25}\n  m: {retrieve: m}\n  x: {fuse: [b, m], method: borda}",
            9,
            "valid are rrf, weighted",
        ),
    ],
)
def test_what_a_config_may_not_say(
    write: Callable[[str], Path], pipelines: str, line: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"config\.yaml:{line}: .*{message}"):
        load_config(write(pipelines + "\n"))
