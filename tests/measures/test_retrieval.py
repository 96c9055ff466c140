"""Measures against arithmetic by hand, a plain loop, and trec_eval."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn import JUDGMENTS, RESULTS
from harness.datamodel import Qrels, Run
from harness.errors import DataError
from harness.measures.graded import grades_of
from harness.measures.ranked import examples
from harness.measures.registry import parse
from harness.measures.retrieval import evaluate, judged_at, tie_sensitivity
from harness.verify import engine

#: ours -> trec_eval's
NAMES = {
    "ndcg": "ndcg", "ndcg@5": "ndcg_cut_5", "map": "map", "map@5": "map_cut_5", "recall@5": "recall_5",
    "precision@5": "P_5", "mrr": "recip_rank", "r-precision": "Rprec", "hit_rate@5": "success_5",
}  # fmt: skip


def test_known_answer_of_ndcg() -> None:
    qrels, run = Qrels.from_dict({"q": {"a": 1, "b": 2}}), Run.from_dict({"q": {"a": 2.0, "b": 1.0}})
    ideal = 2 + 1 / math.log2(3)
    assert evaluate(run, qrels, [parse("ndcg@10")]).values[0, 0] == pytest.approx(
        (1 + 2 / math.log2(3)) / ideal
    )
    assert round(evaluate(run, qrels, [parse("ndcg@10")]).values[0, 0], 5) == 0.85972


@settings(max_examples=150)
@given(JUDGMENTS, RESULTS, st.sampled_from([1, 2]))
def test_every_measure_equals_trec_eval(
    judgments: dict[str, dict[str, int]], results: dict[str, dict[str, float]], level: int
) -> None:
    qrels, run = Qrels.from_dict(judgments), Run.from_dict(results)
    ours = [name if name.startswith("ndcg") or level == 1 else f"{name}-l{level}" for name in NAMES]
    scores = evaluate(run, qrels, [parse(name) for name in ours])
    # Queries missing from the run count 0, as with trec_eval -c. Negative grades are unjudged to trec_eval; its
    # Python binding corrupts its memory on them (after some calls it never returns), so they are left out here, and
    # checked on trec_eval's own files in tests/test_oracles.py.
    judged = {
        query: kept
        for query, rows in judgments.items()
        if (kept := {d: g for d, g in rows.items() if g >= 0})
    }
    reference = pytrec_eval.RelevanceEvaluator(judged, set(NAMES.values()), relevance_level=level).evaluate(
        results
    )
    for i, query in enumerate(scores.query_ids):
        for j, trec in enumerate(NAMES.values()):
            if trec.startswith("ndcg") and level == 2:
                continue  # trec_eval's ndcg ignores the level as ours does; checked at level 1
            expected = reference.get(query, {}).get(trec, 0.0)
            assert scores.values[i, j] == pytest.approx(expected, abs=1e-12), (query, trec)


def test_queries_missing_from_the_run_count_zero_and_are_counted() -> None:
    qrels = Qrels.from_dict({"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"a": 0}})
    scores = evaluate(Run.from_dict({"q1": {"a": 1.0}, "other": {"a": 1.0}}), qrels, [parse("mrr@10")])
    assert scores.values[:, 0].tolist() == [1.0, 0.0, 0.0]
    assert scores.unanswered == 2


def test_scoring_loads_neither_ranx_nor_numba() -> None:
    """They take seconds and 130 MB; a small run is over before."""
    program = (
        "import sys\nfrom harness.datamodel import Qrels, Run\nfrom harness.measures.ranked import examples\n"
        "from harness.measures.retrieval import evaluate\n"
        "evaluate(Run.from_dict({'q': {'a': 1.0}}), Qrels.from_dict({'q': {'a': 1}}), examples())\n"
        "sys.exit(', '.join({'ranx', 'numba', 'matplotlib', 'torch'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_err_of_two_grades_by_hand() -> None:
    """Chapelle et al.: 3/16 at rank 1; at rank 2, reached by 13 of 16, 15/16 of half a point."""
    qrels = Qrels.from_dict({"q": {"a": 2, "b": 4}})
    run = Run.from_dict({"q": {"a": 3.0, "b": 2.0, "c": 1.0}})
    assert evaluate(run, qrels, [parse("err@10")]).values[0, 0] == pytest.approx(
        3 / 16 + 13 / 16 * 15 / 16 / 2
    )


def test_err_beyond_its_scale_is_refused() -> None:
    qrels = Qrels.from_dict({"q": {"a": 5}})
    with pytest.raises(DataError, match=r"err@10: a grade of the judgments is 5; .* grades 0 to 4"):
        evaluate(Run.from_dict({"q": {"a": 1.0}}), qrels, [parse("err@10")])


@settings(max_examples=150)
@given(JUDGMENTS, RESULTS)
def test_every_measure_equals_its_second_way(
    judgments: dict[str, dict[str, int]], results: dict[str, dict[str, float]]
) -> None:
    qrels, run = Qrels.from_dict(judgments), Run.from_dict(results)
    first = evaluate(run, qrels, examples()).values
    second = engine.evaluate(run, engine.judgments(qrels), qrels.query_ids, examples())
    for column, measure in enumerate(examples()):
        np.testing.assert_allclose(first[:, column], second[:, column], atol=1e-12, err_msg=str(measure))


@settings(max_examples=100)
@given(JUDGMENTS, RESULTS)
def test_ties_in_best_and_worst_order_bound_every_order(
    judgments: dict[str, dict[str, int]], results: dict[str, dict[str, float]]
) -> None:
    qrels, run = Qrels.from_dict(judgments), Run.from_dict(results)
    ties = tie_sensitivity(run, qrels, parse("ndcg@5"))
    assert ties.worst <= ties.canonical + 1e-12
    assert ties.canonical <= ties.best + 1e-12
    # Any other order of the ties, here by id ascending, lies between them.
    other = {
        query: {
            doc: -rank
            for rank, (doc, _) in enumerate(sorted(scores.items(), key=lambda item: (-item[1], item[0])))
        }
        for query, scores in results.items()
    }
    value = evaluate(Run.from_dict(other), qrels, [parse("ndcg@5")]).values.mean()
    assert ties.worst - 1e-12 <= value <= ties.best + 1e-12


@settings(max_examples=50)
@given(JUDGMENTS, RESULTS)
def test_grades_and_judged_at_equal_a_plain_loop(
    judgments: dict[str, dict[str, int]], results: dict[str, dict[str, float]]
) -> None:
    qrels = Qrels.from_dict(judgments)
    run = Run.from_dict(results).select(qrels.query_ids)
    expected = [
        {-1: -2, None: -1}.get(grade := judgments[query].get(doc), grade)  # -2: in the pool alone
        for query in run.query_ids
        for doc, _ in run.results(query)
    ]
    assert grades_of(run, qrels).tolist() == expected
    shares = [
        np.mean([judgments[query].get(doc, -1) >= 0 for doc, _ in list(run.results(query))[:3]])
        for query in run.query_ids
        if list(run.results(query))
    ]
    judged = judged_at(run, qrels, 3)
    assert judged is None if not shares else judged == pytest.approx(np.mean(shares))
