"""Is the candidate slower than the baseline: per-block log-ratios, Hodges-Lehmann, and the A/B rule of the
method.

Each block holds samples of both arms taken in turns, so that a drift of the machine is in both and leaves
their ratio. Sources: J. Hodges and E. Lehmann (1963); the signed-rank interval of J. Tukey (Hollander and
Wolfe, *Nonparametric Statistical Methods*, section 3.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.arrays import FloatArray, finite_vector, valid_confidence
from harness.stats.interval import Interval
from harness.stats.student import mean_interval

#: Sets of processes from which on their own deviation is part of an interval.
FEWEST_SETS = 3
SpeedVerdict = Literal["pass", "fail", "extend", "inconclusive"]


@dataclass(frozen=True)
class SlowdownRule:
    """When a candidate is called slower.

    Attributes:
        margin: the slow-down m that must be exceeded to fail (0.05: 5 %); below 2 m is a pass.
        blocks: blocks measured first.
        extended_blocks: blocks after the one extension.
        confidence: of the two-sided interval.
    """

    margin: float = 0.05
    blocks: int = 12
    extended_blocks: int = 20
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not self.margin > 0.0:
            raise ValueError(f"margin must be positive (0.05: 5 %), got {self.margin!r}")
        if not 1 <= self.blocks <= self.extended_blocks:
            raise ValueError(
                f"need 1 <= blocks <= extended_blocks, got {self.blocks} and {self.extended_blocks}"
            )
        valid_confidence(self.confidence)


@dataclass(frozen=True)
class RatioEstimate:
    """A ratio of candidate to baseline, above 1 where the candidate is slower.

    Two copies of one program may differ by a percent or two for as long as they live, so blocks of one set of processes
    are not independent. Where at least three sets are known the interval is the wider of that over blocks and Student's
    over the sets' means; otherwise it speaks for the processes that were measured. Call two programs different where
    the interval excludes 1 *and* the ratio is beyond a factor that matters, as the rule does, and not for the interval
    alone.

    Attributes:
        ratio: exp of the Hodges-Lehmann estimate of the per-block log-ratios; dimensionless.
        interval: its signed-rank interval; None where there are too few blocks (under 6 at 95 %).
        n_blocks: number of blocks.
        n_sets: sets of fresh processes they were measured in; 0 where that is not known.
        set_deviation: standard deviation of the sets' own log-ratios; None under two sets.
    """

    ratio: float
    interval: Interval | None
    n_blocks: int
    n_sets: int = 0
    set_deviation: float | None = None


def block_log_ratios(candidate: Sequence[ArrayLike], baseline: Sequence[ArrayLike]) -> FloatArray:
    """log(median of the candidate / median of the baseline) of each block, shape [n_blocks].

    Args:
        candidate, baseline: one array of durations for each block, in any one unit.

    Raises:
        ValueError: different numbers of blocks, an empty block, or a median that is not positive and finite.
    """
    if len(candidate) != len(baseline):
        raise ValueError(f"both arms need the same blocks, got {len(candidate)} and {len(baseline)}")
    logs = [
        [_log_median(block, arm, i) for i, block in enumerate(blocks)]
        for arm, blocks in (("candidate", candidate), ("baseline", baseline))
    ]
    return np.asarray(np.subtract(logs[0], logs[1]), dtype=np.float64)


def hodges_lehmann(values: ArrayLike, confidence: float = 0.95) -> tuple[float, Interval | None]:
    """Median of the Walsh averages of values [n], with the interval that inverts the exact signed-rank test.

    The interval needs values that are symmetric about their centre; its coverage is then at least
    ``confidence``.

    Returns:
        The estimate, and its interval or None where n is too small (under 6 at 95 %).

    Raises:
        ValueError: no values, a value that is not finite, or an impossible confidence.
    """
    vector = finite_vector(values, "values")
    n = len(vector)
    if n == 0:
        raise ValueError("cannot estimate a centre of zero values")
    first, second = np.triu_indices(n)
    walsh = np.sort((vector[first] + vector[second]) / 2.0)
    rank = signed_rank_cut(n, confidence)
    interval = None
    if rank > 0:
        interval = Interval(float(walsh[rank - 1]), float(walsh[-rank]), confidence, "signed-rank")
    return float(np.median(walsh)), interval


def signed_rank_cut(n: int, confidence: float = 0.95) -> int:
    """The rank k whose k-th smallest and k-th largest Walsh average bound the interval; 0 where none does.

    The largest k with P(W <= k - 1) <= (1 - confidence) / 2, for Wilcoxon's W of n values under the null.
    """
    tail = (1.0 - valid_confidence(confidence)) / 2.0
    return int(np.searchsorted(np.cumsum(_signed_rank_probabilities(n)), tail, side="right"))


def estimate_ratio(
    log_ratios: ArrayLike, confidence: float = 0.95, sets: ArrayLike | None = None
) -> RatioEstimate:
    """The ratio of two arms from per-block log-ratios [n_blocks], and the set of each block where known, [n_blocks].

    Raises ValueError as :func:`hodges_lehmann`, or for sets of another length.
    """
    logs = finite_vector(log_ratios, "log_ratios")
    centre, interval = hodges_lehmann(logs, confidence)
    n_sets, deviation, limits = 0, None, interval
    if sets is not None:
        of_block = np.asarray(sets)
        if of_block.shape != logs.shape:
            raise ValueError(f"every block needs its set, got {of_block.shape} for {logs.shape}")
        means = np.asarray([logs[of_block == one].mean() for one in np.unique(of_block)])
        n_sets = len(means)
        deviation = float(means.std(ddof=1)) if n_sets > 1 else None
        over_sets = mean_interval(means, confidence) if n_sets >= FEWEST_SETS else None
        if interval is not None and over_sets is not None:
            low, high = min(interval.low, over_sets.low), max(interval.high, over_sets.high)
            limits = Interval(low, high, confidence, "signed-rank and sets")
    if limits is not None:
        limits = Interval(float(np.exp(limits.low)), float(np.exp(limits.high)), confidence, limits.method)
    return RatioEstimate(float(np.exp(centre)), limits, len(logs), n_sets, deviation)


_DEFAULT_RULE = SlowdownRule()


def judge_slowdown(
    log_ratios: ArrayLike, rule: SlowdownRule = _DEFAULT_RULE, sets: ArrayLike | None = None
) -> SpeedVerdict:
    """The A/B rule: fail if the lower limit > 1 + m, pass if the upper limit < 1 + 2 m, else extend once.

    Call it when ``rule.blocks`` are measured and, where it said ``extend``, once more at
    ``rule.extended_blocks``: looking after every block would look until something is found. With fewer blocks
    than the rule asks for it neither passes nor fails.

    Returns:
        ``extend`` where undecided with fewer than ``extended_blocks``, ``inconclusive`` with that many.

    Raises:
        ValueError: as :func:`hodges_lehmann`.
    """
    estimate = estimate_ratio(log_ratios, rule.confidence, sets)
    if estimate.n_blocks >= rule.blocks and estimate.interval is not None:
        if estimate.interval.low > 1.0 + rule.margin:
            return "fail"
        if estimate.interval.high < 1.0 + 2.0 * rule.margin:
            return "pass"
    return "extend" if estimate.n_blocks < rule.extended_blocks else "inconclusive"


def too_noisy(control_log_ratios: ArrayLike, rule: SlowdownRule = _DEFAULT_RULE) -> bool:
    """Whether an A/A control shows a machine on which the rule must not be used (the verdict is then
    *invalid*).

    Two copies of one pipeline have a ratio of 1. The machine is fit if the control's interval shows a ratio
    within 1 / (1 + 2 m) and 1 + 2 m: what passes for equal in the rule, in both directions. No interval is
    too noisy as well.

    Raises:
        ValueError: as :func:`hodges_lehmann`.
    """
    interval = estimate_ratio(control_log_ratios, rule.confidence).interval
    widest = 1.0 + 2.0 * rule.margin
    return interval is None or interval.high >= widest or interval.low <= 1.0 / widest


def false_alarm_rate(
    control_log_ratios: ArrayLike,
    rule: SlowdownRule = _DEFAULT_RULE,
    *,
    n_resamples: int = 2_000,
    seed: int = 0,
) -> float:
    """Share of resamplings of an A/A control's blocks in which the rule would have failed a candidate.

    Blocks are drawn with replacement, ``rule.blocks`` first and ``rule.extended_blocks`` where the rule
    extends.

    Raises:
        ValueError: no blocks, no resamples, or a log-ratio that is not finite.
    """
    logs = finite_vector(control_log_ratios, "control_log_ratios")
    if len(logs) == 0 or n_resamples < 1:
        raise ValueError(f"need blocks and resamples, got {len(logs)} and {n_resamples}")
    draws = np.random.default_rng(seed).choice(logs, size=(n_resamples, rule.extended_blocks))
    alarms = 0
    for draw in draws:
        verdict = judge_slowdown(draw[: rule.blocks], rule)
        alarms += (judge_slowdown(draw, rule) if verdict == "extend" else verdict) == "fail"
    return alarms / n_resamples


def _log_median(block: ArrayLike, arm: str, index: int) -> float:
    samples = np.asarray(block, dtype=np.float64)
    median = float(np.median(samples)) if samples.size else float("nan")
    if not (np.isfinite(median) and median > 0.0):
        raise ValueError(
            f"block {index} of the {arm} has no positive, finite median ({samples.size} samples)"
        )
    return float(np.log(median))


@lru_cache(maxsize=64)
def _signed_rank_probabilities(n: int) -> FloatArray:
    """P(W = w) for w = 0 .. n(n+1)/2: each rank is in the sum or not, each with probability one half."""
    probabilities = np.ones(1)
    for rank in range(1, n + 1):
        absent = np.concatenate([probabilities, np.zeros(rank)])
        present = np.concatenate([np.zeros(rank), probabilities])
        probabilities = (absent + present) / 2.0
    probabilities.flags.writeable = False
    return probabilities
