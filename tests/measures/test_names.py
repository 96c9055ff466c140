"""How measures are written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.measures.names import Measure
from harness.measures.ranked import RANKED, examples
from harness.measures.registry import entries, parse
from harness.measures.sets import BY_TASK


@given(st.sampled_from(examples()), st.integers(1, 1000), st.integers(1, 4), st.integers(1, 99))
def test_what_is_written_is_read_back(measure: Measure, depth: int, level: int, percent: int) -> None:
    changed = replace(
        measure,
        depth=depth if measure.depth else 0,
        level=level if RANKED[measure.name].level else 1,
        parameter=f"{percent:02}" if measure.parameter else "",
    )
    assert parse(str(measure)) == measure
    assert parse(str(changed)) == changed


def test_the_contract_s_examples() -> None:
    assert parse("ndcg@10") == Measure("ndcg", 10)
    assert parse("mrr@10-l2") == Measure("mrr", 10, 2)
    assert parse("map") == Measure("map")


def test_digits_in_a_name_are_no_depth() -> None:
    assert parse("f1@10-l2") == Measure("f1", 10, 2)
    assert parse("f1") == Measure("f1")
    assert parse("rbp.95@20") == Measure("rbp", 20, 1, "95")
    assert parse("rbp.95").fraction == 0.95


def test_every_measure_says_what_computes_it_again_and_where_it_comes_from() -> None:
    told = list(entries())
    assert {entry.task for entry in told} == {"retrieval", *BY_TASK}
    for entry in told:
        assert entry.what and entry.checked_by and entry.source, entry  # noqa: PT018


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ncdg@10", r"did you mean 'ndcg'"),
        ("ndcg@10-l2", "raw grades"),
        ("precision", "needs a depth"),
        ("r-precision@5", "takes no depth"),
        ("recall@0", "start at 1"),
        ("mrr@10-l0", "start at 1"),
        ("mrr@ten", "unknown measure"),
        ("", "unknown measure"),
        ("NDCG@10", r"did you mean 'ndcg'"),
        ("nDCG@10", r"written ndcg@10 here"),
        ("P@5", r"written precision@5 here"),
        ("AP(rel=2)@100", r"written map@100-l2 here"),
        ("recip_rank", r"written mrr here"),
        ("ndcg_cut_10", r"written ndcg@10 here"),
        ("recall_100", r"written recall@100 here"),
        ("rbp", "needs its persistence, as in rbp.80"),
        ("rbp.0", "needs its persistence"),
        ("map.5", "has no parameter"),
        ("f1@", "unknown measure"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse(text)
