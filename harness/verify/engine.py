"""The second engine: trec_eval itself, through pytrec_eval, which shares no code with the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Qrels, Run
from harness.errors import UsageError
from harness.measures.names import Measure

PACKAGE = "pytrec-eval-terrier"


def name() -> str:
    """Return the engine's name and version. Raises UsageError, naming the extra, where it is not
    installed.
    """
    try:
        return f"pytrec_eval (trec_eval), {PACKAGE} {metadata.version(PACKAGE)}"
    except metadata.PackageNotFoundError:
        raise UsageError(
            f"verifying measures needs a second engine, {PACKAGE}, which is not installed; install the extra "
            "with "
            "\"pip install 'encoder-harness[verify]'\""
        ) from None


def judgments(qrels: Qrels) -> dict[str, dict[str, int]]:
    """Judgments as the engine takes them; a query without any is left out, and scores 0."""
    documents, grades = qrels.doc_id_column().to_pylist(), qrels.grades.tolist()
    return {
        query: dict(zip(documents[low:high], grades[low:high], strict=True))
        for query, low, high in zip(
            qrels.query_ids, qrels.offsets[:-1].tolist(), qrels.offsets[1:].tolist(), strict=True
        )
        if high > low
    }


def evaluate(
    run: Run, judged: Mapping[str, Mapping[str, int]], queries: Sequence[str], measures: Sequence[Measure]
) -> NDArray[np.float64]:
    """Score a run by every measure, [n_queries, n_measures]; 0 for a query without results.

    The engine keeps scores in single precision and breaks ties by itself, so it is given ranks: the canonical
    order is checked apart, and stays.
    """
    import pytrec_eval

    results = _by_query(run, queries, measures)
    values = np.zeros((len(queries), len(measures)))
    for level in sorted({m.level for m in measures}):
        chosen = [(column, m) for column, m in enumerate(measures) if m.level == level]
        wanted = {_request(m) for _, m in chosen}
        evaluator = pytrec_eval.RelevanceEvaluator(judged, wanted, relevance_level=level)
        found: Mapping[str, Mapping[str, float]] = evaluator.evaluate(results)
        for row, query in enumerate(queries):
            scores = found.get(query)
            if scores is not None:
                for column, measure in chosen:
                    values[row, column] = _value(scores, measure)
    return values


def _by_query(run: Run, queries: Sequence[str], measures: Sequence[Measure]) -> dict[str, dict[str, float]]:
    deepest = max(m.depth for m in measures) if all(m.depth for m in measures) else 0
    chosen = run.select(queries)
    chosen = chosen.top(deepest) if deepest else chosen
    documents = chosen.doc_id_column().to_pylist()
    offsets = chosen.offsets.tolist()
    falling = [float(score) for score in range(int(chosen.counts.max(initial=0)), 0, -1)]
    return {
        query: dict(zip(documents[low:high], falling, strict=False))
        for query, low, high in zip(queries, offsets[:-1], offsets[1:], strict=True)
        if high > low
    }


def _request(measure: Measure) -> str:
    """What to ask the engine for."""
    depth = f".{measure.depth}" if measure.depth else ""
    match measure.name, bool(measure.depth):
        case ("ndcg" | "map", True):
            return f"{measure.name}_cut{depth}"
        case ("ndcg" | "map", False):
            return measure.name
        case ("recall", True):
            return f"recall{depth}"
        case ("recall", False):
            return "set_recall"
        case ("precision", True):
            return f"P{depth}"
        case ("r-precision", False):
            return "Rprec"
        case ("mrr" | "hit_rate", _):
            return "recip_rank"
        case _:
            raise ValueError(f"no engine's measure for {measure}")


def _value(scores: Mapping[str, Any], measure: Measure) -> float:
    value = float(scores[_request(measure).replace(".", "_")])
    if measure.name in ("mrr", "hit_rate"):
        # The engine has no cut-off here: a first relevant document below it counts nothing.
        within = value > 0.0 and (not measure.depth or round(1.0 / value) <= measure.depth)
        return (value if measure.name == "mrr" else 1.0) if within else 0.0
    return value
