"""All comparisons of a family at once: max-t over shared sign flips, with simultaneous intervals.

Every query gets one random sign, which is applied to all differences of all pairs. The largest |t| of the family under
each set of signs is what chance can do at best; a pair is told apart where its own |t| is rarer than that. The draws
needed do not grow with the number of pairs, and the correlation of pairs and measures is taken as it is:

    p of one pair      (1 + #{|t*_k| >= |t_k|}) / (B + 1)
    p in the family    (1 + #{max_j |t*_j| >= |t_k|}) / (B + 1)
    interval           delta_k ± c sd_k / sqrt(n),   c: the value of max |t*| at which the family's p passes 5 %

so that an interval leaves out zero exactly where the family's p is at most 5 %. Up to 15 queries all 2^n signs are
enumerated. Sign flips leave the sum of squares as it is, so |t*| grows with r = |sum| / sqrt(n * sum of squares) alone.

Sources: B. Carterette, *Multiple testing in statistical analysis of systems-based information retrieval experiments*
(TOIS 2012), randomised Tukey HSD; J. Romano and M. Wolf (2005), max-t; P. Westfall and S. Young (1993).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.stats.arrays import FloatArray, finite_matrix, valid_confidence
from harness.stats.bounded import constant_interval
from harness.stats.interval import Interval
from harness.stats.one_sided import MeanEvidence, mean_evidence
from harness.stats.paired import EXACT_UP_TO, SIGN_FLIPS, all_signs, differences_of, random_signs
from harness.stats.sample_size import POWER

Pairs = Sequence[tuple[int, int]]

METHOD = "max-t"
_CELLS_PER_CHUNK = 1 << 20
# Sums in another order differ in their last bits, and an exact tie in real arithmetic must count.
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Family:
    """Comparisons that were judged together, one place each.

    Attributes:
        p_values: two-sided, of each alone, [n_comparisons].
        adjusted: two-sided, family-wise over all of them, [n_comparisons].
        critical: by how many standard errors all intervals reach out; infinite where the items are too few.
        intervals: simultaneous; None where the items are too few for one.
        errors: standard errors of the differences, [n_comparisons]; NaN where there is none.
    """

    p_values: FloatArray
    adjusted: FloatArray
    critical: float
    intervals: tuple[Interval | None, ...]
    errors: FloatArray

    def detectable(self, place: int) -> float | None:
        """The smallest difference that the family would tell apart with 80 % power; None where none is known."""
        error, reach = float(self.errors[place]), self.critical + float(scipy.special.ndtri(POWER))
        return error * reach if np.isfinite(error) and np.isfinite(reach) else None


def seed_of(rows: Iterable[FloatArray]) -> int:
    """A seed made of the scores themselves: the same whatever the rows are called and in whichever order they stand.

    The values of a row count in their order: give all in one that does not hang on a file's, such as by query id.
    """
    digests = sorted(hashlib.sha256(np.ascontiguousarray(row, np.float64).tobytes()).digest() for row in rows)
    return int.from_bytes(hashlib.sha256(b"".join(digests)).digest()[:8], "big")


def max_t_means(
    scores: FloatArray, pairs: Pairs, *, confidence: float = 0.95, n_flips: int = SIGN_FLIPS, seed: int = 0
) -> Family:
    """Compare the means of rows of ``scores`` [n_rows, n], each pair (first row, second row) of a family.

    Raises ValueError for no pairs, no queries, no flips, or a score that is not finite.
    """
    rows, (first, second) = finite_matrix(scores, "scores"), _places(pairs)
    n = rows.shape[1]
    if n == 0 or n_flips < 1:
        raise ValueError(f"need at least one query and one flip, got n = {n} and n_flips = {n_flips}")
    differences = differences_of(rows[first], rows[second])
    squares = (differences**2).sum(axis=1)
    scale = np.where(squares > 0.0, np.sqrt(n * squares), np.inf)
    own = np.abs(differences.sum(axis=1)) / scale
    # In units of the score's rounding: a pair of few differing queries is a small difference of large sums.
    tie = _TIE + 1e-14 * n * np.abs(rows).max(initial=0.0) / scale
    exact = n <= EXACT_UP_TO
    n_signs = 1 << n if exact else n_flips
    generator = np.random.default_rng([seed, n])
    alone, largest = np.zeros(len(own), dtype=np.int64), np.empty(n_signs)
    step = max(1, _CELLS_PER_CHUNK // max(n, len(own)))
    for start in range(0, n_signs, step):
        stop = min(n_signs, start + step)
        signs = all_signs(start, stop, n) if exact else random_signs(generator, stop - start, n)
        sums = rows @ signs.T
        flipped = np.abs(sums[first] - sums[second]) / scale[:, None]
        alone += (flipped >= (own - tie)[:, None]).sum(axis=1)
        largest[start:stop] = flipped.max(axis=0)
    critical = _t_of(_critical(largest, confidence, exact), n)
    evidence = [mean_evidence(row) for row in differences]
    return Family(
        p_values=_share(alone, n_signs, exact),
        adjusted=_share(_at_least(largest, own - tie), n_signs, exact),
        critical=critical,
        intervals=tuple(None if one is None else _interval(one, critical, confidence) for one in evidence),
        errors=np.asarray([np.nan if one is None else one.sd / np.sqrt(n) for one in evidence]),
    )


def max_t_replicates(deltas: FloatArray, differences: FloatArray, *, confidence: float = 0.95) -> Family:
    """The same from bootstrap replicates: of figures that are no means over items, such as correlations.

    Args:
        deltas: the differences as measured, [n_comparisons].
        differences: of the replicates, [n_comparisons, n_resamples], all on the same resamples; NaN where one has no
            figure. A comparison of which more than half are NaN has neither p value nor interval (NaN, None); one that
            never moves has no interval.
    """
    valid_confidence(confidence)
    usable = np.isfinite(differences)
    judged = 2 * usable.sum(axis=1) >= differences.shape[1]
    filled = np.where(usable, differences, deltas[:, None])
    spread = np.sqrt(((filled - deltas[:, None]) ** 2).sum(axis=1) / np.maximum(usable.sum(axis=1) - 1, 1))
    moves = spread > 1e-12
    scale = np.where(judged & moves, spread, np.inf)
    moved, own = np.abs(filled - deltas[:, None]) / scale[:, None], np.abs(deltas) / scale
    largest, n = moved.max(axis=0), differences.shape[1]
    alone = _share((moved >= own[:, None] - _TIE).sum(axis=1), n, exact=False)
    critical = _critical(largest, confidence, exact=False)
    low, high = deltas - critical * spread, deltas + critical * spread
    return Family(
        np.where(judged, alone, np.nan),
        np.where(judged, _share(_at_least(largest, own - _TIE), n, exact=False), np.nan),
        critical,
        tuple(
            Interval(float(low[k]), float(high[k]), confidence, METHOD) if judged[k] and moves[k] else None
            for k in range(len(deltas))
        ),
        np.where(judged & moves, spread, np.nan),
    )


def _places(pairs: Pairs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if not len(pairs):
        raise ValueError("nothing to compare: no pairs")
    both = np.asarray(pairs, dtype=np.intp)
    return both[:, 0], both[:, 1]


def _share(hits: NDArray[np.int64], n_signs: int, exact: bool) -> FloatArray:
    return np.asarray(hits / n_signs if exact else (hits + 1) / (n_signs + 1), dtype=np.float64)


def _at_least(largest: FloatArray, own: FloatArray) -> NDArray[np.int64]:
    return np.asarray(len(largest) - np.searchsorted(np.sort(largest), own, side="left"), dtype=np.int64)


def _critical(largest: FloatArray, confidence: float, exact: bool) -> float:
    """The value beyond which the family's p is at most 1 - confidence."""
    alpha, n = 1.0 - valid_confidence(confidence), len(largest)
    allowed = int(np.floor(alpha * n + 1e-9)) if exact else int(np.floor(alpha * (n + 1) + 1e-9)) - 1
    # Signs come in pairs: under 6 items no assignment is rarer than 5 %.
    least = 2 if exact else 0
    return float(np.sort(largest)[n - 1 - allowed]) if least <= allowed < n else np.inf


def _t_of(r: float, n: int) -> float:
    """|t| of r = |sum| / sqrt(n * sum of squares)."""
    return r * float(np.sqrt((n - 1) / (1.0 - r * r))) if r * r < 1.0 - 1e-12 else np.inf


def _interval(evidence: MeanEvidence, critical: float, confidence: float) -> Interval | None:
    if evidence.sd == 0.0:
        return constant_interval(evidence.mean, evidence.n, confidence, (-1.0, 1.0))
    if not np.isfinite(critical):
        return None
    half = critical * evidence.sd / float(np.sqrt(evidence.n))
    return Interval(evidence.mean - half, evidence.mean + half, confidence, METHOD)
