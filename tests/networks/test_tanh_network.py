"""The tanh network: derivatives by differences, and its fit against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize

from experiments.networks.tanh_network import fit, hessian, outputs_and_jacobian

Floats = NDArray[np.float64]


def problem(hidden: int, points: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(0)
    return rng.standard_normal(4 * hidden), rng.standard_normal((points, 2)), rng.standard_normal(points)


def loss(theta: Floats, X: Floats, y: Floats) -> float:
    h = theta.reshape(-1, 4)
    value = sum(v * np.tanh(X @ np.array([w1, w2]) + b) for w1, w2, b, v in h)
    return float(np.sum((value - y) ** 2) / 2)


def test_the_jacobian_and_the_hessian_are_those_of_differences() -> None:
    theta, X, y = problem(3, 5)
    value, jacobian = outputs_and_jacobian(theta, X)
    assert np.sum((value - y) ** 2) / 2 == pytest.approx(loss(theta, X, y), rel=1e-13)
    gradient = jacobian.T @ (value - y)
    numeric = optimize.approx_fprime(theta, loss, 1e-7, X, y)
    np.testing.assert_allclose(gradient, numeric, atol=1e-5)
    h, columns = 1e-5, []
    for i in range(theta.size):
        ends = []
        for sign in (1, -1):
            at = theta.copy()
            at[i] += sign * h
            found, slope = outputs_and_jacobian(at, X)
            ends.append(slope.T @ (found - y))
        columns.append((ends[0] - ends[1]) / (2 * h))
    np.testing.assert_allclose(hessian(theta, X, y), np.array(columns), atol=1e-7)


def test_the_fit_goes_down_and_ends_where_scipy_does() -> None:
    theta, X, y = problem(2, 12)
    end, losses = fit(theta, X, y, 2000, 1e-24)
    assert np.all(np.diff(losses) < 0)
    assert losses[-1] == pytest.approx(loss(end, X, y), rel=1e-12)

    def residuals(at: Floats) -> Floats:
        return outputs_and_jacobian(at, X)[0] - y

    scipys = optimize.least_squares(residuals, end, method="lm", xtol=1e-15)
    assert losses[-1] == pytest.approx(scipys.cost, rel=1e-6)


def test_with_many_neurons_it_interpolates() -> None:
    theta, X, y = problem(8, 12)
    end, losses = fit(theta, X, y, 500, 1e-24)
    assert losses[-1] < 1e-24
    assert np.abs(outputs_and_jacobian(end, X)[0] - y).max() < 1e-11
