"""The mean over several sets of queries, each counting by its weight, and its interval by a stratified bootstrap.

Queries are resampled within each set, never across: the sets are fixed, and what is said holds for other queries of
these very sets.

Source: B. Efron and R. Tibshirani, *An Introduction to the Bootstrap* (1993), section 8.3 (several samples).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.stats.arrays import FloatArray


def seeds(n_sets: int, seed: int = 0) -> list[int]:
    """A seed for each set, all different: sets of one size would else see the same resamples, and move together."""
    return [int(child.generate_state(1)[0]) for child in np.random.SeedSequence(seed).spawn(n_sets)]


def weighted_replicates(replicates: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Replicates of the mean over sets, [n_systems, n_resamples].

    Args:
        replicates: of each set's figures, [n_systems, n_resamples] each, drawn independently of the other sets.
        weights: of each set; they add up to 1.

    Raises:
        ValueError: no sets, other numbers of weights than of sets, or weights that do not add up to 1.
    """
    if not replicates or len(replicates) != len(weights):
        raise ValueError(f"{len(replicates)} sets and {len(weights)} weights")
    if abs(sum(weights) - 1.0) > 1e-9:
        raise ValueError(f"the weights add up to {sum(weights)}, not to 1")
    total = np.zeros_like(replicates[0])
    for rows, weight in zip(replicates, weights, strict=True):
        total += weight * rows
    return total


__all__ = ["seeds", "weighted_replicates"]
