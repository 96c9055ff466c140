"""Samples of a large collection: all judged documents and some others, whatever the collection's order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.datamodel import Document
from harness.datasets.corpus import MemoryCorpus
from harness.datasets.sample import Sample, SampledCorpus, choose
from harness.errors import DataError

_IDS = [f"d{i}" for i in range(200)]


def _chosen(ids: list[str], judged: list[str], n: int, seed: int = 0) -> set[str]:
    column = pa.chunked_array([ids[:70], ids[70:]], pa.string())
    kept = choose(column, pa.array(judged, pa.string()), Sample(distractors=n, seed=seed), "suite x")
    assert kept.tolist() == sorted(set(kept.tolist()))
    return {ids[position] for position in kept}


@settings(deadline=None)
@given(order=st.permutations(_IDS), n=st.integers(0, 197), seed=st.integers(0, 3))
def test_the_choice_does_not_depend_on_order(order: list[str], n: int, seed: int) -> None:
    judged = ["d5", "d17", "d199"]
    chosen = _chosen(order, judged, n, seed)
    assert chosen == _chosen(_IDS, judged, n, seed)
    assert set(judged) <= chosen
    assert len(chosen) == n + 3


def test_a_smaller_sample_is_part_of_a_larger_one_and_the_seed_matters() -> None:
    assert _chosen(_IDS, ["d1"], 20) < _chosen(_IDS, ["d1"], 50)
    assert _chosen(_IDS, ["d1"], 50, seed=1) != _chosen(_IDS, ["d1"], 50, seed=2)


def test_the_choice_is_the_same_on_every_machine() -> None:
    assert _chosen(_IDS, [], 3) == {"d173", "d174", "d188"}


def test_a_sample_larger_than_the_collection_is_an_error() -> None:
    assert len(_chosen(_IDS, ["d1"], 199)) == 200
    with pytest.raises(
        DataError, match="suite x: sample asks for 200 distractors, and of its 200 documents only 199"
    ):
        _chosen(_IDS, ["d1"], 200)


def test_only_the_documents_kept_are_read() -> None:
    whole = MemoryCorpus(Document(doc_id, f"text {doc_id}") for doc_id in _IDS)
    sampled = SampledCorpus(whole, np.asarray([3, 70, 199]), "sample")
    assert sampled.contents.ids.to_pylist() == ["d3", "d70", "d199"]
    assert list(sampled.texts()) == ["text d3", "text d70", "text d199"] == sampled.fetch([0, 1, 2])
    assert sampled.fetch([2, 0]) == ["text d199", "text d3"]
    same = MemoryCorpus(Document(doc_id, f"text {doc_id}") for doc_id in ("d3", "d70", "d199"))
    assert sampled.contents.sha256 == same.contents.sha256
