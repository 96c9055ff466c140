"""A second computation of the measures of whole sets: SciPy's and scikit-learn's own, which share no code with ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _correlation(name: str) -> Callable[[Floats, Floats], float]:
    def value(outputs: Floats, gold: Floats) -> float:
        from scipy import stats

        coefficient: Mapping[str, Any] = {"spearman": stats.spearmanr, "pearson": stats.pearsonr}
        return float(coefficient[name](outputs, gold).statistic)

    return value


def _average_precision(outputs: Floats, gold: Floats) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(gold, outputs))


def _best_accuracy(outputs: Floats, gold: Floats) -> float:
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(gold, outputs, drop_intermediate=False)
    positive = float(gold.mean())
    return float((true * positive + (1.0 - false) * (1.0 - positive)).max())


def _best_f1(outputs: Floats, gold: Floats) -> float:
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(gold, outputs)
    whole = precision + recall
    return float(np.divide(2.0 * precision * recall, whole, out=np.zeros_like(whole), where=whole > 0).max())


def _accuracy(outputs: Floats, gold: Floats) -> float:
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(gold.astype(int), outputs.astype(int)))


def _macro_f1(outputs: Floats, gold: Floats) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(gold.astype(int), outputs.astype(int), average="macro", zero_division=0))


def _v_measure(outputs: Floats, gold: Floats) -> float:
    from sklearn.metrics import v_measure_score

    return float(v_measure_score(gold.astype(int), outputs.astype(int)))


#: measure -> (outputs [n_items], gold [n_items]) -> figure.
SECOND: Mapping[str, Callable[[Floats, Floats], float]] = {
    "spearman": _correlation("spearman"),
    "pearson": _correlation("pearson"),
    "average_precision": _average_precision,
    "best_accuracy": _best_accuracy,
    "best_f1": _best_f1,
    "accuracy": _accuracy,
    "macro_f1": _macro_f1,
    "v_measure": _v_measure,
}


def engine_of(measures: tuple[str, ...]) -> str:
    """What computes the measures a second time."""
    return "scipy.stats" if set(measures) <= {"spearman", "pearson"} else "scikit-learn"
