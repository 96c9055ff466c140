"""FAISS's indexes: flat equals our exact search, HNSW comes near, and both are the same every time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import ModelError, UsageError
from harness.search import ann, exact
from harness.search.ann import AnnIndex, Build
from harness.search.settings import Approximate
from harness.search.topk import TILE
from harness.timing.clock import MonotonicClock
from scripted import VirtualClock

needs_faiss = pytest.mark.skipif(
    __import__("importlib.util").util.find_spec("faiss") is None, reason="needs the extra 'ann' (faiss-cpu)"
)
HNSW = Build(16, 80)


def vectors(n: int, dimension: int = 16, seed: int = 0) -> exact.Matrix:
    return np.random.default_rng(seed).standard_normal((n, dimension)).astype(np.float32)


def built(documents: exact.Matrix, similarity: str, how: Build) -> AnnIndex:
    return ann.build([documents], similarity, how, MonotonicClock())


@needs_faiss
@pytest.mark.parametrize("similarity", ["cosine", "dot", "euclidean"])
def test_flat_equals_exact_search(similarity: str) -> None:
    documents, queries = vectors(700), vectors(20, seed=1)
    ranks = np.random.default_rng(2).permutation(700).astype(np.uint32)
    ours = exact.search(queries, [documents], similarity, 25, ranks)
    theirs = built(documents, similarity, Build()).search(queries, 25, None, ranks)
    for (places, scores), (wanted, best) in zip(theirs, ours, strict=True):
        assert places.tolist() == wanted.tolist()
        assert scores == pytest.approx(best, abs=2e-5)


@needs_faiss
@pytest.mark.parametrize("similarity", ["cosine", "dot", "euclidean"])
def test_hnsw_comes_near_and_nearer_with_a_larger_ef(similarity: str) -> None:
    documents, queries = vectors(3000, 32), vectors(50, 32, seed=1)
    ranks = np.arange(3000, dtype=np.uint32)
    wanted = [set(places.tolist()) for places, _ in exact.search(queries, [documents], similarity, 10, ranks)]
    index = built(documents, similarity, HNSW)

    def recall(ef: int) -> float:
        found = index.search(queries, 10, ef, ranks)
        return float(
            np.mean([len(set(p.tolist()) & w) / 10 for (p, _), w in zip(found, wanted, strict=True)])
        )

    assert recall(10) < recall(400)
    assert recall(400) > 0.97


@needs_faiss
def test_ties_come_in_canonical_order_even_at_rank_zero() -> None:
    documents = np.repeat(vectors(1), 5, axis=0)
    ranks = np.asarray([3, 0, 4, 1, 2], dtype=np.uint32)
    ((places, _),) = built(documents, "cosine", Build()).search(vectors(1), 5, None, ranks)
    assert places.tolist() == [2, 0, 4, 3, 1]


@needs_faiss
def test_the_same_graph_however_the_vectors_come(tmp_path: Path) -> None:
    documents = vectors(TILE + 900, 8)
    ways = {"one": [documents], "parts": [documents[:1000], documents[1000:4500], documents[4500:]]}
    content = {}
    for name, blocks in ways.items():
        folder = tmp_path / name
        folder.mkdir()
        ann.build(blocks, "cosine", HNSW, VirtualClock()).save(folder)
        content[name] = (folder / "index.faiss").read_bytes()
    assert content["one"] == content["parts"]


@needs_faiss
def test_saved_and_loaded_it_answers_the_same(tmp_path: Path) -> None:
    index, queries, ranks = built(vectors(300), "euclidean", HNSW), vectors(5, seed=1), np.arange(300)
    index.save(tmp_path)
    again = AnnIndex.load(tmp_path)
    assert again.facts == index.facts == ann.facts_of(tmp_path)
    for one, other in zip(
        index.search(queries, 7, 64, ranks), again.search(queries, 7, 64, ranks), strict=True
    ):
        assert one[0].tolist() == other[0].tolist()
        assert one[1].tolist() == other[1].tolist()


@needs_faiss
def test_the_bytes_told_are_those_of_the_file_but_for_its_head(tmp_path: Path) -> None:
    for name, how in (("flat", Build()), ("hnsw", HNSW)):
        (tmp_path / name).mkdir()
        index = built(vectors(1000), "cosine", how)
        index.save(tmp_path / name)
        size = (tmp_path / name / "index.faiss").stat().st_size
        assert index.facts.n_bytes == pytest.approx(size, rel=0.02)


@needs_faiss
def test_more_are_asked_for_than_there_are() -> None:
    ((places, scores),) = built(vectors(5), "cosine", HNSW).search(vectors(1), 50, 10, np.arange(5))
    assert sorted(places.tolist()) == [0, 1, 2, 3, 4]
    assert (np.diff(scores) <= 0).all()


@needs_faiss
def test_what_cannot_be_built_or_searched() -> None:
    with pytest.raises(ModelError, match="this model by manhattan"):
        built(vectors(5), "manhattan", Build())
    with pytest.raises(ModelError, match="no vectors"):
        ann.build([], "cosine", Build(), VirtualClock())
    with pytest.raises(ModelError, match="queries of 8 dimensions, documents of 16"):
        built(vectors(5), "cosine", Build()).search(vectors(1, 8), 2, None, np.arange(5))
    with pytest.raises(ModelError, match="overflow"):
        built(vectors(5) * np.float32(1e30), "dot", Build()).search(vectors(1) * 1e10, 2, None, np.arange(5))


def test_without_faiss_one_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(
        UsageError, match="need FAISS, which is not installed: 'python -m pip install faiss-cpu'"
    ):
        ann.build([vectors(3)], "cosine", Build(), VirtualClock())


def test_what_a_bundle_says() -> None:
    assert Approximate(Build()).as_dict() == {"kind": "flat"}
    told: dict[str, Any] = Approximate(Build(32, 200), 64).as_dict()
    assert told == {"kind": "hnsw", "m": 32, "ef": 64, "ef_construction": 200}


@needs_faiss
@pytest.mark.long
def test_hnsw_at_its_default_finds_what_exact_search_finds_on_vaswani(
    real_data: Path, minilm: str, tmp_path: Path
) -> None:
    import harness

    folder = real_data / "vaswani"
    (tmp_path / "suite.yaml").write_text(
        f"task: retrieval\nversion: 1\ndataset: {{docs: {folder}/docs.tsv, queries: {folder}/queries.tsv, "
        f"qrels: {folder}/qrels.txt}}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    (tmp_path / "config.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nmodels: {{m: {{bi_encoder: {minilm}}}}}\npipelines:\n"
        "  exact: {retrieve: m, depth: 10}\n  flat: {retrieve: m, index: flat, depth: 10}\n"
        "  hnsw: {retrieve: m, index: hnsw, depth: 10}\n"
    )
    bundle = harness.run(tmp_path / "config.yaml", out=tmp_path / "bundle", offline=True)
    overlap = {
        name: bundle.content["pipelines"][name]["index"]["overlap"]["overlap@10"] for name in ("flat", "hnsw")
    }
    assert overlap["flat"]["value"] >= 0.999
    assert overlap["hnsw"]["value"] >= 0.95
    assert bundle.value("exact", "ndcg@10") == pytest.approx(0.43351, abs=2e-4)
    assert bundle.value("hnsw", "ndcg@10") == pytest.approx(bundle.value("exact", "ndcg@10"), abs=0.01)
