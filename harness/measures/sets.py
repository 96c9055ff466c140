"""Measures of a whole set of items at once: each item has a gold value, and a pipeline's output for it.

Unlike a retrieval measure, such a figure is no mean over items; its interval comes from resampling the items. A
pipeline may give several outputs for an item, one a repeat (a draw of training texts, a run of k-means): the
figure is the mean over repeats, and resamples draw repeats as well as items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness import stats
from harness.errors import ConfigError, listed, nearest
from harness.measures.names import Better
from harness.measures.second import Library
from harness.stats.interval import Interval

FloatArray = NDArray[np.float64]
CENTRED = "bootstrap-centred"


@dataclass(frozen=True)
class SetMeasure:
    """One measure of gold values and outputs.

    Attributes:
        name, what: as it is written, and in words.
        value: (outputs [n_items], gold [n_items]) -> figure.
        second: how ``harness verify`` computes it again.
        source: where its definition comes from.
        replicates: (outputs [n_systems, n_items], gold [n_items], seed) -> [n_systems, RESAMPLES], NaN where not
            defined.
        varied: whether outputs and gold must differ for it to be defined.
        centred: whether replicates are moved so that their mean is the figure, because the measure is larger on any
            resample than on its sample. The interval is then about the figure to expect of as many items, and a
            little narrow: in simulation its standard error is some 15 % too small.
        better: which of two values is; see :class:`harness.measures.ranked.Ranked`.
        band: (outputs [n_items], gold [n_items]) -> least and greatest figure over orders of nearly equal outputs;
            None where their order moves it by no more than rounding.
    """

    name: str
    what: str
    value: Callable[[FloatArray, FloatArray], float]
    second: Library
    source: str
    replicates: Callable[[FloatArray, FloatArray, int], FloatArray]
    varied: bool = False
    centred: bool = False
    better: Better = "higher"
    band: Callable[[FloatArray, FloatArray], tuple[float, float]] | None = None

    def defined(self, outputs: FloatArray, gold: FloatArray) -> bool:
        """Whether outputs [n_repeats, n_items] have a figure."""
        if not self.varied:
            return True
        return len(gold) > 1 and bool(np.ptp(gold) > 0) and bool((np.ptp(outputs, axis=1) > 0).all())

    def figure(self, outputs: FloatArray, gold: FloatArray) -> float | None:
        """The mean over repeats of outputs [n_repeats, n_items]; None where it is not defined."""
        if not self.defined(outputs, gold):
            return None
        return float(np.mean([self.value(row, gold) for row in outputs]))

    def resampled(self, arms: FloatArray, gold: FloatArray, seed: int = 0) -> FloatArray:
        """Replicates of every arm's figure on shared resamples, [n_arms, RESAMPLES]; NaN where not defined.

        ``arms`` is [n_arms, n_repeats, n_items].
        """
        n_arms, n_repeats, n = arms.shape
        found = np.full((n_arms, stats.RESAMPLES), np.nan)
        usable = np.asarray([self.defined(outputs, gold) for outputs in arms], dtype=bool)
        if not usable.any():
            return found
        rows = arms[usable].reshape(-1, n)
        replicates = self.replicates(rows, gold, seed).reshape(-1, n_repeats, stats.RESAMPLES)
        found[usable] = np.einsum("arb,br->ab", replicates, _repeats(n_repeats, n, seed))
        if self.centred:
            for row, outputs in zip(found, arms, strict=True):
                figure = self.figure(outputs, gold)
                row += np.nan if figure is None else figure - row.mean()
        return found

    def interval(self, replicates: FloatArray, n: int) -> Interval | None:
        """The 95 % interval of replicates [RESAMPLES]; None for two items, and where under half are defined."""
        usable = replicates[~np.isnan(replicates)]
        if n < 3 or 2 * len(usable) < len(replicates):
            return None
        found = stats.percentile_interval(usable)
        return Interval(found.low, found.high, found.confidence, CENTRED) if self.centred else found


def _repeats(n_repeats: int, n: int, seed: int) -> FloatArray:
    """Weights of the repeats in each resample, [RESAMPLES, n_repeats]; rows sum to 1."""
    if n_repeats == 1:
        return np.ones((stats.RESAMPLES, 1))
    drawn = np.random.default_rng([seed, n, n_repeats]).multinomial(
        n_repeats, np.full(n_repeats, 1.0 / n_repeats), size=stats.RESAMPLES
    )
    return np.asarray(drawn / n_repeats, dtype=np.float64)


def _correlation(name: stats.CorrelationKind, what: str, second: Library, source: str) -> SetMeasure:
    return SetMeasure(
        name,
        what,
        lambda outputs, gold: stats.correlation(outputs, gold, name),
        second,
        source,
        lambda rows, gold, seed: stats.bootstrap_correlations(rows, gold, kind=name, seed=seed),
        varied=True,
        band=stats.near_tie_band if name == "spearman" else None,
    )


def _threshold(name: stats.ThresholdKind, what: str, second: Library, source: str) -> SetMeasure:
    return SetMeasure(
        name,
        what,
        lambda outputs, gold: stats.threshold_measure(outputs, gold, name),
        second,
        source,
        lambda rows, gold, seed: stats.bootstrap_threshold_measures(rows, gold, name, seed=seed),
    )


def _group(
    name: stats.GroupKind, what: str, second: Library, source: str, *, centred: bool = False
) -> SetMeasure:
    return SetMeasure(
        name,
        what,
        lambda outputs, gold: stats.group_measure(outputs, gold, name),
        second,
        source,
        lambda rows, gold, seed: stats.bootstrap_group_measures(rows, gold, name, seed=seed),
        centred=centred,
    )


def _scipy(function: str) -> Library:
    def figure(outputs: FloatArray, gold: FloatArray) -> float:
        from scipy import stats as scipy_stats

        return float(getattr(scipy_stats, function)(outputs, gold).statistic)

    return Library("scipy.stats", figure)


def _sklearn(function: str, **how: object) -> Library:
    """A figure of scikit-learn's from whole labels: (gold, outputs)."""

    def figure(outputs: FloatArray, gold: FloatArray) -> float:
        from sklearn import metrics

        return float(getattr(metrics, function)(gold.astype(int), outputs.astype(int), **how))

    return Library("scikit-learn", figure)


def _average_precision(outputs: FloatArray, gold: FloatArray) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(gold, outputs))


def _best_accuracy(outputs: FloatArray, gold: FloatArray) -> float:
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(gold, outputs, drop_intermediate=False)
    positive = float(gold.mean())
    return float((true * positive + (1.0 - false) * (1.0 - positive)).max())


def _best_f1(outputs: FloatArray, gold: FloatArray) -> float:
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(gold, outputs)
    whole = precision + recall
    return float(np.divide(2.0 * precision * recall, whole, out=np.zeros_like(whole), where=whole > 0).max())


def _by_name(measures: Iterable[SetMeasure]) -> dict[str, SetMeasure]:
    return {measure.name: measure for measure in measures}


CORRELATIONS = _by_name(
    [
        _correlation(
            "spearman",
            "Spearman's rank correlation of scores and gold scores (midranks for ties)",
            _scipy("spearmanr"),
            "Spearman (1904)",
        ),
        _correlation(
            "pearson", "Pearson's correlation of scores and gold scores", _scipy("pearsonr"), "Pearson (1895)"
        ),
    ]
)
THRESHOLDS = _by_name(
    [
        _threshold(
            "average_precision",
            "area under precision over recall, as scikit-learn's",
            Library("scikit-learn", _average_precision),
            "scikit-learn",
        ),
        _threshold(
            "best_accuracy",
            "accuracy at the threshold that is best on these pairs",
            Library("scikit-learn", _best_accuracy),
            "sentence-transformers",
        ),
        _threshold(
            "best_f1",
            "F1 of the label 1 at the threshold that is best on these pairs",
            Library("scikit-learn", _best_f1),
            "sentence-transformers",
        ),
    ]
)
PREDICTIONS = _by_name(
    [
        _group(
            "accuracy",
            "share of the texts whose label was predicted",
            _sklearn("accuracy_score"),
            "scikit-learn",
        ),
        _group(
            "macro_f1",
            "mean over the labels of F1",
            _sklearn("f1_score", average="macro", zero_division=0),
            "scikit-learn",
        ),
    ]
)
CLUSTERS = _by_name(
    [
        _group(
            "v_measure",
            "harmonic mean of homogeneity and completeness of the clusters",
            _sklearn("v_measure_score"),
            "Rosenberg and Hirschberg (2007)",
            centred=True,
        )
    ]
)
#: Every measure of a whole set by name; those of one task are valid in a suite of this task.
BY_TASK: Mapping[str, Mapping[str, SetMeasure]] = {
    "sts": CORRELATIONS,
    "pair-classification": THRESHOLDS,
    "classification": PREDICTIONS,
    "clustering": CLUSTERS,
}
SET_MEASURES: Mapping[str, SetMeasure] = {
    name: measure for measures in BY_TASK.values() for name, measure in measures.items()
}


def parse(text: str, valid: Mapping[str, SetMeasure]) -> SetMeasure:
    """Return the measure of a name. Raises ConfigError that says what is valid."""
    if text not in valid:
        raise ConfigError(f"unknown measure {text!r}{nearest(text, valid)}; valid are {listed(valid)}")
    return valid[text]
