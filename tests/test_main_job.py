"""Every kind of pipeline through `harness.run`, against compositions by hand, on tiny real models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.datamodel import Query, Run
from harness.datasets import trec
from harness.datasets.local import FileCorpus, read_queries
from harness.models import folders
from harness.models.sentence import LoadSettings, SentenceBiEncoder, SentenceCrossEncoder

SETTINGS = LoadSettings(device="cpu", batch_size=16)
PIPELINES = """\
  bi: {retrieve: bi, depth: 100}
  bm25: {retrieve: bm25, depth: 100}
  all: {rerank: cross, candidates: all, depth: 50}
  cross: {rerank: cross, candidates: bm25, depth: 20}
  two-stage: {retrieve: bi, rerank: cross, depth: [5, 20]}
"""


@pytest.fixture
def bundle(write_config: Callable[[str], Path], tmp_path: Path) -> Any:
    return harness.run(write_config(PIPELINES), out=tmp_path / "bundle")


def texts_of(folder: Path) -> dict[str, str]:
    corpus = FileCorpus(folder / "docs.tsv")
    return dict(zip(corpus.contents.ids.to_pylist(), corpus.texts(), strict=True))


def same_order_outside_near_ties(run: Run, query: str, expected: dict[str, float], depth: int) -> None:
    """Check that a query's results are the best of what is expected, in order but for scores within 1e-5."""
    found = list(run.results(query))
    assert len(found) == min(depth, len(expected))
    for doc, score in found:
        assert score == pytest.approx(expected[doc], abs=1e-5)
    ranked = sorted(expected.values(), reverse=True)[: len(found)]
    np.testing.assert_allclose([expected[doc] for doc, _ in found], ranked, atol=1e-5)


def test_bi_encoder_equals_a_brute_force_loop(bundle: Any, collection: Path, tiny_bi_encoder: Path) -> None:
    model = SentenceBiEncoder(folders.find(str(tiny_bi_encoder), collection), SETTINGS)
    texts, queries = texts_of(collection), read_queries(collection / "queries.tsv")
    vectors = model.encode(list(texts.values()), "document")
    run = trec.read_run(bundle.path / "runs/bi.trec")
    for query in queries:
        scores = vectors @ model.encode([query.text], "query")[0]
        same_order_outside_near_ties(run, query.id, dict(zip(texts, scores.tolist(), strict=True)), 100)


def test_cross_encoder_over_all_equals_a_brute_force_loop(
    bundle: Any, collection: Path, tiny_cross_encoder: Path
) -> None:
    model = SentenceCrossEncoder(folders.find(str(tiny_cross_encoder), collection), SETTINGS)
    texts = texts_of(collection)
    run = trec.read_run(bundle.path / "runs/all.trec")
    for query in read_queries(collection / "queries.tsv")[::4]:  # 192 pairs each, one by one
        one_by_one = {doc: float(model.score([(query.text, text)])[0]) for doc, text in texts.items()}
        same_order_outside_near_ties(run, query.id, one_by_one, 50)


@pytest.mark.parametrize(
    ("name", "first", "depth"), [("two-stage@5", "bi", 5), ("two-stage@20", "bi", 20), ("cross", "bm25", 20)]
)
def test_reranking_at_depth_k_equals_reranking_the_first_stage_s_own_top_k(
    bundle: Any, collection: Path, tiny_cross_encoder: Path, name: str, first: str, depth: int
) -> None:
    model = SentenceCrossEncoder(folders.find(str(tiny_cross_encoder), collection), SETTINGS)
    texts = texts_of(collection)
    top = trec.read_run(bundle.path / f"runs/{first}.trec").top(depth)
    run = trec.read_run(bundle.path / f"runs/{name}.trec")
    for query in read_queries(collection / "queries.tsv"):
        docs = [doc for doc, _ in top.results(query.id)]
        scores = model.score([(query.text, texts[doc]) for doc in docs])
        same_order_outside_near_ties(run, query.id, dict(zip(docs, scores.tolist(), strict=True)), depth)


def test_a_pair_is_scored_once_whatever_the_number_of_pipelines(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    bundle = harness.run(write_config(PIPELINES), out=tmp_path / "bundle", overrides=["store=off"])
    work = bundle.content["work"]
    assert work["bi"]["texts"] == 192 + 12  # documents and queries
    assert work["cross"]["texts"] == 192 * 12  # `all` covers every other pipeline's pairs


def test_the_bundle_says_what_it_is(bundle: Any) -> None:
    assert bundle.measures == ("ndcg@10", "mrr@10", "recall@100")
    parts = bundle.content["pipelines"]
    assert {name: part["kind"] for name, part in parts.items()} == {
        "bi": "bi-encoder", "bm25": "bm25", "all": "cross-encoder", "cross": "cross-encoder",
        "two-stage@5": "two-stage", "two-stage@20": "two-stage",
    }  # fmt: skip
    assert parts["two-stage@5"]["measures"]["recall@100"]["limited_by_depth"] == 5
    assert parts["bi"]["measures"]["recall@100"]["limited_by_depth"] is None
    scores = bundle.frame("scores")
    for name in parts:
        for measure in bundle.measures:
            rows = scores[(scores.pipeline == name) & (scores.measure == measure)]
            assert len(rows) == 12 == parts[name]["measures"][measure]["n"]
            assert rows.value.mean() == pytest.approx(bundle.value(name, measure), abs=1e-12)
    assert set(bundle.content["models"]) == {"bi", "cross"}
    assert bundle.content["manifest"]["data_sha256"].keys() == {"queries", "qrels", "corpus"}
    assert bundle.summary.shape == (18, 6)


def test_the_same_config_may_be_run_again_and_another_may_not_take_its_place(
    bundle: Any, write_config: Callable[..., Path]
) -> None:
    again = harness.run(write_config(PIPELINES), out=bundle.path)
    assert again.frame("scores").equals(bundle.frame("scores"))
    with pytest.raises(harness.errors.BundleError, match="another configuration"):
        harness.run(write_config("  bm25: {retrieve: bm25}\n"), out=bundle.path)
    assert harness.load(bundle.path).pipelines.keys() == bundle.pipelines.keys()


def test_texts_can_be_left_out(write_config: Callable[[str], Path], tmp_path: Path) -> None:
    config = write_config("  bm25: {retrieve: bm25, depth: 10}\n")
    without = harness.run(config, out=tmp_path / "without", overrides=["texts=false"])
    assert set(without.frame("queries").text) == {""}
    assert not (without.path / "documents.parquet").exists()


def test_exclude_self_leaves_out_the_query_s_own_document_and_keeps_the_depth(
    collection: Path, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    queries = [Query(f"d{i}", text) for i, text in enumerate(list(texts_of(collection).values())[:12])]
    (collection / "queries.tsv").write_text("".join(f"{q.id}\t{q.text}\n" for q in queries))
    (collection / "qrels.txt").write_text("".join(f"d{i} 0 d{i + 1} 1\n" for i in range(12)))
    suite = collection / "suite.yaml"
    suite.write_text(suite.read_text().replace("qrels: qrels.txt", "qrels: qrels.txt, exclude_self: true"))
    made = harness.run(write_config("  bi: {retrieve: bi, depth: 10}\n"), out=tmp_path / "self")
    run = trec.read_run(made.path / "runs/bi.trec")
    for query in run.query_ids:
        found = [doc for doc, _ in run.results(query)]
        assert len(found) == 10
        assert query not in found
