"""The claim, checked: what both kinds of model found, what it took, and what 10,000 sentences would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.claims.all_pairs import laws
from harness.claims.all_pairs.laws import Law, LawCheck, PredictedTime
from harness.claims.all_pairs.measuring import WorkTimes
from harness.claims.all_pairs.mining import Mined, n_pairs

ENCODE, SEARCH, CROSS = "bi-encoder: encoding", "bi-encoder: search", "cross-encoder: scoring"
_SHOWN_PAIRS = 100


@dataclass(frozen=True)
class Side:
    """One kind of model: the laws whose sum is its time, and whether each predicts its own largest size.

    Attributes:
        model: its name in the config.
        laws: by the name of the work.
        checks: by the name of the work.
    """

    model: str
    laws: Mapping[str, Law]
    checks: Mapping[str, LawCheck]

    @property
    def holds(self) -> bool:
        """Whether every law predicts its largest size well enough to extrapolate."""
        return all(check.holds for check in self.checks.values())

    def at(self, n: int) -> PredictedTime | None:
        """Predict the seconds among n sentences, as uncertain as the checks show; None where a law does not hold."""
        if not self.holds:
            return None
        units = {name: n if name == ENCODE else n_pairs(n) for name in self.laws}
        parts = [
            self.checks[name].widened(units[name], law.at(units[name])) for name, law in self.laws.items()
        ]
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]


@dataclass(frozen=True)
class Findings:
    """Pairs that one model found among n sentences.

    ``best`` and each of ``pairs``: first sentence, second sentence, score. ``n_above`` counts all pairs that reach the
    threshold, and ``pairs`` holds the first of them.
    """

    n: int
    threshold: float
    best: tuple[str, str, float]
    n_above: int
    pairs: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class Prediction:
    """The time among n sentences by both; None where a law does not hold."""

    n: int
    pairs: int
    bi_encoder: PredictedTime | None
    cross_encoder: PredictedTime | None

    @property
    def times(self) -> float | None:
        """How many times longer the cross-encoder takes."""
        if self.bi_encoder is None or self.cross_encoder is None:
            return None
        return self.cross_encoder.seconds / self.bi_encoder.seconds


@dataclass(frozen=True)
class AllPairs:
    """Everything that is shown and written."""

    name: str
    suite: str
    counts: Mapping[str, int]
    samples: Mapping[str, WorkTimes]
    bi_encoder: Side
    cross_encoder: Side
    found: Mapping[str, Findings]
    predictions: tuple[Prediction, ...]
    published: Mapping[str, Any] | None
    manifest: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """Whether both could be extrapolated."""
        return self.bi_encoder.holds and self.cross_encoder.holds


def side(model: str, samples: Mapping[str, WorkTimes], tolerance: float) -> Side:
    """Fit and check the law of each piece of one model's work."""
    return Side(
        model,
        {name: laws.fit(part.units, part.medians) for name, part in samples.items()},
        {name: laws.check(part.units, part.medians, tolerance) for name, part in samples.items()},
    )


def predictions(bi_encoder: Side, cross_encoder: Side, sizes: Sequence[int]) -> tuple[Prediction, ...]:
    """Predict both at each size."""
    return tuple(Prediction(n, n_pairs(n), bi_encoder.at(n), cross_encoder.at(n)) for n in sizes)


def findings(mined: Mined, sentences: Sequence[str], threshold: float) -> Findings:
    """Put the sentences to what was found."""
    first, second, score = mined.best
    shown = range(min(len(mined), _SHOWN_PAIRS))
    return Findings(
        len(sentences),
        threshold,
        (sentences[first], sentences[second], score),
        len(mined),
        tuple(
            (sentences[mined.first[i]], sentences[mined.second[i]], float(np.float64(mined.scores[i])))
            for i in shown
        ),
    )
