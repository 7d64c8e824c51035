"""The compiled descent against dense NumPy, finite differences and the closed form of a quadratic."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.line_descent import descend

Floats = NDArray[np.float64]
X = np.linspace(-5, 5, 60)
Y = np.sin(X)


def output(theta: Floats) -> Floats:
    w, b, v = theta[:-1].reshape(3, -1)
    return np.asarray(np.maximum(np.outer(X, w) + b, 0) @ v + theta[-1])


def gradient(theta: Floats, head_only: bool = False) -> Floats:
    w, b, v = theta[:-1].reshape(3, -1)
    z = np.outer(X, w) + b
    hidden, active = np.maximum(z, 0), z > 0
    residual = 2 / len(X) * (output(theta) - Y)
    back = residual[:, np.newaxis] * active * v
    moved = not head_only
    parts = (moved * (back * X[:, np.newaxis]).sum(axis=0), moved * back.sum(axis=0), hidden.T @ residual)
    return np.concatenate((*parts, [residual.sum()]))


def start(seed: int, neurons: int = 7) -> Floats:
    return np.random.default_rng(seed).standard_normal(3 * neurons + 1)


def compiled(theta: Floats, rate: float, steps: int, head_only: bool = False, adam: bool = False) -> tuple[Floats, int]:
    theta = theta.copy()
    done = descend(theta, X, Y, np.full(steps, rate), head_only, adam, np.array([0]), np.empty(1))
    return theta, done


@pytest.mark.parametrize("head_only", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_a_step_is_the_gradient(seed: int, head_only: bool) -> None:
    theta = start(seed)
    after, done = compiled(theta, 1.0, 1, head_only)
    assert done == 1
    assert theta - after == pytest.approx(gradient(theta, head_only), rel=1e-10, abs=1e-11)


def test_dead_flat_and_distant_neurons_have_their_gradients_too() -> None:
    w = np.array([0.0, 0.0, 1.0, -1.0, 1.0, -1.0])
    b = np.array([1.0, -1.0, -9.0, 9.0, 9.0, -9.0])
    theta = np.concatenate((w, b, np.linspace(-1, 1, 6), [0.3]))
    after, _ = compiled(theta, 1.0, 1)
    assert theta - after == pytest.approx(gradient(theta), rel=1e-10, abs=1e-12)


def test_many_steps_are_those_of_dense_descent_and_of_adam() -> None:
    theta = start(0)
    plain, moving = theta.copy(), theta.copy()
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, 201):
        plain -= 0.002 * gradient(plain)
        slope = gradient(moving)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        moving -= 0.01 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    assert compiled(theta, 0.002, 200)[0] == pytest.approx(plain, rel=1e-8)
    assert compiled(theta, 0.01, 200, adam=True)[0] == pytest.approx(moving, rel=1e-6)


def test_the_output_weights_follow_the_closed_form_of_a_quadratic() -> None:
    theta = start(1)
    w, b, _ = theta[:-1].reshape(3, -1)
    features = np.column_stack((np.maximum(np.outer(X, w) + b, 0), np.ones(len(X))))
    values, vectors = np.linalg.eigh(features.T @ features * 2 / len(X))
    rate, steps = 1.5 / values[-1], 500
    head = np.concatenate((theta[14:21], theta[-1:]))
    best = np.linalg.lstsq(features, Y)[0]
    expected = best + vectors @ ((1 - rate * values) ** steps * (vectors.T @ (head - best)))
    found, _ = compiled(theta, rate, steps, head_only=True)
    assert np.concatenate((found[14:21], found[-1:])) == pytest.approx(expected, rel=1e-6)
    assert np.array_equal(found[:14], theta[:14])


def test_divergence_ends_the_descent_and_the_losses() -> None:
    theta, losses = start(1), np.empty(3)
    expected = np.mean((output(theta) - Y) ** 2)
    done = descend(theta, X, Y, np.full(10_000, 50.0), False, False, np.array([0, 1, 9000]), losses)
    assert done < 100
    assert losses[0] == pytest.approx(expected)
    assert np.isnan(losses[2])
