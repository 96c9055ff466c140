"""The best k of tiles, against sorting everything."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ModelError
from harness.search import exact, topk
from harness.search.topk import TopK, best, id_ranks


def one_shot(scores: np.ndarray, k: int, ranks: np.ndarray) -> list[list[int]]:
    """Sort every row as a whole."""
    return [list(np.lexsort((-ranks, -row))[:k]) for row in scores]


@given(
    seed=st.integers(0, 2**32 - 1),
    n_documents=st.integers(1, 120),
    n_queries=st.integers(1, 4),
    k=st.integers(1, 40),
    levels=st.integers(1, 30),
    tile=st.integers(1, 17),
)
@settings(max_examples=150, deadline=None)
def test_tiles_equal_one_shot_with_ties_at_every_boundary(
    seed: int, n_documents: int, n_queries: int, k: int, levels: int, tile: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(-levels, levels, (n_queries, n_documents)).astype(np.float32) / 4
    scores[scores == 0] = rng.choice([0.0, -0.0], (scores == 0).sum())
    ranks = rng.permutation(n_documents)
    k = min(k, n_documents)
    before, topk.TILE = topk.TILE, tile  # small tiles, so that a few documents make many
    try:
        found = TopK(n_queries, k, ranks)
        for start in range(0, n_documents, tile):
            found.add(slice(0, n_queries), scores[:, start : start + tile], start)
        result = found.result()
    finally:
        topk.TILE = before
    for (positions, values), expected, row in zip(result, one_shot(scores, k, ranks), scores, strict=True):
        assert positions.tolist() == expected
        assert values.tolist() == row[expected].tolist()


def test_a_corpus_in_rising_order_keeps_its_end() -> None:
    """Every tile beats all before it: the buffer overflows each time."""
    n = 3 * topk.TILE + 5
    scores = np.arange(n, dtype=np.float32)[None, :]
    found = TopK(1, 3, np.arange(n))
    for start in range(0, n, topk.TILE):
        found.add(slice(0, 1), scores[:, start : start + topk.TILE], start)
    positions, values = found.result()[0]
    assert positions.tolist() == [n - 1, n - 2, n - 3]
    assert values.tolist() == [n - 1, n - 2, n - 3]


@pytest.mark.parametrize("similarity", ["cosine", "dot", "euclidean", "manhattan"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_search_equals_the_definition(similarity: str, dtype: type) -> None:
    rng = np.random.default_rng(1)
    queries = rng.standard_normal((5, 8)).astype(np.float32)
    documents = rng.standard_normal((300, 8)).astype(dtype)
    ranks = rng.permutation(300)
    blocks = [documents[:7], documents[7:200], documents[200:]]
    a, b = queries.astype(np.float64), documents.astype(np.float64)
    expected = {
        "cosine": (a @ b.T) / np.linalg.norm(a, axis=1)[:, None] / np.linalg.norm(b, axis=1),
        "dot": a @ b.T,
        "euclidean": -np.sqrt(((a[:, None] - b) ** 2).sum(-1)),
        "manhattan": -np.abs(a[:, None] - b).sum(-1),
    }[similarity]
    for row, (positions, scores) in enumerate(exact.search(queries, blocks, similarity, 20, ranks)):
        assert positions.tolist() == np.argsort(-expected[row])[:20].tolist()
        np.testing.assert_allclose(scores, expected[row][positions], rtol=1e-5, atol=1e-6)


def test_more_asked_for_than_there_is() -> None:
    queries = np.eye(2, dtype=np.float32)
    found = exact.search(queries, [np.eye(2, dtype=np.float32)], "dot", 1000, np.arange(2))
    assert [positions.tolist() for positions, _ in found] == [[0, 1], [1, 0]]


def test_vectors_that_would_overflow_are_an_error_not_a_lost_result() -> None:
    huge = np.full((1, 4), 1e30, dtype=np.float32)
    with pytest.raises(ModelError, match="overflow a similarity by dot"):
        exact.search(huge, [huge], "dot", 1, np.arange(1))


def test_ranks_follow_utf8_bytes() -> None:
    ids = ["b", "a", "é", "z", "10", "9"]
    ranks = id_ranks(pa.array(ids))
    assert [ids[i] for i in np.argsort(ranks)] == sorted(ids, key=str.encode)


def test_best_keeps_the_right_one_of_a_tie_at_the_end() -> None:
    assert best(np.asarray([1, 2, 1, 1], dtype=np.float32), 2, np.asarray([0, 1, 3, 2])).tolist() == [1, 2]
