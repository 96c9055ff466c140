"""How measures are written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.measures.names import Measure
from harness.measures.ranked import RANKED, examples
from harness.measures.registry import entries, parse, spelled
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
        ("set_map@5", "takes no depth"),
        ("iprec.5", "needs its level of recall in hundredths, two digits or 100, as in iprec.50"),
        ("iprec.101", "in hundredths"),
        ("iprec", "in hundredths"),
        ("IPrec@0.5", r"written iprec.50 here"),
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


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("nDCG@10", "ndcg@10"), ("nDCG(dcg='exp-log2')@10", "ndcg_burges@10"), ("AP", "map"), ("AP(rel=2)@100", "map@100-l2"),
        ("RR(rel=2)@10", "mrr@10-l2"), ("RR", "mrr"), ("P(rel=2)@5", "precision@5-l2"), ("R@100", "recall@100"),
        ("Rprec(rel=2)", "r-precision-l2"), ("Bpref", "bpref"), ("infAP", "infap"), ("ERR@20", "err@20"), ("nERR@20", "nerr@20"),
        ("RBP(rel=1, p=0.8)@10", "rbp.8@10"), ("RBP(rel=2)", "rbp.8-l2"), ("Judged@10", "judged@10"), ("Success@5", "hit_rate@5"),
        ("SetP", "precision"), ("SetRelP", "relative_precision"), ("SetP(relative=True, rel=2)", "relative_precision-l2"), ("SetR(rel=2)", "recall-l2"), ("SetF", "f1"),
        ("SetAP", "set_map"), ("IPrec@0.1", "iprec.10"), ("IPrec(rel=2)@1.0", "iprec.100-l2"), ("IPrec@0", "iprec.00"),
        ("P_5", "precision@5"), ("map_cut_100", "map@100"), ("ndcg_cut_10", "ndcg@10"), ("recall_1000", "recall@1000"),
        ("success_1", "hit_rate@1"), ("iprec_at_recall_0.10", "iprec.10"), ("set_F", "f1"), ("set_relative_P", "relative_precision"),
        # What is another measure here, or none, stays as it is written.
        ("RBP(p=0.8)", "RBP(p=0.8)"), ("P(judged_only=True)@5", "P(judged_only=True)@5"), ("SetF(beta=2)", "SetF(beta=2)"),
        ("IPrec@0.123", "IPrec@0.123"), ("Rprec@5", "Rprec@5"), ("ndcg@10", "ndcg@10"), ("recall@100-l2", "recall@100-l2"),
        ("Accuracy", "Accuracy"), ("ERR(dcg='exp-log2')@5", "ERR(dcg='exp-log2')@5"),
    ],
)  # fmt: skip
def test_others_spelling_is_read(theirs: str, ours: str) -> None:
    assert spelled(theirs) == ours
    if ours != theirs:
        assert str(parse(ours)) == ours
