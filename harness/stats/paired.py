"""Two systems on the same queries: is the difference real, how large, and what could have been seen at all.

Sources: Student's paired t; R. Fisher's sign-flip randomisation with the +1 of B. Phipson and G. Smyth
(2010), as recommended for retrieval by M. Smucker, J. Allan and B. Carterette (CIKM 2007); S. Holm (1979); L.
Hedges (1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from harness.stats.arrays import FloatArray, finite_matrix, finite_vector, same_length, valid_confidence
from harness.stats.bounded import constant_interval
from harness.stats.interval import Interval
from harness.stats.sample_size import multiplier
from harness.stats.student import t_quantile

SIGN_FLIPS = 10_000
EXACT_UP_TO = 15

# Scores that differ by less than this share of the largest score are equal in real arithmetic.
_EQUAL = 1e-12
_CELLS_PER_CHUNK = 1 << 20


@dataclass(frozen=True)
class PairedComparison:
    """Per-query differences, first - second, in the unit of the measure.

    Attributes:
        n: number of queries.
        delta: mean difference.
        sd: standard deviation of the differences (n - 1); None for one query.
        interval: two-sided paired t interval of delta; None for one query. Where sd is zero, what the other queries
            may hold, for scores between 0 and 1 (Clopper and Pearson).
        t_p_value: two-sided paired t; None where sd is zero or there is one query.
        p_value: two-sided sign-flip randomisation.
        p_value_exact: whether all 2^n sign assignments were enumerated (n <= 15).
        effect_size: d_z = delta / sd with Hedges' exact correction; None under three queries or where sd is
            zero.
        wins, ties, losses: queries where the first is better, equal, worse.
        detectable: smallest difference found with 80 % power at two-sided 5 %, by the noncentral t; None for one
            query.
    """

    n: int
    delta: float
    sd: float | None
    interval: Interval | None
    t_p_value: float | None
    p_value: float
    p_value_exact: bool
    effect_size: float | None
    wins: int
    ties: int
    losses: int
    detectable: float | None


def compare_paired(
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
    n_flips: int = SIGN_FLIPS,
    seed: int = 0,
) -> PairedComparison:
    """Compare two systems' per-query scores, both of shape [n], on the same queries in the same order.

    Raises:
        ValueError: no queries, unequal lengths, a score that is not finite, or an impossible confidence.
    """
    pair = finite_vector(first, "first")[None, :], finite_vector(second, "second")[None, :]
    return compare_paired_family(*pair, confidence=confidence, n_flips=n_flips, seed=seed)[0]


def compare_paired_family(
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
    n_flips: int = SIGN_FLIPS,
    seed: int = 0,
) -> tuple[PairedComparison, ...]:
    """Several comparisons on the same queries under one set of signs: row i of ``first`` with row i of
    ``second``.

    Both have shape [n_comparisons, n]. The p values are not corrected: pass the family's to :func:`holm`.

    Raises:
        ValueError: as :func:`compare_paired`.
    """
    valid_confidence(confidence)
    left, right = finite_matrix(first, "first"), finite_matrix(second, "second")
    same_length(left, right, "first and second")
    if left.shape != right.shape:
        raise ValueError(f"first and second must have the same shape, got {left.shape} and {right.shape}")
    if left.shape[1] == 0:
        raise ValueError("cannot compare two systems on zero queries")
    differences = differences_of(left, right)
    p_values = sign_flip_p_values(differences, n_flips=n_flips, seed=seed)
    return tuple(
        _summary(row, float(p_value), confidence) for row, p_value in zip(differences, p_values, strict=True)
    )


def sign_flip_p_values(differences: ArrayLike, *, n_flips: int = SIGN_FLIPS, seed: int = 0) -> FloatArray:
    """Two-sided sign-flip p values of mean differences, one a row of ``differences`` [n_comparisons, n].

    Up to 15 queries all 2^n sign assignments are enumerated, p = #{|Δ*| ≥ |Δ|} / 2^n; beyond, ``n_flips`` are
    drawn, p = (1 + #{|Δ*| ≥ |Δ|}) / (n_flips + 1). The signs depend on ``(n, seed)`` only, so all comparisons
    share them.

    Raises:
        ValueError: no queries, no flips, a wrong shape, or a difference that is not finite.
    """
    rows = finite_matrix(differences, "differences")
    n = rows.shape[1]
    if n == 0 or n_flips < 1:
        raise ValueError(f"need at least one query and one flip, got n = {n} and n_flips = {n_flips}")
    # Sums in another order differ in their last bits, and an exact tie in real arithmetic must count.
    threshold = np.abs(rows.sum(axis=1)) - _EQUAL * np.abs(rows).sum(axis=1)
    exact = n <= EXACT_UP_TO
    n_signs = 1 << n if exact else n_flips
    generator = np.random.default_rng([seed, n])
    hits = np.zeros(len(rows), dtype=np.int64)
    rows_per_chunk = max(1, _CELLS_PER_CHUNK // n)
    for start in range(0, n_signs, rows_per_chunk):
        stop = min(n_signs, start + rows_per_chunk)
        signs = all_signs(start, stop, n) if exact else random_signs(generator, stop - start, n)
        hits += np.sum(np.abs(rows @ signs.T) >= threshold[:, None], axis=1)
    return np.asarray(hits / n_signs if exact else (hits + 1) / (n_signs + 1), dtype=np.float64)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down adjusted p values over a family, in the order given (S. Holm, 1979).

    Raises:
        ValueError: a p value outside [0, 1] (its position is named).
    """
    for i, p_value in enumerate(p_values):
        if not 0.0 <= p_value <= 1.0:
            raise ValueError(f"p value {i} must lie within 0 and 1, got {p_value!r}")
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = raw[order] * np.arange(len(raw), 0, -1)
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return tuple(float(value) for value in adjusted)


def differences_of(first: FloatArray, second: FloatArray) -> FloatArray:
    """first - second, where rounding noise between equal scores is an exact zero."""
    difference = first - second
    scale = np.maximum(np.abs(first), np.abs(second)).max(axis=1, keepdims=True)
    return np.where(np.abs(difference) <= _EQUAL * scale, 0.0, difference)


def all_signs(start: int, stop: int, n: int) -> FloatArray:
    """The sign assignments numbered ``start`` to ``stop`` of all 2^n, [stop - start, n]."""
    bits = np.arange(start, stop)[:, None] >> np.arange(n) & 1
    return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)


def random_signs(generator: np.random.Generator, rows: int, n: int) -> FloatArray:
    """Random signs, [rows, n]."""
    bits = generator.integers(0, 2, size=(rows, n), dtype=np.int64)
    return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)


def _summary(differences: FloatArray, p_value: float, confidence: float) -> PairedComparison:
    n = len(differences)
    delta = float(differences.mean())
    sd = _standard_deviation(differences)
    error = None if sd is None else sd / float(np.sqrt(n))
    two_sided = None if error is None else t_quantile(n - 1, 0.5 + confidence / 2.0) * error
    return PairedComparison(
        n=n,
        delta=delta,
        sd=sd,
        interval=_interval(delta, two_sided, n, confidence),
        t_p_value=2.0 * float(scipy.special.stdtr(n - 1, -abs(delta) / error)) if error else None,
        p_value=p_value,
        p_value_exact=n <= EXACT_UP_TO,
        effect_size=delta / sd * _hedges(n - 1) if sd and n > 2 else None,
        wins=int(np.sum(differences > 0.0)),
        ties=int(np.sum(differences == 0.0)),
        losses=int(np.sum(differences < 0.0)),
        detectable=None if error is None else multiplier(n) * error,
    )


def _interval(delta: float, half: float | None, n: int, confidence: float) -> Interval | None:
    if half is None:
        return None
    if half == 0.0:
        return constant_interval(delta, n, confidence, (-1.0, 1.0))
    return Interval(delta - half, delta + half, confidence, "paired-t")


def _standard_deviation(differences: FloatArray) -> float | None:
    if len(differences) < 2:
        return None
    sd = float(differences.std(ddof=1))
    return sd if sd > _EQUAL * float(np.abs(differences).max()) else 0.0


def _hedges(degrees: int) -> float:
    """Exact correction of the small-sample bias of a standardised mean (Hedges 1981, equation 6e)."""
    half = degrees / 2.0
    return float(np.exp(scipy.special.gammaln(half) - scipy.special.gammaln(half - 0.5)) / np.sqrt(half))
