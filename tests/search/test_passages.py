"""Documents in passages: how they are cut, whose scores count, and every form of embeddings against plain loops."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.sparse import csr_array

from harness.errors import ModelError
from harness.models.answers import DENSE, SPARSE, TOKENS
from harness.search import passages
from harness.search.late import TokenVectors
from harness.search.passages import PassageIndex, Passages, reduced
from harness.search.topk import TILE

COUNTS = np.array([1, 3, 1, 5, 2, 4, 1, 1, 7])


@pytest.mark.parametrize(
    ("n", "windows"),
    [
        (0, [(0, 0)]),
        (1, [(0, 1)]),
        (10, [(0, 10)]),
        (11, [(0, 10), (4, 11)]),
        (14, [(0, 10), (4, 14)]),
        (15, [(0, 10), (4, 14), (8, 15)]),
    ],
)
def test_windows_reach_the_end_and_no_further(n: int, windows: list[tuple[int, int]]) -> None:
    assert Passages(tokens=10, stride=4).windows(n) == windows


def test_the_usual_stride_is_half_and_nothing_may_lie_between() -> None:
    assert Passages(tokens=7).as_dict() == {"tokens": 7, "stride": 4, "score": "max"}
    assert Passages(tokens=3, stride=3).windows(7) == [(0, 3), (3, 6), (6, 7)]
    with pytest.raises(ValidationError, match="stride 8 is above tokens 7: what lies between two passages"):
        Passages(tokens=7, stride=8)


@pytest.mark.parametrize("score", ["max", "first", "mean-top-3"])
def test_scores_of_documents_are_those_of_a_plain_loop(score: Any) -> None:
    scores = np.random.default_rng(0).standard_normal((4, COUNTS.sum())).astype(np.float32)
    expected = np.zeros((4, len(COUNTS)))
    for i, (count, end) in enumerate(zip(COUNTS, accumulate(COUNTS), strict=True)):
        for query in range(4):
            own = sorted(scores[query, end - count : end], reverse=True)
            firsts = {"max": own[0], "first": scores[query, end - count]}
            expected[query, i] = firsts.get(score, np.mean(own[:3]))
    np.testing.assert_allclose(reduced(scores, COUNTS, score), expected, rtol=1e-6)
    np.testing.assert_allclose(reduced(scores[0], COUNTS, score), expected[0], rtol=1e-6)
    assert reduced(np.zeros((4, 0)), np.zeros(0, dtype=np.int64), score).shape == (4, 0)


def forms(n: int, seed: int = 1) -> dict[str, tuple[Any, Any, str]]:
    """Some texts' embeddings in every form, with a similarity."""
    draw = np.random.default_rng(seed)
    dense = draw.standard_normal((n, 6)).astype(np.float32)
    few = np.where(draw.random((n, 30)) < 0.2, draw.random((n, 30)), 0).astype(np.float32)
    counts = draw.integers(1, 5, n)
    tokens = TokenVectors(draw.standard_normal((counts.sum(), 6)).astype(np.float32), counts)
    return {
        "cosine": (DENSE, dense, "cosine"),
        "half": (DENSE, dense.astype(np.float16), "dot"),
        "euclidean": (DENSE, dense, "euclidean"),
        "sparse": (SPARSE, csr_array(few), "dot"),
        "sparse-cosine": (SPARSE, csr_array(few), "cosine"),
        "late": (TOKENS, tokens, "maxsim"),
        "mean": (TOKENS, tokens, "meanmaxsim"),
    }


@pytest.mark.parametrize("name", list(forms(1)))
@pytest.mark.parametrize("size", [1, 2, 6, 100])
def test_whatever_the_blocks_a_search_finds_what_the_forms_own_search_of_single_passages_says(
    name: str, size: int
) -> None:
    form, vectors, similarity = forms(COUNTS.sum())[name]
    queries = forms(5, seed=2)[name][1]
    n = int(COUNTS.sum())
    each = np.zeros((5, n), dtype=np.float32)
    for query, (places, scores) in enumerate(form.search(queries, [vectors], similarity, n, np.arange(n))):
        each[query, places] = scores
    expected = reduced(each, COUNTS, "max")
    blocks = [vectors[low : low + size] for low in range(0, n, size)]
    ranks = np.arange(len(COUNTS))
    index = PassageIndex(form, blocks, COUNTS, "max", similarity, ranks)
    streamed = passages.search(form, queries, blocks, COUNTS, "max", similarity, 4, ranks)
    for found in (streamed, index.search(queries, 4)):
        for row, (places, scores) in zip(expected, found, strict=True):
            best = np.argsort(-row)[:4]
            best = best[row[best] != 0] if form.shares else best
            assert places.tolist() == best.tolist()
            np.testing.assert_allclose(scores, row[best], atol=1e-5)
    assert index.nbytes == form.sizes(vectors)["index_bytes"]
    assert index.bytes_read == (0 if form is SPARSE else index.nbytes)


def test_tiles_hold_whole_documents_also_those_longer_than_a_tile() -> None:
    counts = np.array([3, TILE + 5, 2, TILE - 4, 4, 4])
    vectors = np.arange(counts.sum(), dtype=np.float32)[:, None]
    blocks = [vectors[low : low + 1000] for low in range(0, len(vectors), 1000)]
    tiles = list(passages.whole(blocks, counts, DENSE))
    np.testing.assert_array_equal(np.concatenate([tile for tile, _ in tiles]), vectors)
    np.testing.assert_array_equal(np.concatenate([own for _, own in tiles]), counts)
    assert all(len(tile) == own.sum() and (len(own) == 1 or len(tile) <= TILE) for tile, own in tiles)


def test_a_product_that_overflows_is_told() -> None:
    long = np.full((3, 4), 1e30, dtype=np.float32)
    with pytest.raises(ModelError, match="overflow a similarity by dot"), np.errstate(over="ignore"):
        passages.search(DENSE, long, [long], np.array([1, 2]), "max", "dot", 1, np.arange(2))
