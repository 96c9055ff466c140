"""The Pareto front against its definition, and its bootstrap probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stats import bootstrap_means, front_probability, pareto_front

points = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=10)


@given(points=points)
@settings(max_examples=100, deadline=None)
def test_front_equals_its_definition(points):
    front = pareto_front(*zip(*points, strict=True))
    for i, (quality, cost) in enumerate(points):
        beaten = any(q >= quality and c <= cost and (q, c) != (quality, cost) for q, c in points)
        assert front[i] == (not beaten)
    assert front.any()


def test_probability_says_how_often_the_dearer_one_is_better():
    generator = np.random.default_rng(0)
    base = generator.random(200)
    systems = np.stack([base, base + generator.normal(0.0, 0.2, 200), base - 1.0, base + 1.0])
    draws = bootstrap_means(systems, n_resamples=2_000)
    probability = front_probability(draws, [[1.0], [2.0], [3.0], [4.0]])
    assert probability[0] == 1.0
    assert probability[1] == (draws[1] > draws[0]).mean()
    assert 0.0 < probability[1] < 1.0
    assert list(probability[2:]) == [0.0, 1.0]


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="cost must have shape"):
        front_probability([[1.0, 2.0]], [[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match="must be paired"):
        pareto_front([1.0], [1.0, 2.0])
