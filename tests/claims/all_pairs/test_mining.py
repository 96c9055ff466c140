"""All pairs by tiles equal all pairs at once, and sentence-transformers' paraphrase mining."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.claims.all_pairs import mining
from harness.search.exact import SIMILARITIES, normalised
from harness.search.topk import TILE


def brute(
    vectors: Any, similarity: str, threshold: float
) -> tuple[tuple[int, int, float], list[tuple[int, int]]]:
    rows = normalised(vectors) if similarity == "cosine" else vectors
    scores = SIMILARITIES[similarity](rows, rows)
    pairs = list(itertools.combinations(range(len(vectors)), 2))
    ordered = sorted(pairs, key=lambda pair: (-scores[pair], pair))
    best = ordered[0]
    return (*best, float(scores[best])), [pair for pair in ordered if scores[pair] >= threshold]


@pytest.mark.parametrize("similarity", ["cosine", "dot", "euclidean", "manhattan"])
@given(n=st.integers(2, 12), seed=st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_equals_every_pair_one_by_one_ties_included(similarity: str, n: int, seed: int) -> None:
    # Small whole numbers: exact in any order of summation, and full of ties.
    vectors = np.random.default_rng(seed).integers(-1, 2, (n, 3)).astype(np.float32)
    if similarity == "cosine":
        vectors[:, :] = np.where(vectors.any(axis=1, keepdims=True), vectors, 1)
    threshold = {"cosine": 0.5, "dot": 1.0, "euclidean": -1.5, "manhattan": -2.0}[similarity]
    found = mining.mine(vectors, similarity, threshold)
    best, above = brute(vectors, similarity, threshold)
    assert found.best[:2] == best[:2]
    assert found.best[2] == pytest.approx(best[2], abs=1e-6)
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == above


@pytest.mark.parametrize("n", [1023, 1024, 1025, TILE, TILE + 1, TILE + 1500])
def test_the_edges_of_tiles_lose_no_pair_and_count_none_twice(n: int) -> None:
    vectors = np.random.default_rng(n).standard_normal((n, 4)).astype(np.float32)
    found = mining.mine(vectors, "cosine", 0.9995)
    rows = normalised(vectors)
    first, second = np.triu_indices(n, 1)
    scores = np.einsum("ij,ij->i", rows[first], rows[second])
    # Scores within rounding of the threshold may fall on either side.
    assert abs(len(found) - int((scores >= 0.9995).sum())) <= 3
    codes = found.first * n + found.second
    assert len(np.unique(codes)) == len(codes)
    assert (found.first < found.second).all()
    assert found.best[2] == pytest.approx(float(scores.max()), abs=1e-6)
    assert (np.diff(found.scores) <= 0).all()


def test_equals_paraphrase_mining() -> None:
    util = pytest.importorskip("sentence_transformers.util")
    import torch

    vectors = normalised(np.random.default_rng(3).standard_normal((400, 16)).astype(np.float32))
    found = mining.mine(vectors, "cosine", 0.55)
    theirs = util.paraphrase_mining_embeddings(torch.from_numpy(vectors), max_pairs=10**6, top_k=400)
    wanted = {tuple(sorted((i, j))): score for score, i, j in theirs if score >= 0.55}
    assert set(zip(found.first.tolist(), found.second.tolist(), strict=True)) == set(wanted)
    assert len(found) > 100
    assert tuple(sorted(theirs[0][1:])) == found.best[:2]
    assert found.best[2] == pytest.approx(theirs[0][0], abs=1e-6)


def test_scores_of_pairs_in_order_say_the_same_as_a_search() -> None:
    vectors = np.random.default_rng(5).standard_normal((30, 8)).astype(np.float32)
    rows = normalised(vectors)
    first, second = mining.upper(30)
    assert len(first) == mining.n_pairs(30)
    by_scores = mining.from_scores((rows[first] * rows[second]).sum(axis=1), 30, 0.3)
    by_search = mining.mine(vectors, "cosine", 0.3)
    assert by_scores.best[:2] == by_search.best[:2]
    assert by_scores.first.tolist() == by_search.first.tolist()


def test_nothing_above_the_threshold() -> None:
    found = mining.mine(np.eye(3, dtype=np.float32), "cosine", 0.5)
    assert len(found) == 0
    assert found.best == (0, 1, 0.0)


def test_the_published_counts_of_pairs() -> None:
    assert mining.n_pairs(10_000) == 49_995_000
    assert mining.n_pairs(100_000) == 4_999_950_000
