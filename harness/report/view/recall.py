"""Recall at every depth, from the runs."""

from __future__ import annotations

import numpy as np

from harness.errors import ConfigError
from harness.measures.registry import parse
from harness.report.model import RecallCurve, RecallCurves
from harness.report.view.runs import Facts
from harness.results.bundle import Bundle

DEPTHS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)


def recall_of(bundle: Bundle, facts: Facts | None) -> RecallCurves | None:
    """Mean recall of every run, over all judged queries as the measure has it; None without runs."""
    if facts is None or not facts.runs:
        return None
    level = _level(bundle.measures)
    qrels = facts.qrels
    relevant = np.bincount(qrels.query_of_row[qrels.grades >= level], minlength=len(qrels))
    deepest = max(run.reach for run in facts.runs.values())
    depths = tuple(depth for depth in DEPTHS if depth <= deepest)
    curves = []
    for name, run in facts.runs.items():
        hit = run.grade >= level
        weights = 1.0 / relevant[run.query[hit]]
        found = np.bincount(run.rank[hit], weights=weights, minlength=max(DEPTHS) + 1)
        totals = np.cumsum(found) / max(len(qrels), 1)
        curves.append(RecallCurve(name, tuple(float(totals[d]) if d <= run.reach else None for d in depths)))
    return RecallCurves(depths, level, tuple(curves)) if depths else None


def _level(measures: tuple[str, ...]) -> int:
    """The grade from which the suite counts a document as relevant: of its recall, else of any measure."""
    levels = []
    for text in measures:
        try:
            measure = parse(text)
        except ConfigError:
            continue
        if measure.name == "recall":
            return measure.level
        levels.append(measure.level)
    return max(levels, default=1)
