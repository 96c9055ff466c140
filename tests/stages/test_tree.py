"""Pipelines that compose: what names mean, what is shared, what comes out, and what a config may not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.errors import ConfigError
from harness.plan import planning
from harness.progress import Silent
from harness.stages import Take, steps_of, users_of
from harness.stages.fuse import Fuse, Ranks, fused_runs
from harness.stages.rerank import Rerank, Scoring
from harness.stages.searching import Searching
from harness.stages.vectors import Vectors
from harness.stages.words import Words

Write = Callable[[str], Path]

COMPOSED = """\
  bm25: {retrieve: bm25, depth: 30}
  bi: {retrieve: enc, depth: 30}
  hybrid: {fuse: [bm25, bi], depth: 40}
  hybrid-rank: {retrieve: hybrid, rerank: rank, depth: [5, 20]}
  three: {retrieve: hybrid-rank@20, rerank: big, depth: 8}
  over: {rerank: big, candidates: hybrid, depth: 4}
  few: {retrieve: hybrid, depth: 3}
  models: {fuse: [enc, hybrid], depth: 10}
"""


def results(folder: Path, name: str) -> dict[str, list[tuple[str, float]]]:
    run = trec.read_run(folder / "runs" / f"{name}.trec")
    return {query: list(run.results(query)) for query in run.query_ids}


def test_a_model_under_retrieve_and_a_pipeline_under_fuse(write: Write) -> None:
    path = write("  enc: {retrieve: bm25, depth: 5}\n  two: {retrieve: enc, rerank: rank, depth: 3}\n"
                 "  both: {fuse: [enc, bm25], depth: 7}\n")  # fmt: skip
    pipelines = load_config(path).pipelines
    two, both = pipelines["two"].stage, pipelines["both"].stage
    assert two == Rerank("rank", Take(Vectors("enc"), 3), "retrieve")
    assert both == Fuse((Take(Words("bm25"), 5, "enc"), Take(Words("bm25"), 7)), Ranks(60))


def test_a_composed_config_equals_its_parts_done_by_hand(write: Write, tmp_path: Path) -> None:
    bundle = harness.run(write(COMPOSED), out=tmp_path / "out", offline=True)
    import stage_models

    texts = dict(line.split("\t") for line in (tmp_path / "docs.tsv").read_text().splitlines())
    queries = dict(line.split("\t") for line in (tmp_path / "queries.tsv").read_text().splitlines())

    def reranked(first: str, depth: int, salt: str, found: dict[str, Any]) -> None:
        for query, kept in results(tmp_path / "out", first).items():
            ranker = stage_models.Ranker(salt)
            docs = [doc for doc, _ in kept[:depth]]
            scores = ranker.score([(queries[query], texts[doc]) for doc in docs])
            by_hand = sorted(zip(scores.tolist(), docs, strict=True), reverse=True)
            assert [(doc, score) for score, doc in by_hand] == found[query]

    runs = {name: trec.read_run(tmp_path / f"out/runs/{name}.trec") for name in ("bm25", "bi", "hybrid")}
    by_hand = fused_runs([runs["bm25"], runs["bi"]], Ranks(60).shares).top(40)
    for query in by_hand.query_ids:
        assert list(runs["hybrid"].results(query)) == list(by_hand.results(query))
    reranked("hybrid", 5, "", results(tmp_path / "out", "hybrid-rank@5"))
    reranked("hybrid", 20, "", results(tmp_path / "out", "hybrid-rank@20"))
    reranked("hybrid-rank@20", 8, "big", results(tmp_path / "out", "three"))
    reranked("hybrid", 4, "big", results(tmp_path / "out", "over"))
    assert results(tmp_path / "out", "few") == {
        q: r[:3] for q, r in results(tmp_path / "out", "hybrid").items()
    }
    parts = bundle.content["pipelines"]
    assert parts["three"]["first_stage"] == {
        "source": "hybrid-rank@20", "depth": 8, "run": "runs/hybrid-rank@20.trec",
    }  # fmt: skip
    assert (parts["three"]["kind"], parts["over"]["kind"], parts["few"]["kind"]) == (
        "two-stage", "cross-encoder", "cut",
    )  # fmt: skip
    assert not (tmp_path / "out/runs/first-stage").exists()
    assert [row[1] for row in _summary(bundle).rows][3:7] == [
        "hybrid → rank, depth 5", "hybrid → rank, depth 20", "hybrid-rank@20 → big, depth 8", "big over hybrid, depth 4",
    ]  # fmt: skip


def _summary(bundle: Any) -> Any:
    from harness.report.printed.summary import summary_table

    return summary_table(bundle)


@pytest.mark.parametrize("store", ["on", "off"])
def test_each_text_is_encoded_and_each_pair_scored_once(write: Write, tmp_path: Path, store: str) -> None:
    overrides = ["store=off"] if store == "off" else []
    again = "  again: {retrieve: three, rerank: rank, depth: 6}\n  more: {retrieve: over, rerank: rank, depth: 3}\n"
    harness.run(write(COMPOSED + again), out=tmp_path / "out", offline=True, overrides=overrides)
    import stage_models

    pairs = [call for call in stage_models.CALLS if call[0] != "encode"]
    assert len(pairs) == len(set(pairs))
    encoded = [
        n for kind, role, n in (c for c in stage_models.CALLS if c[0] == "encode") if role == "document"
    ]
    assert sum(encoded) == 60


def test_steps_are_merged_and_wait_for_what_they_build_on(write: Write) -> None:
    path = write(
        COMPOSED + "  a: {retrieve: three, rerank: rank, depth: 2}\n  deeper: {retrieve: enc, depth: 50}\n"
    )
    steps = steps_of(load_config(path).pipelines.values())
    assert [(type(step).__name__, *step.models, step.wave) for step in steps] == [
        ("Searching", 0), ("Searching", "enc", 0), ("Scoring", "rank", 0), ("Scoring", "big", 0),
        ("Scoring", "big", 1), ("Scoring", "rank", 2),
    ]  # fmt: skip
    assert [step.depth for step in steps if isinstance(step, Searching)] == [30, 50]
    (first,) = [
        step for step in steps if isinstance(step, Scoring) and step.shared == (Scoring, "rank", 0, None)
    ]
    assert [take.depth for take in first.takes.values()] == [20]
    users = users_of(load_config(path).pipelines.values())
    assert users[Words("bm25")] == (
        "bm25", "hybrid", "hybrid-rank@5", "hybrid-rank@20", "three", "over", "few", "models", "a",
    )  # fmt: skip
    assert users[Scoring, "big", 1, None] == ("three", "a")


def test_a_plan_counts_the_union_and_knows_what_a_run_left(write: Write, tmp_path: Path) -> None:
    config = load_config(write(COMPOSED))
    before = {step.step: step for step in planning.plan(config, Silent(), calibrate=False).steps}
    assert before["score pairs with rank"].at_most
    assert before["score pairs with rank"].total == 6 * 20
    bundle = harness.run(config.file.path, out=tmp_path / "out", offline=True)
    after = planning.plan(config, Silent(), calibrate=False)
    assert after.forward_passes == 0
    assert not any(step.at_most for step in after.steps)
    import stage_models

    scored = {"rank": "", "big": "big"}
    for model, salt in scored.items():
        pairs = {call for call in stage_models.CALLS if call[0] == salt and len(call) == 3}
        planned = [step for step in after.steps if step.step.startswith(f"score pairs with {model}")]
        assert sum(step.stored for step in planned) >= len(pairs)
    assert bundle.value("few", "ndcg@10") >= 0


@pytest.mark.parametrize(
    ("pipelines", "line", "message"),
    [
        ("  a: {retrieve: b, rerank: rank}\n  b: {retrieve: a, rerank: rank}", 9, "'a' takes its results from itself: a ← b ← a"),
        ("  a: {fuse: [bm25, b]}\n  b: {fuse: [a, enc]}", 9, "'a' takes its results from itself: a ← b ← a"),
        ("  a: {retrieve: a2, rerank: rank}", 8, "unknown model 'a2'"),
        ("  s: {retrieve: enc, rerank: rank, depth: [5, 9]}\n  a: {retrieve: s, rerank: big}", 9, "'s' is a sweep; name one of s@5, s@9"),
        ("  s: {retrieve: enc, depth: 5}\n  a: {retrieve: s, rerank: big, depth: 9}", 9, "depth 9 is more than the 5 results of 's'"),
        ("  s: {retrieve: enc, depth: 5}\n  a: {retrieve: s, rerank: big, depth: [3, 9]}", 9, "depth 9 is more than the 5"),
        ("  s: {retrieve: enc, depth: 5}\n  a: {retrieve: s, depth: 9}", 9, "depth 9 is more than the 5 results"),
        ("  s: {fuse: [bm25, enc]}\n  a: {retrieve: s, index: hnsw, rerank: big}", 9, "'s' is a pipeline: leave it out"),
        ("  s: {score: enc}\n  a: {retrieve: s, rerank: big}", 9, "'s' searches nothing"),
        ("  a: {fuse: [bm25, rank]}", 8, "unknown pipeline 'rank'"),
        ("  a: {rerank: rank, candidates: big}", 8, "candidates takes a bi-encoder, sparse encoder, late-interaction model or BM25, and 'big' is a cross-encoder"),
        ("  a: {rerank: rank, candidates: all, depth: [1, 2]}", 8, "candidates: all has no depths to sweep over"),
        ("  a: [1]", 8, "must be a mapping of keys to values, such as"),
        ("  a: {depth: 3}", 8, "given are the keys depth; a pipeline is one of: retrieve; retrieve and rerank"),
        ("  a: {retrieve: bm25, depth: [3, 4]}", 8, "this pipeline has none"),
        ("  a: {retreive: bm25}", 8, "unknown key 'retreive' .*did you mean 'retrieve'"),
    ],
)  # fmt: skip
def test_what_a_config_may_not_say(write: Write, pipelines: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"config\.yaml:{line}: .*{message}"):
        load_config(write(pipelines + "\n"))


def test_a_default_depth_is_what_there_is(write: Write) -> None:
    path = write("  s: {retrieve: enc, depth: 5}\n  a: {retrieve: s, rerank: rank}\n  b: {retrieve: s}\n")
    pipelines = load_config(path).pipelines
    assert (pipelines["a"].root.depth, pipelines["b"].root.depth) == (5, 5)


def test_a_run_file_is_reranked_and_fused(write: Write, tmp_path: Path) -> None:
    path = write("  old: {run: old.trec}\n  a: {retrieve: old, rerank: rank, depth: 4}\n"
                 "  b: {fuse: [old, a], depth: 9}\n")  # fmt: skip
    harness.run(path, out=tmp_path / "out", offline=True)
    old, a = (results(tmp_path / "out", name) for name in ("old", "a"))
    assert all({d for d, _ in a[q]} == {d for d, _ in old[q][:4]} for q in old)
    assert all(len(rows) == 9 for rows in results(tmp_path / "out", "b").values())


def test_the_loss_of_a_stage_is_split_from_what_it_was_given(write: Write, tmp_path: Path) -> None:
    from harness.compare.losses import loss_splits

    bundle = harness.run(write(COMPOSED), out=tmp_path / "out", offline=True)
    (split,) = loss_splits(bundle, "three", "ndcg@10")
    assert split.depth == 8
    assert np.isclose(split.missed + split.misordered, split.ideal - split.value)
