"""A served pipeline against the run that `harness run` makes: the same results, live; exact counters; whole stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.datasets.local import read_queries
from harness.errors import HarnessError, ModelError
from harness.plan.opening import Opening
from harness.plan.serving import NotTimeable
from harness.serving.base import Answer
from harness.serving.starting import Started, start
from harness.timing.clock import MonotonicClock

PIPELINES = """\
  bi: {retrieve: bi, depth: 100}
  bm25: {retrieve: bm25, depth: 100}
  all: {rerank: cross, candidates: all, depth: 50}
  cross: {rerank: cross, candidates: bm25, depth: 20}
  two-stage: {retrieve: bi, rerank: cross, depth: [5, 20]}
"""
NAMES = ["bi", "bm25", "all", "cross", "two-stage@5", "two-stage@20"]


def started(path: Path, pipeline: str, *overrides: str) -> Started:
    opening = Opening(load_config(path, overrides), pipeline, torch.get_num_threads(), offline=True)
    return start(opening.as_json(), MonotonicClock())


def same_results(answer: Answer, run: Any, query: str) -> None:
    """Check ids and scores within 1e-5, and the order outside of near-ties."""
    expected = dict(run.results(query))
    found = answer.results(1000)
    assert len(found) == len(expected)
    for (doc, score), (_, ranked) in zip(found, run.results(query), strict=True):
        assert score == pytest.approx(expected[doc], abs=1e-5)
        assert score == pytest.approx(ranked, abs=1e-5)


def whole(answer: Answer) -> None:
    """Check that the stages are the whole."""
    assert sum(answer.laps.stages_ns.values()) == answer.laps.elapsed_ns > 0
    assert all(spent >= 0 for spent in answer.laps.stages_ns.values())


@pytest.mark.parametrize("overrides", [(), ("store=off",), ("embeddings=fp16",)])
def test_every_pipeline_finds_what_its_run_holds(
    write_config: Callable[[str], Path], tmp_path: Path, collection: Path, overrides: tuple[str, ...]
) -> None:
    path = write_config(PIPELINES)
    bundle = harness.run(path, out=tmp_path / "bundle", overrides=overrides)
    queries = read_queries(collection / "queries.tsv")
    for name in NAMES:
        served = started(path, name, *overrides).served
        run = trec.read_run(bundle.path / f"runs/{name}.trec")
        for query in queries:
            answer = served.query(query.id, [query.text])
            same_results(answer, run, query.id)
            whole(answer)


def test_stages_counters_and_figures_of_each_kind(
    write_config: Callable[[str], Path], collection: Path
) -> None:
    path = write_config(PIPELINES)
    n, dimension = 192, 32
    text = read_queries(collection / "queries.tsv")[
        0
    ].text  # five of the tiny models' words, and two special ones
    seen = {}
    for name in NAMES:
        pipeline = started(path, name)
        answer = pipeline.served.query("q0", [text])
        again = pipeline.served.query("q0", [text])
        assert answer.counters == again.counters
        seen[name] = (list(answer.laps.stages_ns), answer.counters, pipeline)
    stages, work, bi = seen["bi"]
    assert stages == ["tokenise", "encode", "search", "results"]
    assert (work.forward_passes, work.tokens, work.padded_tokens, work.pairs) == (1, 7, 7, 0)
    assert work.bytes_read == bi.details["index_bytes"] == n * dimension * 4
    assert bi.served.kinds == ("query", "document")
    assert bi.details["model_bytes"] > 0
    assert bi.details["load_model_ns"] > 0
    assert bi.details["device"] == "cpu"
    assert bi.status() == {}

    stages, work, bm25 = seen["bm25"]
    assert stages == ["tokenise", "search", "results"]
    assert (work.forward_passes, work.tokens) == (0, 0)
    assert 0 < work.bytes_read < bm25.details["index_bytes"]
    assert bm25.served.kinds == ("query",)

    stages, work, _ = seen["two-stage@5"]
    assert stages == ["tokenise", "encode", "search", "fetch", "rerank", "results"]
    assert (work.pairs, work.forward_passes) == (5, 2)
    stages, work, two = seen["two-stage@20"]
    assert (work.pairs, work.forward_passes) == (20, 3)  # batches of 16
    assert two.served.kinds == ("query", "document", "pair")
    assert two.details["model_bytes"] > bi.details["model_bytes"]

    stages, work, every = seen["all"]
    assert stages == ["search", "fetch", "rerank", "results"]
    assert (work.pairs, work.forward_passes, work.bytes_read) == (n, n // 16, 0)
    assert "index_bytes" not in every.details
    assert seen["cross"][1].pairs == 20


def test_the_index_is_loaded_from_the_store_and_built_only_where_it_is_not_there(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 10}\n  bm25: {retrieve: bm25, depth: 10}\n")
    for name in ("bi", "bm25"):
        own = (f"store={tmp_path / 'store'}",)
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("HARNESS_STORE")
            assert started(path, name, *own).details["build_index_ns"] > 0
            there = started(path, name, *own).details
            assert "build_index_ns" not in there
            assert there["load_index_ns"] > 0
            without = started(path, name, "store=off").details
            assert without["build_index_ns"] > 0
            assert without["index_bytes"] == there["index_bytes"]


def test_batches_go_through_the_pipeline_or_one_of_its_models(
    write_config: Callable[[str], Path], collection: Path
) -> None:
    served = started(write_config(PIPELINES), "two-stage@5").served
    queries = read_queries(collection / "queries.tsv")
    ids, texts = [q.id for q in queries], [[q.text] for q in queries]
    answer = served.batch("query", ids, texts)
    alone = [served.query(q.id, [q.text]) for q in queries]
    assert answer.counters.pairs == sum(one.counters.pairs for one in alone) == 60
    assert answer.counters.tokens == sum(one.counters.tokens for one in alone)
    assert answer.counters.forward_passes < sum(one.counters.forward_passes for one in alone)
    assert answer.results(5)[0][0] == alone[0].results(5)[0][0]
    documents = served.batch("document", ids, texts)
    assert (documents.counters.forward_passes, documents.counters.pairs) == (1, 0)
    pairs = served.batch("pair", ids, [[q.text, "the old river"] for q in queries])
    assert (pairs.counters.pairs, pairs.counters.forward_passes) == (12, 1)
    assert pairs.counters.tokens > documents.counters.tokens
    for one in (answer, documents, pairs):
        whole(one)
    with pytest.raises(HarnessError, match="'pair'; it serves query"):
        started(write_config(PIPELINES), "bm25").served.batch("pair", ["a"], [["b", "c"]])
    with pytest.raises(HarnessError, match="one text, this request 2"):
        served.query("q", ["a", "b"])
    with pytest.raises(HarnessError, match="two texts, this request 1"):
        served.batch("pair", ["q"], [["a"]])


@pytest.mark.parametrize("name", NAMES)
def test_strange_queries_are_answered(write_config: Callable[[str], Path], name: str) -> None:
    served = started(write_config(PIPELINES), name).served
    for text in ["", " \n\t", "nul \0 byte", "漢字 🎈", "river " * 2_000, "xyzzy"]:
        answer = served.query("strange", [text])
        whole(answer)
        assert all(isinstance(score, float) for _, score in answer.results(10))


def test_candidates_that_were_there_before(
    write_config: Callable[[str], Path], collection: Path, tmp_path: Path
) -> None:
    rows = [f"q{q} Q0 d{(q * 5 + i) % 192} {i} {10 - i} x" for q in range(12) for i in range(4)]
    (collection / "given.trec").write_text("\n".join(rows) + "\n")
    path = write_config("  given: {rerank: cross, candidates: given.trec, depth: 3}\n")
    bundle = harness.run(path, out=tmp_path / "bundle")
    run = trec.read_run(bundle.path / "runs/given.trec")
    served = started(path, "given").served
    for query in read_queries(collection / "queries.tsv"):
        answer = served.query(query.id, [query.text])
        same_results(answer, run, query.id)
        assert answer.counters.pairs == 3
    with pytest.raises(HarnessError, match="'new' has no candidates"):
        served.query("new", ["river"])


def test_the_querys_own_document_is_left_out(
    write_config: Callable[[str], Path], collection: Path, tmp_path: Path
) -> None:
    suite = collection / "suite.yaml"
    suite.write_text(suite.read_text().replace("qrels.txt}", "qrels.txt, exclude_self: true}"))
    queries = (collection / "queries.tsv").read_text().replace("q", "d")
    (collection / "queries.tsv").write_text(queries)
    (collection / "qrels.txt").write_text((collection / "qrels.txt").read_text().replace("q", "d"))
    path = write_config(PIPELINES)
    bundle = harness.run(path, out=tmp_path / "bundle")
    for name in NAMES:
        served = started(path, name).served
        run = trec.read_run(bundle.path / f"runs/{name}.trec")
        for query in read_queries(collection / "queries.tsv"):
            answer = served.query(query.id, [query.text])
            same_results(answer, run, query.id)
            assert query.id not in dict(answer.results(1000))


@pytest.mark.parametrize("similarity", ["cosine", "dot", "euclidean", "manhattan"])
def test_every_similarity(
    write_config: Callable[[str], Path], collection: Path, tmp_path: Path, similarity: str
) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 30}\n")
    overrides = (f"models.bi.similarity={similarity}", "models.bi.normalize=false")
    bundle = harness.run(path, out=tmp_path / "bundle", overrides=overrides)
    served = started(path, "bi", *overrides).served
    run = trec.read_run(bundle.path / "runs/bi.trec")
    for query in read_queries(collection / "queries.tsv"):
        same_results(served.query(query.id, [query.text]), run, query.id)


@pytest.mark.parametrize("index", ["flat", "hnsw"])
def test_an_index_by_a_library_is_searched_as_the_whole_sweep_says(
    write_config: Callable[[str], Path], collection: Path, tmp_path: Path, index: str
) -> None:
    pytest.importorskip("faiss", reason="the extra 'ann' (faiss-cpu) is not installed")
    path = write_config(f"  found: {{retrieve: bi, rerank: cross, index: {index}, depth: [5, 90]}}\n")
    bundle = harness.run(path, out=tmp_path / "bundle")
    for name in ("found@5", "found@90"):
        pipeline = started(path, name)
        assert int(pipeline.details["index_bytes"]) >= 192 * 32 * 4
        run = trec.read_run(bundle.path / f"runs/{name}.trec")
        for query in read_queries(collection / "queries.tsv"):
            same_results(pipeline.served.query(query.id, [query.text]), run, query.id)


def test_what_has_no_speed_is_refused(write_config: Callable[[str], Path]) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 5}\n  old: {run: old.trec}\n  both: {fuse: [bi, old]}\n")
    for name in ("old", "both"):
        with pytest.raises(NotTimeable, match=name):
            started(path, name)


def test_sentence_pairs(collection: Path, write_config: Callable[[str], Path], tmp_path: Path) -> None:
    pairs = [
        ("the old river", "the deep river"),
        ("a bird flies", "a fish swims"),
        ("snow", "snow"),
        ("the sea", "a long lake"),
    ]
    lines = [f"{a}\t{b}\t{gold}\n" for gold, (a, b) in enumerate(pairs)]
    (collection / "pairs.tsv").write_text("".join(lines))
    (collection / "suite.yaml").write_text(
        "task: sts\nversion: 1\ndataset: {pairs: pairs.tsv, columns: [sentence1, sentence2, score], header: false, scale: [0, 5]}\n"
        "measures: [spearman, pearson]\nprimary: spearman\n"
    )
    path = write_config("  bi: {score: bi}\n  cross: {score: cross}\n")
    bundle = harness.run(path, out=tmp_path / "bundle")
    frame = bundle.frame("pair_scores")
    for name, stages in (("bi", ["tokenise", "encode", "score"]), ("cross", ["tokenise", "score"])):
        served = started(path, name).served
        rows = frame[frame["pipeline"] == name]
        for row, (a, b) in zip(rows.itertuples(), pairs, strict=True):
            answer = served.query(str(row.pair_id), [a, b])
            assert answer.results(1) == [("score", pytest.approx(row.score, abs=1e-5))]
            assert list(answer.laps.stages_ns) == stages
            assert answer.counters.pairs == (name == "cross")
            whole(answer)
        many = served.batch("query", ["x"] * 4, [list(pair) for pair in pairs])
        assert many.counters.tokens == sum(served.query("x", list(pair)).counters.tokens for pair in pairs)


def test_a_model_that_is_not_there(write_config: Callable[[str], Path], tmp_path: Path) -> None:
    path = write_config(PIPELINES)
    with pytest.raises(ModelError, match="nowhere"):
        started(path, "bi", "models.bi.bi_encoder=./nowhere")
