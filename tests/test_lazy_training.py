"""Lazy training: gradients and kernels against central differences, the linear model against its own weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.suite.lazy_training import DATA_SETS, RATE, STEPS, Network, Params, distance, run


def flat(network: Network) -> np.ndarray:
    return np.concatenate([network.w.ravel(), network.v])


def values(network: Network, X: np.ndarray, activation: str) -> np.ndarray:
    phi = np.tanh if activation == "tanh" else (lambda z: np.maximum(z, 0))
    return np.asarray(phi(X @ network.w.T) @ network.v / math.sqrt(len(network.v)))


def jacobian(network: Network, X: np.ndarray, activation: str) -> np.ndarray:
    """By central differences, (points, weights)."""
    weights, n = flat(network), len(network.v)
    columns = []
    for step in 1e-6 * np.eye(len(weights)):
        up, down = weights + step, weights - step
        outputs = [values(Network(u[:-n].reshape(n, -1), u[-n:]), X, activation) for u in (up, down)]
        columns.append((outputs[0] - outputs[1]) / 2e-6)
    return np.array(columns).T


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_steps_and_kernels_are_those_of_the_gradients(activation: str) -> None:
    rng = np.random.default_rng(0)
    network = Network(rng.standard_normal((6, 3)), rng.standard_normal(6))
    X, y = rng.standard_normal((5, 3)), rng.standard_normal(5)
    gradients = jacobian(network, X, activation)
    output, kernel = network.output_and_tangent_kernel(X, activation)
    assert output == pytest.approx(values(network, X, activation))
    assert kernel == pytest.approx(gradients @ gradients.T, abs=1e-7)
    residual = output - y
    after, loss = network.step(X, y, activation)
    assert flat(after) == pytest.approx(flat(network) - RATE / 5 * gradients.T @ residual, abs=1e-8)
    assert loss == pytest.approx(np.mean(residual**2))


def test_the_linearised_network_is_a_linear_model_trained_by_the_same_steps() -> None:
    """Its weights are followed one by one, on the Jacobian at the start, for each data set of a run."""
    found = run(Params(width=12, activation="tanh"), np.random.default_rng(0))
    rng = np.random.default_rng(0)
    clouds, labels = rng.standard_normal((DATA_SETS, 28, 3)), rng.standard_normal((DATA_SETS, 8))
    errors, distances = [], []
    for cloud, y in zip(clouds, labels, strict=True):
        points = cloud / np.linalg.norm(cloud, axis=1, keepdims=True)
        start = network = Network(rng.standard_normal((12, 3)), rng.standard_normal(12))
        gradients, first = jacobian(start, points, "tanh"), values(start, points, "tanh")
        y = y + first[:8]
        change = np.zeros(gradients.shape[1])
        for _ in range(STEPS):
            change -= RATE / 8 * gradients[:8].T @ (first[:8] + gradients[:8] @ change - y)
            network, _ = network.step(points[:8], y, "tanh")
        error = values(network, points, "tanh")[8:] - (first + gradients @ change)[8:]
        errors.append(math.sqrt(np.mean(error**2)))
        distances.append(distance(network, start))
    assert found.metrics["linearisation_error"] == pytest.approx(np.mean(errors), rel=1e-5)
    assert found.metrics["movement"] == pytest.approx(np.mean(distances), rel=1e-10)


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=64, activation="relu")
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
