"""The sweep over nested features against one least-squares solution of least norm at a time."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.random_features import relu_features
from experiments.networks.ridgeless import nested_risks, ridgeless_sweep

SIZES = [1, 2, 20, 55, 59, 60, 61, 70, 150, 600]


@pytest.mark.parametrize("kind", ["gaussian", "relu"])
def test_every_fit_of_a_sweep_is_the_least_norm_solution(kind: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 10))
    features = (
        rng.standard_normal((60, 600)) if kind == "gaussian" else np.maximum(x @ rng.standard_normal((10, 600)), 0)
    )
    y = x[:, 0] + rng.standard_normal(60)
    for p, weights in zip(SIZES, ridgeless_sweep(features, y, SIZES), strict=True):
        phi = features[:, :p]
        expected = np.linalg.lstsq(phi, y)[0]
        # backward errors of a few units times the condition number, at most 1e5 in these sizes
        condition = np.linalg.cond(phi)
        np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-13 * condition * np.linalg.norm(expected))


def test_collinear_features_are_fitted_too() -> None:
    rng = np.random.default_rng(1)
    features = rng.standard_normal((30, 5)) @ rng.standard_normal((5, 80))
    y = rng.standard_normal(30)
    for p, weights in zip([4, 20, 80], ridgeless_sweep(features, y, [4, 20, 80]), strict=True):
        expected = np.linalg.lstsq(features[:, :p], y, rcond=1e-12)[0]
        np.testing.assert_allclose(weights, expected, atol=1e-10)


def test_the_sizes_may_all_lie_on_one_side() -> None:
    rng = np.random.default_rng(2)
    features, y = rng.standard_normal((20, 50)), rng.standard_normal(20)
    for sizes in ([3, 7], [30, 50]):
        for p, weights in zip(sizes, ridgeless_sweep(features, y, sizes), strict=True):
            np.testing.assert_allclose(weights, np.linalg.lstsq(features[:, :p], y)[0], atol=1e-10)


def test_the_risks_of_a_sweep_are_those_of_single_fits() -> None:
    rng = np.random.default_rng(3)
    problem = relu_features(30, 90, 20, 1.0, rng)
    y = problem.target + rng.standard_normal(30)
    sizes = [5, 28, 30, 33, 90]
    for p, risk in zip(sizes, nested_risks(problem, y, sizes), strict=True):
        weights = np.zeros((90, 1))
        weights[:p, 0] = np.linalg.lstsq(problem.features[:, :p], y)[0]
        assert risk == pytest.approx(problem.excess_risk(weights)[0], rel=1e-6)
