"""Checks on what comes in, shared by all of ``stats``: a bad number is an error that says where it stood."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def finite_vector(values: ArrayLike, name: str) -> FloatArray:
    """``values`` as a float64 vector of shape [n].

    Raises:
        ValueError: not one-dimensional, or a value is NaN or infinite (its position is named).
    """
    return _checked(values, name, dimensions=1)


def finite_matrix(values: ArrayLike, name: str) -> FloatArray:
    """``values`` as a float64 matrix of shape [n_systems, n].

    Raises:
        ValueError: not two-dimensional, or a value is NaN or infinite (its position is named).
    """
    return _checked(values, name, dimensions=2)


def same_length(first: FloatArray, second: FloatArray, names: str) -> None:
    """Raise ValueError unless both have the same number of observations on their last axis."""
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(
            f"{names} must be paired, but have {first.shape[-1]} and {second.shape[-1]} values: "
            "give both on the same queries, in the same order"
        )


def valid_confidence(confidence: float) -> float:
    """``confidence``, or ValueError unless it lies strictly between 0 and 1."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie strictly between 0 and 1 (0.95, not 95), got {confidence!r}")
    return confidence


def _checked(values: ArrayLike, name: str, dimensions: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} dimension(s), got shape {array.shape}")
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name} must be finite, but {name}{list(where)} is {array[where]} ({int(bad.sum())} such)"
        )
    return array
