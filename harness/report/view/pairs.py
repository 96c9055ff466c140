"""Sentence pairs: gold against score, and the pairs that a pipeline places worst."""

from __future__ import annotations

import numpy as np
import scipy

from harness.compare.evidence import BASELINE_ARM, Evidence
from harness.report.model import PairScores, WorstPair
from harness.results.bundle import Bundle
from harness.results.tables import PAIRS

#: Worst pairs of a pipeline that are shown.
WORST = 10


def pair_scores_of(bundle: Bundle, evidence: Evidence | None) -> PairScores | None:
    """Build the view of sentence pairs; None for anything else.

    A pair's error is the share of pairs it moves past: its rank by score minus its rank by gold, midranks for
    ties, over n - 1. Ranks, because the scores' scale is the model's own.
    """
    if evidence is None or evidence.gold is None or evidence.item != "pair":
        return None
    rows = bundle.table(PAIRS)
    firsts, seconds = rows["first"].to_pylist(), rows["second"].to_pylist()
    n = len(evidence.ids)
    gold = scipy.stats.rankdata(evidence.gold)
    worst = []
    for label in evidence.labels:
        if label.startswith(BASELINE_ARM) or n < 2:
            continue
        scores = evidence.of(label, evidence.measures[0])
        moved = (scipy.stats.rankdata(scores) - gold) / (n - 1)
        for place in np.argsort(-np.abs(moved), kind="stable")[:WORST]:
            i = int(place)
            worst.append(
                WorstPair(
                    label,
                    evidence.ids[i],
                    firsts[i],
                    seconds[i],
                    float(evidence.gold[i]),
                    float(scores[i]),
                    float(moved[i]),
                )
            )
    return PairScores(evidence.ids, evidence.labels, evidence.gold, evidence.values[:, 0], tuple(worst))
