"""Fusion of runs through ranx: reciprocal rank (Cormack, Clarke and Buettcher 2009), and weighted sums of scores.

ranx takes ranks from the order in which documents were put in and leaves ties to it, so it is given canonical order;
what it returns is put into canonical order again.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.datamodel import Run


def reciprocal_rank(runs: Sequence[Run], k: int, depth: int) -> Run:
    """Fuse runs: a document's score is the sum over the runs that hold it of 1 / (k + rank), ranks from 1.

    Raises ValueError for fewer than two runs, or runs over other queries.
    """
    return _fused(runs, {"norm": None, "method": "rrf", "params": {"k": k}}, depth)


def weighted(runs: Sequence[Run], weights: Sequence[float], normalisation: str, depth: int) -> Run:
    """Fuse runs: a document's score is the weighted sum of its normalised scores, 0 where a run does not hold it.

    Args:
        runs: over the same queries.
        weights: one a run.
        normalisation: ``min-max`` and ``rank`` are made per query and run; ``none`` takes the scores as they are.
        depth: how many results are kept.

    Raises ValueError for fewer than two runs, or runs over other queries.
    """
    norm = None if normalisation == "none" else normalisation
    return _fused(
        runs, {"norm": norm, "method": "wsum", "params": {"weights": list(map(float, weights))}}, depth
    )


def _fused(runs: Sequence[Run], how: dict[str, Any], depth: int) -> Run:
    if len(runs) < 2 or any(run.query_ids != runs[0].query_ids for run in runs):
        raise ValueError("fusion takes two runs or more over the same queries")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plotting libraries, and numba's, warn about themselves
        import ranx

        ids = pa.concat_arrays([_ids(run) for run in runs]).unique()
        fused = ranx.fuse([_given(run, ids) for run in runs], **how)
        return _taken(fused.run, runs[0].query_ids, ids).top(depth)


def _ids(run: Run) -> pa.Array:
    column = run.doc_ids
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _given(run: Run, ids: pa.Array) -> Any:
    """Return ranx's form of a run, made by hand: it cannot make one with a query without results."""
    import ranx
    from numba import types
    from numba.typed import Dict
    from ranx.fusion.common import create_empty_results_dict

    codes = [str(code) for code in pc.index_in(run.doc_ids, value_set=ids).to_pylist()]
    inner = Dict.empty(types.unicode_type, types.float64)
    content = Dict.empty(types.unicode_type, inner._numba_type_)
    docs, scores = run.docs.tolist(), run.scores.tolist()
    for i in range(len(run)):
        results = create_empty_results_dict()
        for row in range(int(run.offsets[i]), int(run.offsets[i + 1])):
            results[codes[docs[row]]] = scores[row]
        content[str(i)] = results
    made = ranx.Run()
    made.run = content
    return made


def _taken(fused: Any, query_ids: Sequence[str], ids: pa.Array) -> Run:
    places: list[int] = []
    docs: list[int] = []
    scores: list[float] = []
    for name, results in fused.items():
        places += [int(name)] * len(results)
        docs += [int(doc) for doc in results]
        scores += list(results.values())
    queries = pa.array(query_ids, pa.string()).take(pa.array(places, pa.int64()))
    column = ids.take(pa.array(docs, pa.int64()))
    return Run.from_columns(queries, column, np.asarray(scores, dtype=np.float64)).select(query_ids)
