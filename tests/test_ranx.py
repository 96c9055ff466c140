"""Measures and fusions against ranx, which is compiled on its first use: half a minute in every new environment."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from drawn import JUDGMENTS, QUERIES, RESULTS
from harness.datamodel import Qrels, Run
from harness.measures.registry import parse
from harness.measures.retrieval import evaluate
from harness.stages.fuse import Ranks, Weighted, fused_runs

pytestmark = pytest.mark.long


@settings(max_examples=60)
@given(JUDGMENTS, RESULTS)
def test_figures_equal_ranx_to_the_last_bit(
    judgments: dict[str, dict[str, int]], results: dict[str, dict[str, float]]
) -> None:
    """Bundles written with ranx's kernels hold these very figures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ranx's plotting libraries, and numba's, warn about themselves
        from ranx import metrics

    qrels, run = (
        Qrels.from_dict(judgments),
        Run.from_dict(results).select(Qrels.from_dict(judgments).query_ids),
    )
    answered = np.flatnonzero((run.counts > 0) & (qrels.counts > 0))
    names = {"ndcg@5": metrics.ndcg, "ndcg": metrics.ndcg, "map@5": metrics.average_precision}
    found = evaluate(run, qrels, [parse(name) for name in names]).values
    if not len(answered):
        return
    theirs = _as_ranx_takes_them(run, qrels, answered)
    for column, (name, kernel) in enumerate(names.items()):
        expected = np.zeros(len(qrels))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numba's, about loop counters
            expected[answered] = kernel(*theirs, parse(name).depth, 1)
        assert found[:, column].tolist() == expected.tolist(), name


def _as_ranx_takes_them(run: Run, qrels: Qrels, queries: Any) -> tuple[Any, Any]:
    from numba.typed import List

    code = {doc: i for i, doc in enumerate(qrels.doc_ids.to_pylist())}
    judged, found = List(), List()
    for query in (qrels.query_ids[i] for i in queries):
        rows = sorted(_judgments(qrels, query), key=lambda row: -row[1])
        judged.append(np.asarray([[code[doc], grade] for doc, grade in rows], dtype=np.float64))
        documents = [code.get(doc, -1) for doc, _ in run.results(query)]
        falling = range(len(documents), 0, -1)
        found.append(np.asarray(list(zip(documents, falling, strict=True)), dtype=np.float64))
    return judged, found


def _judgments(qrels: Qrels, query: str) -> list[tuple[str, int]]:
    place = qrels.query_ids.index(query)
    rows = slice(int(qrels.offsets[place]), int(qrels.offsets[place + 1]))
    return list(zip(qrels.doc_id_column().to_pylist()[rows], qrels.grades[rows].tolist(), strict=True))


@pytest.mark.parametrize("how", ["rrf", "min-max", "rank"])
def test_fusions_equal_ranx_s(how: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ranx

    rng = np.random.default_rng(5)
    scores = [
        {q: {f"d{d}": float(rng.random()) for d in rng.permutation(40)[:20]} for q in QUERIES}
        for _ in range(3)
    ]
    weights = (0.2, 0.3, 0.5)
    # It takes ranks from the order in which documents are put in.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba's about ranx's own code
        theirs = ranx.fuse(
            [
                ranx.Run({q: dict(sorted(r.items(), key=lambda i: -i[1])) for q, r in one.items()})
                for one in scores
            ],
            norm=None if how == "rrf" else how,
            method="rrf" if how == "rrf" else "wsum",
            params={"k": 60} if how == "rrf" else {"weights": list(weights)},
        )
    shares = Ranks(60).shares if how == "rrf" else Weighted(weights, how).shares
    mine = fused_runs([Run.from_dict(one) for one in scores], shares)
    for query in QUERIES:
        assert dict(mine.results(query)) == pytest.approx(dict(theirs.run[query]), abs=1e-12)
