"""Fusion equals its formula, in canonical order; and the overlap of two runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import harness
from harness.datamodel import Run
from harness.errors import DataError
from harness.measures.overlap import overlap
from harness.stages.fuse import Ranks, Weighted, fused_runs

QUERIES = ("q1", "q2", "q3")


def some_run(seed: int, size: int = 6) -> Run:
    rng = np.random.default_rng(seed)
    results = {
        query: {f"d{doc}": float(rng.integers(0, 5)) for doc in rng.permutation(10)[: rng.integers(1, size)]}
        for query in QUERIES
        if query != f"q{seed % 5}"  # some queries find nothing
    }
    return Run.from_dict(results).select(QUERIES)


def direct(
    runs: list[Run], score: Callable[[int, dict[str, float], str], float]
) -> dict[str, list[tuple[str, float]]]:
    """Every document's sum over the runs, best first; of equal scores, the higher id first."""
    fused = {}
    for query in QUERIES:
        total: dict[str, float] = {}
        for i, run in enumerate(runs):
            results = dict(run.results(query))
            for doc in results:
                total[doc] = total.get(doc, 0.0) + score(i, results, doc)
        rounded = {doc: round(value, 9) for doc, value in total.items()}
        fused[query] = sorted(rounded.items(), key=lambda item: (item[1], item[0]), reverse=True)
    return fused


def told(run: Run) -> dict[str, list[tuple[str, float]]]:
    rounded = {query: [(doc, round(score, 9)) for doc, score in run.results(query)] for query in QUERIES}
    return {q: sorted(r, key=lambda item: (item[1], item[0]), reverse=True) for q, r in rounded.items()}


@given(st.lists(st.integers(0, 60), min_size=2, max_size=3), st.sampled_from([1, 60]))
@settings(max_examples=25, deadline=None)
def test_reciprocal_rank_is_the_sum_of_one_over_k_plus_rank(seeds: list[int], k: int) -> None:
    runs = [some_run(seed) for seed in seeds]
    wanted = direct(runs, lambda i, results, doc: 1 / (k + 1 + list(results).index(doc)))
    assert told(fused_runs(runs, Ranks(k).shares)) == wanted


@given(st.tuples(st.integers(0, 60), st.integers(0, 60)), st.sampled_from(["min-max", "none", "rank"]))
@settings(max_examples=30, deadline=None)
def test_weighted_is_the_weighted_sum_of_normalised_scores(seeds: tuple[int, int], how: Any) -> None:
    runs, weights = [some_run(seed) for seed in seeds], [0.3, 0.7]

    def score(i: int, results: dict[str, float], doc: str) -> float:
        values = list(results.values())
        if how == "min-max":
            return weights[i] * (results[doc] - min(values)) / max(max(values) - min(values), 1e-9)
        if how == "rank":
            return weights[i] * (1 - list(results).index(doc) / len(values))
        return weights[i] * results[doc]

    assert told(fused_runs(runs, Weighted(tuple(weights), how).shares)) == direct(runs, score)


def test_canonical_order_and_depth() -> None:
    one = Run.from_dict({"q": {"a": 2.0, "b": 1.0}})
    other = Run.from_dict({"q": {"b": 9.0, "a": 8.0, "c": 7.0}})
    fused = fused_runs([one, other], Ranks(60).shares).top(2)
    assert list(fused.results("q")) == [
        ("b", pytest.approx(1 / 61 + 1 / 62)),
        ("a", pytest.approx(1 / 61 + 1 / 62)),
    ]


def test_documents_of_either_run_and_queries_of_one() -> None:
    one = Run.from_dict({"q": {"a": 1.0}}).select(["q", "r"])
    other = Run.from_dict({"r": {"z": 1.0}}).select(["q", "r"])
    fused = fused_runs([one, other], Ranks(60).shares)
    assert fused.query_ids == ("q", "r")
    assert [doc for q in ("q", "r") for doc, _ in fused.results(q)] == ["a", "z"]


def test_fewer_than_two_runs_or_other_queries() -> None:
    run = some_run(0)
    with pytest.raises(ValueError, match="two runs or more over the same queries"):
        fused_runs([run], Ranks(60).shares)
    with pytest.raises(ValueError, match="over the same queries"):
        fused_runs([run, run.select(["q2"])], Ranks(60).shares)


def test_overlap_is_the_share_of_the_other_s_first_results() -> None:
    exact = Run.from_dict({"q": {"a": 3.0, "b": 2.0, "c": 1.0}, "r": {"a": 1.0}}).select(["q", "r", "s"])
    found = Run.from_dict({"q": {"a": 3.0, "c": 1.0, "d": 0.5}}).select(["q", "r", "s"])
    assert overlap(found, exact, 2).tolist() == [0.5, 0.0, 1.0]
    assert overlap(found, exact, 3).tolist() == pytest.approx([2 / 3, 0.0, 1.0])
    assert overlap(exact, exact, 10).tolist() == [1.0, 1.0, 1.0]


def test_a_run_of_another_collections_documents_is_not_fused(tmp_path: Path) -> None:
    (tmp_path / "docs.tsv").write_text("d1\tred river\nd2\tblue lake\n")
    (tmp_path / "queries.tsv").write_text("q1\triver\n")
    (tmp_path / "qrels.txt").write_text("q1 0 d1 1\n")
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    (tmp_path / "other.trec").write_text("q1 Q0 d2 1 2.0 a\nq1 Q0 MARCO7 2 1.0 a\n")
    config = tmp_path / "config.yaml"
    config.write_text(
        "suite: suite.yaml\nstore: off\npipelines:\n  bm25: {retrieve: bm25}\n  other: {run: other.trec}\n"
        "  both: {fuse: [bm25, other]}\n"
    )
    message = (
        "config.yaml: 'other' is fused, and 1 of its 2 documents are not in the corpus, such as 'MARCO7'"
    )
    with pytest.raises(DataError, match=message):
        harness.run(config, out=tmp_path / "bundle")
