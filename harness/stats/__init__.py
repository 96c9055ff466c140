"""Intervals, paired tests, corrections, quantiles, ratios: NumPy and SciPy only, pure functions of arrays."""

from harness.stats.bootstrap import (
    RESAMPLES,
    bootstrap_each,
    bootstrap_mean,
    bootstrap_means,
    percentile_interval,
)
from harness.stats.bounded import constant_interval, special_interval, wilson
from harness.stats.contingency import GroupKind, bootstrap_group_measures, group_measure
from harness.stats.correlation import (
    CorrelationDifference,
    CorrelationKind,
    bootstrap_correlation,
    bootstrap_correlations,
    correlation,
    paired_bootstrap_correlation,
)
from harness.stats.family import Family, max_t_means, max_t_replicates, seed_of
from harness.stats.interval import Interval
from harness.stats.near_ties import near_tie_band
from harness.stats.one_sided import MeanEvidence, Verdict, mean_evidence, non_inferiority
from harness.stats.paired import (
    SIGN_FLIPS,
    PairedComparison,
    compare_paired,
    compare_paired_family,
    differences_of,
    holm,
    sign_flip_p_values,
)
from harness.stats.pareto import front_probability, pareto_front
from harness.stats.quantiles import (
    coverage,
    early_stopping_count,
    interval_ranks,
    lag1_autocorrelation,
    percentile,
    quantile_interval,
    smallest_count,
)
from harness.stats.ratios import (
    FEWEST_SETS,
    RatioEstimate,
    SlowdownRule,
    SpeedVerdict,
    block_log_ratios,
    estimate_ratio,
    false_alarm_rate,
    hodges_lehmann,
    judge_slowdown,
    too_noisy,
)
from harness.stats.sample_size import POWER, detectable_difference, items_needed, multiplier, power_of
from harness.stats.student import LOG_METHOD, log_mean_interval, mean_interval
from harness.stats.thresholds import ThresholdKind, bootstrap_threshold_measures, threshold_measure

__all__ = [
    "FEWEST_SETS",
    "LOG_METHOD",
    "POWER",
    "RESAMPLES",
    "SIGN_FLIPS",
    "CorrelationDifference",
    "CorrelationKind",
    "Family",
    "GroupKind",
    "Interval",
    "MeanEvidence",
    "PairedComparison",
    "RatioEstimate",
    "SlowdownRule",
    "SpeedVerdict",
    "ThresholdKind",
    "Verdict",
    "block_log_ratios",
    "bootstrap_correlation",
    "bootstrap_correlations",
    "bootstrap_each",
    "bootstrap_group_measures",
    "bootstrap_mean",
    "bootstrap_means",
    "bootstrap_threshold_measures",
    "compare_paired",
    "compare_paired_family",
    "constant_interval",
    "correlation",
    "coverage",
    "detectable_difference",
    "differences_of",
    "early_stopping_count",
    "estimate_ratio",
    "false_alarm_rate",
    "front_probability",
    "group_measure",
    "hodges_lehmann",
    "holm",
    "interval_ranks",
    "items_needed",
    "judge_slowdown",
    "lag1_autocorrelation",
    "log_mean_interval",
    "max_t_means",
    "max_t_replicates",
    "mean_evidence",
    "mean_interval",
    "multiplier",
    "near_tie_band",
    "non_inferiority",
    "paired_bootstrap_correlation",
    "pareto_front",
    "percentile",
    "percentile_interval",
    "power_of",
    "quantile_interval",
    "seed_of",
    "sign_flip_p_values",
    "smallest_count",
    "special_interval",
    "threshold_measure",
    "too_noisy",
    "wilson",
]
