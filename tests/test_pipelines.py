"""Stages composed, with a one-hot encoder whose answers can be written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from harness.config import Bm25
from harness.datamodel import Document, Query, Run
from harness.datasets.corpus import MemoryCorpus
from harness.errors import DataError, ModelError
from harness.pipelines import (
    Bm25Retriever,
    Collection,
    Everything,
    GivenRun,
    Reranker,
    VectorRetriever,
    retrieve,
    whole_batches,
)

WORDS = ("red", "green", "blue", "tree", "river")
DOCUMENTS = [
    Document("a", "red tree"),
    Document("b", "green tree"),
    Document("c", "blue river"),
    Document("d", "red river red"),
]
QUERIES = [Query("q1", "red"), Query("q2", "tree river")]


class OneHot:
    """Counts of five words."""

    similarity = "dot"

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def encode(self, texts: Sequence[str], role: Any) -> Any:
        self.seen += [(role, text) for text in texts]
        return np.asarray([[text.split().count(word) for word in WORDS] for text in texts], dtype=np.float32)


class Overlap:
    """How many words two texts share, less a little for the document's length."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def score(self, pairs: Sequence[tuple[str, str]]) -> Any:
        self.seen += pairs
        return np.asarray(
            [len({*a.split()} & {*b.split()}) - len(b) / 100 for a, b in pairs], dtype=np.float32
        )


@pytest.fixture
def collection() -> Collection:
    return Collection(MemoryCorpus(DOCUMENTS))


def found(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(run.results(query)) for query in run.query_ids}


def test_vectors_rank_by_similarity_and_ties_by_id(collection: Collection) -> None:
    model = OneHot()
    run = VectorRetriever(model, "one-hot", collection).retrieve(QUERIES, 3)
    assert found(run) == {
        "q1": [("d", 2.0), ("a", 1.0), ("c", 0.0)],
        "q2": [("d", 1.0), ("c", 1.0), ("b", 1.0)],
    }
    assert model.seen == [("query", q.text) for q in QUERIES] + [("document", d.text) for d in DOCUMENTS]


def test_a_model_that_brings_the_corpus_is_not_asked_to_encode_it(collection: Collection) -> None:
    class Brings(OneHot):
        def documents(self, collection: Collection) -> Iterator[Any]:
            yield OneHot().encode([d.text for d in DOCUMENTS[:1]], "document").astype(np.float16)
            yield OneHot().encode([d.text for d in DOCUMENTS[1:]], "document").astype(np.float16)

    model = Brings()
    run = VectorRetriever(model, "brings", collection).retrieve(QUERIES, 3)
    assert found(run) == found(VectorRetriever(OneHot(), "one-hot", collection).retrieve(QUERIES, 3))
    assert {role for role, _ in model.seen} == {"query"}


def test_a_reranker_scores_what_a_retriever_found(collection: Collection) -> None:
    ranker = Overlap()
    reranker = Reranker(ranker, "overlap", collection)
    first = VectorRetriever(OneHot(), "one-hot", collection)
    run = reranker.rerank(QUERIES, first.retrieve(QUERIES, 2))
    assert [d for d, _ in found(run)["q1"]] == ["a", "d"]
    assert sorted(ranker.seen) == sorted(
        [
            ("red", "red river red"),
            ("red", "red tree"),
            ("tree river", "red river red"),
            ("tree river", "blue river"),
        ]
    )


def test_pairs_of_several_runs_are_scored_once(collection: Collection) -> None:
    ranker = Overlap()
    reranker = Reranker(ranker, "overlap", collection)
    deep = VectorRetriever(OneHot(), "one-hot", collection).retrieve(QUERIES, 3)
    other = Run.from_dict({"q1": {"b": 1.0, "d": 2.0}})
    scores = reranker.score(QUERIES, [deep.top(2), deep, other])
    assert len(ranker.seen) == len(set(ranker.seen)) == 7
    assert found(scores.apply(deep.top(2))) == found(reranker.rerank(QUERIES, deep.top(2)))


def test_pairs_that_are_known_are_not_scored_again(collection: Collection) -> None:
    ranker = Overlap()
    reranker = Reranker(ranker, "overlap", collection)
    deep = VectorRetriever(OneHot(), "one-hot", collection).retrieve(QUERIES, 3)
    known = reranker.score(QUERIES, [deep.top(2)])
    both = reranker.score(QUERIES, [deep], known)
    assert len(ranker.seen) == len(set(ranker.seen)) == deep.n_rows
    assert found(both.apply(deep)) == found(Reranker(Overlap(), "overlap", collection).rerank(QUERIES, deep))


def test_candidates_that_are_not_in_the_corpus_are_named(collection: Collection) -> None:
    run = Run.from_dict({"q1": {"a": 2.0, "nowhere": 1.0}})
    reranker = Reranker(Overlap(), "overlap", collection)
    with pytest.raises(
        DataError,
        match=r"1 of the candidates' 2 documents are not .*, such as 'nowhere' \(the corpus holds 'a'",
    ):
        reranker.rerank(QUERIES, run)
    assert [d for d, _ in found(reranker.rerank(QUERIES, run.top(1)))["q1"]] == [
        "a"
    ]  # only what the depth reads must be there


def test_everything_and_given_runs(collection: Collection) -> None:
    assert Everything(collection).retrieve(QUERIES, 1).counts.tolist() == [4, 4]
    given = GivenRun(Run.from_dict({"q2": {"a": 1.0, "b": 2.0}}))
    assert found(given.retrieve(QUERIES, 1)) == {"q1": [], "q2": [("b", 2.0)]}


def test_a_querys_own_document_is_left_out_without_costing_depth(collection: Collection) -> None:
    queries = [Query("d", "red river red")]
    first = VectorRetriever(OneHot(), "one-hot", collection)
    assert [d for d, _ in found(retrieve(first, queries, 2, exclude_self=True))["d"]] == ["a", "c"]
    assert [d for d, _ in found(retrieve(first, queries, 2, exclude_self=False))["d"]] == ["d", "a"]


def test_bm25_finds_only_documents_that_share_a_word(collection: Collection) -> None:
    run = Bm25Retriever(Bm25(), collection).retrieve([*QUERIES, Query("q3", "nothing of it")], 10)
    assert {q: {d for d, _ in results} for q, results in found(run).items()} == {
        "q1": {"a", "d"},
        "q2": {"a", "b", "c", "d"},
        "q3": set(),
    }
    assert run.top(1).notes == run.notes
    assert run.notes[0].startswith("BM25: 1 of 3 queries share no word with any document")


def test_a_value_that_is_no_number_names_model_and_text(collection: Collection) -> None:
    class Broken(OneHot):
        def encode(self, texts: Sequence[str], role: Any) -> Any:
            vectors = super().encode(texts, role)
            vectors[[text == "blue river" for text in texts]] = np.nan
            return vectors

    with pytest.raises(ModelError, match="model 'broken' gave a NaN or infinite value for 'blue river'"):
        VectorRetriever(Broken(), "broken", collection).retrieve(QUERIES, 3)


@pytest.mark.parametrize(
    ("size", "batch", "whole"), [(4096, 16, 4096), (4096, 24, 4080), (1024, 5000, 5000), (1024, 1, 1024)]
)
def test_what_is_cut_up_is_cut_into_whole_batches(size: int, batch: int, whole: int) -> None:
    assert whole_batches(size, batch) == whole
