"""Uniform bounds: gaps against classifiers taken one by one, risks against fresh points."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.suite.uniform_bounds import BALL, Params, ball_suprema, coin_gaps, halfspace_gaps, run


def test_halfspaces_have_the_risk_of_their_angle() -> None:
    """On 20,000 points the training error of 20 x 1000 halfspaces is within six standard errors of the risk: a false
    alarm once in 25,000 if they were independent."""
    gaps = halfspace_gaps(20_000, np.random.default_rng(0))
    assert gaps.max() < 6 * math.sqrt(0.25 / 20_000)


def test_one_halfspace_by_hand() -> None:
    gaps = halfspace_gaps(40, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    normals, x = rng.standard_normal((10, 1000)), rng.standard_normal((40, 10))
    w = normals[:, 7]
    wrong = sum((point @ w > 0) != (point[0] > 0) for point in x)
    angle = math.acos(w[0] / math.sqrt(w @ w))
    assert gaps[0, 7] == pytest.approx(abs(wrong / 40 - angle / math.pi), rel=1e-12)


def test_coins_have_gaps_that_are_multiples_of_a_point() -> None:
    gaps = coin_gaps(10, np.random.default_rng(0))
    assert set(np.unique(gaps * 10).round(9)) == {0, 1, 2, 3, 4, 5}


def test_the_supremum_over_the_ball_is_attained_by_no_other_direction() -> None:
    suprema = ball_suprema(50, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, BALL))
    signs = rng.integers(0, 2, 50) * 2.0 - 1
    others = rng.standard_normal((BALL, 5000))
    correlations = signs @ x @ (others / np.linalg.norm(others, axis=0)) / 50
    assert correlations.max() < suprema[0]
    best = x.T @ signs
    assert suprema[0] == pytest.approx(signs @ x @ (best / math.sqrt(best @ best)) / 50)


@pytest.mark.parametrize("family", ["coins", "halfspaces", "ball"])
def test_same_seed_gives_the_same_bits(family: str) -> None:
    params = Params(points=30, family=family)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
