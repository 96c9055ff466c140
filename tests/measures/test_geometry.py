"""Alignment and uniformity against a direct computation, and the laws they obey."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import DataError
from harness.measures import geometry


def direct_alignment(x: np.ndarray, y: np.ndarray) -> float:
    total = 0.0
    for u, v in zip(x, y, strict=True):
        a, b = u / math.sqrt(sum(u * u)), v / math.sqrt(sum(v * v))
        total += sum((a - b) ** 2)
    return total / len(x)


def direct_uniformity(x: np.ndarray) -> float:
    rows = [u / math.sqrt(sum(u * u)) for u in x]
    terms = [math.exp(-2 * sum((rows[i] - rows[j]) ** 2)) for i in range(len(rows)) for j in range(i)]
    return math.log(sum(terms) / len(terms))


@given(st.integers(2, 40), st.integers(1, 9), st.integers(0, 1000))
def test_both_equal_a_direct_computation(n: int, dimension: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(n, dimension)), draw.normal(size=(n, dimension))
    assert geometry.alignment(x, y) == pytest.approx(direct_alignment(x, y), abs=1e-12)
    assert geometry.uniformity(x) == pytest.approx(direct_uniformity(x), abs=1e-9)


def test_uniformity_in_tiles_is_uniformity_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(50, 5))
    whole = geometry.uniformity(x)
    monkeypatch.setattr(geometry, "_ROWS", 7)
    assert geometry.uniformity(x) == pytest.approx(whole, abs=1e-12)


def test_known_answers() -> None:
    x = np.array([[1.0, 0.0], [0.0, 3.0]])
    assert geometry.alignment(x, x) == 0
    assert geometry.alignment(x, -x) == pytest.approx(4)  # antipodes are 2 apart
    assert geometry.uniformity(x) == pytest.approx(-4)  # one pair, sqrt(2) apart: log exp(-2 * 2)
    assert geometry.uniformity(np.ones((5, 3))) == pytest.approx(0)  # all in one place: the worst there is


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: geometry.uniformity(np.ones((1, 3))), "two or more"),
        (lambda: geometry.uniformity(np.zeros((2, 3))), "embedding 0 has the length 0"),
        (lambda: geometry.alignment(np.ones((2, 3)), np.ones((3, 3))), r"\(2, 3\) and \(3, 3\)"),
        (lambda: geometry.alignment(np.ones((2, 3)), np.full((2, 3), np.nan)), "length nan"),
        (lambda: geometry.alignment(np.ones(3), np.ones(3)), r"shape \(3,\)"),
    ],
)
def test_what_has_no_answer_is_an_error(wrong: object, says: str) -> None:
    with pytest.raises(DataError, match=says):
        wrong()  # type: ignore[operator]
