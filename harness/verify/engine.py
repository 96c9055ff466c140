"""The second engine of rankings: trec_eval itself, through pytrec_eval, or a plain loop where it lacks a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Qrels, Run
from harness.errors import UsageError, listed
from harness.measures.graded import POOLED, UNJUDGED
from harness.measures.names import Measure
from harness.measures.ranked import RANKED
from harness.measures.second import Gain, Loop, TrecEval

PACKAGE = "pytrec-eval-terrier"


def name(measures: Sequence[Measure] = ()) -> str:
    """Return the engine's name and version, and what else computes some of the measures.

    Raises UsageError, naming its package, where it is not installed.
    """
    try:
        used = f"pytrec_eval (trec_eval), {PACKAGE} {metadata.version(PACKAGE)}"
    except metadata.PackageNotFoundError:
        raise UsageError(
            f"verifying measures needs a second engine, {PACKAGE}, which is not installed; install it with "
            f"'python -m pip install {PACKAGE}' (it is in the extra 'verify')"
        ) from None
    loops = [str(measure) for measure in measures if isinstance(RANKED[measure.name].second, Loop)]
    return f"{used}; {Loop.name} for {listed(loops)}" if loops else used


def judgments(qrels: Qrels) -> dict[str, dict[str, int]]:
    """Judgments as the engine takes them; a query without any is left out, and scores 0.

    What was in the pool and not judged stands among them with the grade -2, for the loops alone.
    """
    found: dict[str, dict[str, int]] = {}
    for table in (qrels, qrels.pool):
        if table is not None:
            documents = table.doc_id_column().to_pylist()
            grades = table.grades.tolist() if table is qrels else [POOLED] * table.n_rows
            offsets = table.offsets.tolist()
            for query, low, high in zip(table.query_ids, offsets[:-1], offsets[1:], strict=True):
                if high > low:
                    found.setdefault(query, {}).update(
                        zip(documents[low:high], grades[low:high], strict=True)
                    )
    return found


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
    asked: dict[tuple[int, Gain | None], list[tuple[int, TrecEval]]] = {}
    for column, measure in enumerate(measures):
        second = RANKED[measure.name].second
        if isinstance(second, Loop):
            values[:, column] = [
                _looped(second, measure, results.get(q, {}), judged.get(q, {})) for q in queries
            ]
        else:
            asked.setdefault((measure.level, second.gain), []).append((column, second))
    for (level, gain), chosen in asked.items():
        wanted = {one for column, second in chosen for one in second.requests(measures[column])}
        evaluator = pytrec_eval.RelevanceEvaluator(_gained(judged, gain), wanted, relevance_level=level)
        found: Mapping[str, Mapping[str, float]] = evaluator.evaluate(results)
        for row, query in enumerate(queries):
            if query in found:
                for column, second in chosen:
                    values[row, column] = _value(found[query], second, measures[column])
    return values


def _value(figures: Mapping[str, float], second: TrecEval, measure: Measure) -> float:
    return second.made([float(figures[one]) for one in second.requests(measure)], measure)


def _gained(judged: Mapping[str, Mapping[str, int]], gain: Gain | None) -> Mapping[str, Mapping[str, int]]:
    """Judgments alone, with what stands for their grades: its Python binding corrupts its memory on negative ones."""
    given = gain or int
    rows = (
        (query, {doc: given(grade) for doc, grade in grades.items() if grade >= 0})
        for query, grades in judged.items()
    )
    return {query: grades for query, grades in rows if grades}


def _looped(second: Loop, measure: Measure, results: Mapping[str, float], judged: Mapping[str, int]) -> float:
    """Score one query; its results are in rank order."""
    found = [judged.get(doc, UNJUDGED) for doc in list(results)[: measure.depth or None]]
    return second.score(found, [grade for grade in judged.values() if grade >= 0], measure)


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
