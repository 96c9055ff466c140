"""The canonical order and what a run refuses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.datamodel import Qrels, Run
from harness.errors import DataError

IDS = st.text(st.characters(blacklist_categories=["Cs", "Z", "C"]), min_size=1, max_size=4)
RUNS = st.dictionaries(
    IDS,
    st.dictionaries(IDS, st.sampled_from([0.0, 0.5, 1.0, -1.0, 1e-9]), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
)


def rows(run: Run) -> list[tuple[str, str, float]]:
    return [(query, doc, score) for query in run.query_ids for doc, score in run.results(query)]


@given(RUNS)
def test_order_is_score_then_id_by_utf8_bytes_both_descending(results: dict[str, dict[str, float]]) -> None:
    expected = [
        (query, doc, score)
        for query, scores in results.items()
        for doc, score in sorted(scores.items(), key=lambda item: (item[1], item[0].encode()), reverse=True)
    ]
    assert rows(Run.from_dict(results)) == expected


@given(RUNS, st.randoms())
def test_order_of_the_rows_given_does_not_matter(
    results: dict[str, dict[str, float]], random: object
) -> None:
    flat = [(query, doc, score) for query, scores in results.items() for doc, score in scores.items()]
    random.shuffle(flat)  # type: ignore[attr-defined]
    run = Run.from_columns([r[0] for r in flat], [r[1] for r in flat], [r[2] for r in flat])
    assert rows(run.select(tuple(results))) == rows(Run.from_dict(results))


@given(RUNS)
def test_positions_and_ids_build_the_same_run(results: dict[str, dict[str, float]]) -> None:
    ids = sorted({doc for scores in results.values() for doc in scores}, key=hash)
    counts = np.asarray([len(scores) for scores in results.values()])
    positions = np.asarray([ids.index(doc) for scores in results.values() for doc in scores])
    scores = np.asarray([score for scores in results.values() for score in scores.values()])
    built = Run.from_positions(
        tuple(results), counts, positions, scores, pa.chunked_array([pa.array(ids, pa.string())])
    )
    assert rows(built) == rows(Run.from_dict(results))


def test_top_and_select_keep_order_and_queries_without_results() -> None:
    run = Run.from_dict({"q1": {"a": 1.0, "b": 3.0, "c": 2.0}, "q2": {"a": 1.0}})
    assert rows(run.top(2)) == [("q1", "b", 3.0), ("q1", "c", 2.0), ("q2", "a", 1.0)]
    chosen = run.select(["q2", "missing", "q1"])
    assert chosen.query_ids == ("q2", "missing", "q1")
    assert chosen.counts.tolist() == [1, 0, 3]
    assert rows(chosen.top(1)) == [("q2", "a", 1.0), ("q1", "b", 3.0)]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_not_finite_names_query_and_document(score: float) -> None:
    with pytest.raises(DataError, match=r"query 'q', document 'b': score"):
        Run.from_columns(["q", "q"], ["a", "b"], [1.0, score])


def test_a_result_given_twice_names_query_and_document() -> None:
    with pytest.raises(DataError, match=r"query 'q', document 'a': given twice among the results"):
        Run.from_columns(["q", "p", "q"], ["a", "a", "a"], [1.0, 1.0, 2.0])


def test_negative_judgments_count_as_unjudged_and_are_counted() -> None:
    qrels = Qrels.from_dict({"q1": {"a": 2, "b": -1, "c": 0}, "q2": {"a": -1}})
    assert (qrels.n_rows, qrels.n_negative, qrels.n_relevant) == (2, 2, 1)
    assert qrels.query_ids == ("q1", "q2")  # q2 stays in the denominator
    assert qrels.counts.tolist() == [2, 0]


def test_a_pair_judged_twice_is_an_error() -> None:
    with pytest.raises(DataError, match="given twice among the judgments"):
        Qrels.from_columns(["q", "q"], ["a", "a"], [1, 2])
