"""Measures of where the relevant documents stand, and how many of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.datamodel import Floats
from harness.measures.families.row import Ranked, found, looked_at, share
from harness.measures.graded import Graded
from harness.measures.names import Measure
from harness.measures.second import Loop, TrecEval


def _reciprocal_rank(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    first = rows[graded.place(rows) == 1]
    return graded.total(first, 1.0 / graded.rank[first])


def _within(values: Sequence[float], measure: Measure) -> float:
    """trec_eval has no cut-off here: a first relevant document below the depth counts nothing."""
    reached = values[0] > 0 and (not measure.depth or round(1 / values[0]) <= measure.depth)
    return values[0] if reached else 0.0


def _average_precision(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    return share(graded.total(rows, graded.place(rows) / graded.rank[rows]), graded.relevant(measure.level))


def _recall(graded: Graded, measure: Measure) -> Floats:
    return share(found(graded, measure), graded.relevant(measure.level))


def _precision(graded: Graded, measure: Measure) -> Floats:
    return share(found(graded, measure), looked_at(graded, measure))


def _relative_precision(graded: Graded, measure: Measure) -> Floats:
    most = np.minimum(looked_at(graded, measure), graded.relevant(measure.level))
    return share(found(graded, measure), most)


def _set_average_precision(graded: Graded, measure: Measure) -> Floats:
    return _precision(graded, measure) * _recall(graded, measure)


def _f1(graded: Graded, measure: Measure) -> Floats:
    precision, recall = _precision(graded, measure), _recall(graded, measure)
    return 2 * share(precision * recall, precision + recall)


def _harmonic(values: Sequence[float], measure: Measure) -> float:
    if len(values) == 1:
        return values[0]
    precision, recall = values
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _hit_rate(graded: Graded, measure: Measure) -> Floats:
    return np.minimum(found(graded, measure), 1.0)


def _any(values: Sequence[float], measure: Measure) -> float:
    return float(values[0] > 0)


def _r_precision(graded: Graded, measure: Measure) -> Floats:
    relevant = graded.relevant(measure.level)
    rows = graded.hits(measure.level)
    return share(graded.total(rows[graded.rank[rows] <= relevant[graded.query[rows]]]), relevant)


def _interpolated_precision(graded: Graded, measure: Measure) -> Floats:
    rows = graded.hits(measure.level)
    query, place = graded.query[rows], graded.place(rows)
    # So many relevant documents make the level of recall: rounded, as trec_eval 10 does; 9 added 0.9 and cut off.
    wanted = np.floor(measure.hundredths * graded.relevant(measure.level) + 0.5)[query]
    there = place >= wanted
    highest = np.zeros(len(graded))
    np.maximum.at(highest, query[there], place[there] / graded.rank[rows][there])
    return highest


def _highest_beyond(grades: Sequence[int], judged: Sequence[int], measure: Measure) -> float:
    """trec_eval 10's m_iprec_at_recall.c: from the last result to the first."""
    wanted = math.floor(measure.hundredths * sum(grade >= measure.level for grade in judged) + 0.5)
    so_far, highest = sum(grade >= measure.level for grade in grades), 0.0
    if wanted > so_far:
        return 0.0
    for rank in range(len(grades), 0, -1):
        highest = max(highest, so_far / rank)
        if grades[rank - 1] >= measure.level:
            if so_far == wanted:
                break
            so_far -= 1
    return highest


ROWS = (
    Ranked(
        "mrr",
        "reciprocal rank of the first relevant document",
        _reciprocal_rank,
        TrecEval(("recip_rank",), made=_within),
        "Voorhees (1999)",
        also=("RR", "recip_rank"),
    ),
    Ranked(
        "map",
        "average precision over all relevant documents",
        _average_precision,
        TrecEval(("map",), ("map_cut",)),
        "trec_eval",
        also=("AP", "map_cut"),
    ),
    Ranked(
        "recall",
        "share of the relevant documents that were found",
        _recall,
        TrecEval(("set_recall",), ("recall",)),
        "trec_eval",
        also=("R", "SetR", "set_recall"),
    ),
    Ranked(
        "precision",
        "share of the first k, or of all results, that is relevant",
        _precision,
        TrecEval(("set_P",), ("P",)),
        "trec_eval",
        also=("P", "SetP", "set_P"),
    ),
    Ranked(
        "relative_precision",
        "share of the relevant documents that could be among the first k which is",
        _relative_precision,
        TrecEval(("set_relative_P",), ("relative_P",)),
        "trec_eval",
        also=("SetRelP", "set_relative_P", "relative_P"),
    ),
    Ranked(
        "set_map",
        "precision of all results times their recall",
        _set_average_precision,
        TrecEval(("set_map",)),
        "trec_eval",
        depth="none",
        also=("SetAP",),
    ),
    Ranked(
        "hit_rate",
        "1 where any relevant document is among the first k",
        _hit_rate,
        TrecEval(("recip_rank",), ("success",), made=_any),
        "trec_eval",
        also=("Success", "success"),
    ),
    Ranked(
        "r-precision",
        "precision at the number of relevant documents",
        _r_precision,
        TrecEval(("Rprec",)),
        "trec_eval",
        depth="none",
        also=("Rprec",),
    ),
    Ranked(
        "f1",
        "harmonic mean of precision and recall",
        _f1,
        TrecEval(("set_F",), ("P", "recall"), made=_harmonic),
        "van Rijsbergen (1979)",
        also=("F", "F1", "SetF", "set_F"),
    ),
    Ranked(
        "iprec",
        "the highest precision at the level of recall {parameter} or beyond",
        _interpolated_precision,
        Loop(_highest_beyond),
        "trec_eval 10",
        depth="none",
        parameter="level of recall",
        hundredths=True,
        also=("IPrec", "iprec_at_recall"),
    ),
)
