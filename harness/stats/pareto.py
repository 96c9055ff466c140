"""Which systems are worth choosing at all: those that no other beats in quality without costing more.

A system dominates another if it is at least as good and at most as costly, and strictly better in one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.stats.arrays import FloatArray, finite_matrix, finite_vector, same_length


def pareto_front(quality: ArrayLike, cost: ArrayLike) -> NDArray[np.bool_]:
    """Membership of the Pareto front, shape [n_systems].

    Higher quality is better, lower cost is better. Systems equal in both are on the front together.

    Raises:
        ValueError: unequal lengths, or a value that is not finite.
    """
    good, dear = finite_vector(quality, "quality"), finite_vector(cost, "cost")
    same_length(good, dear, "quality and cost")
    return np.asarray(_on_front(good[:, None], dear[:, None])[:, 0], dtype=np.bool_)


def front_probability(quality: ArrayLike, cost: ArrayLike) -> FloatArray:
    """Share of the resamples in which each system is on the Pareto front, shape [n_systems].

    Args:
        quality: bootstrap replicates from one set of weights, shape [n_systems, n_resamples], as
            :func:`harness.stats.bootstrap_means` gives them.
        cost: replicates of the cost in the same shape, or one cost a system in shape [n_systems, 1].

    Raises:
        ValueError: another shape, no resamples, or a value that is not finite.
    """
    good, dear = finite_matrix(quality, "quality"), finite_matrix(cost, "cost")
    if good.shape[1] == 0 or dear.shape not in (good.shape, (len(good), 1)):
        raise ValueError(f"cost must have shape {good.shape} or ({len(good)}, 1), got {dear.shape}")
    return np.asarray(_on_front(good, np.broadcast_to(dear, good.shape)).mean(axis=1), dtype=np.float64)


def _on_front(quality: FloatArray, cost: FloatArray) -> NDArray[np.bool_]:
    # One row of rivals at a time: all pairs at once would take n_systems times the memory.
    on_front = np.ones(quality.shape, dtype=np.bool_)
    for row in range(len(quality)):
        no_worse = (quality >= quality[row]) & (cost <= cost[row])
        better = (quality > quality[row]) | (cost < cost[row])
        on_front[row] = ~(no_worse & better).any(axis=0)
    return on_front
