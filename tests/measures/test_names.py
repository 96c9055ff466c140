"""How measures are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.measures.names import RETRIEVAL, Measure, parse


@given(st.sampled_from(sorted(RETRIEVAL)), st.integers(1, 1000), st.integers(1, 4))
def test_what_is_written_is_read_back(name: str, depth: int, level: int) -> None:
    _, takes_level, depth_use = RETRIEVAL[name]
    measure = Measure(name, 0 if depth_use == "none" else depth, level if takes_level else 1)
    assert parse(str(measure)) == measure


def test_the_contract_s_examples() -> None:
    assert parse("ndcg@10") == Measure("ndcg", 10)
    assert parse("mrr@10-l2") == Measure("mrr", 10, 2)
    assert parse("map") == Measure("map")


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
        ("NDCG@10", "unknown measure"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse(text)
