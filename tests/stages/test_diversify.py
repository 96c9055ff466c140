"""Maximal marginal relevance: its formula, its laws, in a run and served; and what a config may not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.errors import ConfigError
from harness.plan import planning
from harness.plan.opening import Opening
from harness.progress import Silent
from harness.serving.starting import start
from harness.stages.diversify import marginal
from harness.timing.clock import MonotonicClock

Write = Callable[[str], Path]


def by_hand(scores: list[float], vectors: np.ndarray, share: float) -> list[tuple[int, float]]:
    """The formula, one result after the other; of equal values the later one, as ids rise."""
    low, high = min(scores), max(scores)
    relevance = [(score - low) / max(high - low, 1e-9) for score in scores]
    lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)
    cosines = vectors @ vectors.T / np.outer(lengths, lengths)
    chosen: list[tuple[int, float]] = []
    while len(chosen) < len(scores):
        taken = [i for i, _ in chosen]
        values = {
            i: share * relevance[i] - (1 - share) * max([0.0, *(cosines[i, j] for j in taken)])
            for i in range(len(scores))
            if i not in taken
        }
        best = max(values, key=lambda i: (round(values[i], 9), i))
        chosen.append((best, values[best]))
    return chosen


@given(st.integers(1, 9), st.integers(0, 1000), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_the_order_is_the_formulas_and_its_values_fall(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    scores, vectors = rng.integers(0, 4, n).astype(float), rng.standard_normal((n, 3)).astype(np.float32)
    order, values = marginal(scores, vectors, share, np.arange(n))
    wanted = by_hand(scores.tolist(), vectors.astype(np.float64), share)
    assert values == pytest.approx([value for _, value in wanted], abs=1e-5)
    assert (np.diff(values) <= 1e-12).all()
    assert sorted(order.tolist()) == list(range(n))


def test_relevance_alone_keeps_the_order_and_a_copy_goes_last() -> None:
    scores = np.asarray([3.0, 2.9, 1.0])
    vectors = np.asarray([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert marginal(scores, vectors, 1.0, np.arange(3))[0].tolist() == [0, 1, 2]
    assert marginal(scores, vectors, 0.5, np.arange(3))[0].tolist() == [0, 2, 1]
    assert marginal(scores[:0], vectors[:0], 0.5, np.arange(0))[0].tolist() == []


PIPELINES = """\
  bi: {retrieve: enc, depth: 20}
  hybrid: {fuse: [bm25, bi], depth: 30}
  wide: {retrieve: enc, diversify: enc, depth: [5, 15]}
  mixed: {retrieve: hybrid, diversify: enc, relevance: 0.8, depth: 12}
  last: {retrieve: mixed, rerank: rank, depth: 6}
"""


def test_in_a_run_and_served(write: Write, tmp_path: Path) -> None:
    path = write(PIPELINES)
    bundle = harness.run(path, out=tmp_path / "out", offline=True)
    runs = {name: trec.read_run(tmp_path / f"out/runs/{name}.trec") for name in bundle.pipelines}
    import stage_models

    texts = dict(line.split("\t") for line in (tmp_path / "docs.tsv").read_text().splitlines())
    for query in runs["bi"].query_ids:
        kept = sorted(list(runs["bi"].results(query))[:15])  # by id, as ties are broken
        vectors = stage_models.Encoder().encode([texts[doc] for doc, _ in kept], "document")
        order, values = marginal(np.asarray([s for _, s in kept]), vectors, 0.5, np.arange(15))
        wanted = [(kept[i][0], value) for i, value in zip(order, values, strict=True)]
        found = list(runs["wide@15"].results(query))
        assert [doc for doc, _ in found] == [doc for doc, _ in wanted]
        assert [score for _, score in found] == pytest.approx([score for _, score in wanted], abs=1e-6)
    part = bundle.pipelines["mixed"]
    assert part.stages == {"retrieve": "hybrid", "diversify": "enc", "relevance": 0.8, "depth": 12}
    assert part.first_stage is not None
    assert (part.kind, part.first_stage.run) == ("diversified", "runs/hybrid.trec")
    queries = dict(line.split("\t") for line in (tmp_path / "queries.tsv").read_text().splitlines())
    for name in ("wide@15", "mixed", "last"):
        served = start(Opening(load_config(path), name, 1, offline=True).as_json(), MonotonicClock()).served
        for query, text in queries.items():
            answer = served.query(query, [text])
            assert answer.results(100) == [
                (doc, pytest.approx(score, abs=1e-5)) for doc, score in runs[name].results(query)
            ]
            assert sum(answer.laps.stages_ns.values()) == answer.laps.elapsed_ns
    assert list(answer.laps.stages_ns) == [
        "bm25: tokenise", "bm25: search", "bi: encode", "bi: search", "hybrid: fuse", "mixed: diversify", "fetch",
        "rerank", "results",
    ]  # fmt: skip


def test_it_costs_no_encoding_beyond_the_searchs(write: Write) -> None:
    made = planning.plan(load_config(write(PIPELINES)), Silent(), calibrate=False)
    documents = [step for step in made.steps if step.step == "encode documents with enc"]
    assert [step.total for step in documents] == [60]
    assert set(documents[0].shared_by) == {"bi", "hybrid", "wide@5", "wide@15", "mixed", "last"}


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("{retrieve: enc, diversify: rank}", "diversify takes a bi-encoder, and 'rank' is a cross-encoder"),
        ("{retrieve: enc, diversify: enc, relevance: 1.5}", "less than or equal to 1"),
        ("{diversify: enc, candidates: all}", "in no order to begin with"),
        ("{diversify: enc}", "given are the keys diversify; .*retrieve and diversify"),
        ("{retrieve: enc, rerank: rank, relevance: 0.5}", "given are the keys relevance, rerank, retrieve"),
    ],
)
def test_what_a_config_may_not_say(write: Write, pipeline: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"config\.yaml:8: .*{message}"):
        load_config(write(f"  a: {pipeline}\n"))
