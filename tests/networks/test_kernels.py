"""Gram matrices of the limit kernels: blocks against one pair at a time, and against gradients of real networks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.networks.kernels import BLOCK, deep_kernels, limit_kernels, shallow_kernels


def pair(x: np.ndarray, y: np.ndarray, layers: int) -> tuple[float, float]:
    """NNGP and NTK of two inputs by the recursion as it is written in papers, one number at a time."""
    gain = 1.0 if layers == 1 else 2.0
    xx, xy, yy = gain * float(x @ x), gain * float(x @ y), gain * float(y @ y)
    ntk = xy
    for layer in range(layers):
        scale = gain if layer < layers - 1 else 1.0
        t = math.acos(max(-1.0, min(1.0, xy / math.sqrt(xx * yy))))
        xy = scale * math.sqrt(xx * yy) * (math.sin(t) + (math.pi - t) * math.cos(t)) / (2 * math.pi)
        ntk = xy + ntk * scale * (math.pi - t) / (2 * math.pi)
        xx, yy = scale * xx / 2, scale * yy / 2
    return xy, ntk


@pytest.mark.parametrize("layers", [1, 3])
def test_blocks_are_the_recursion_pair_by_pair(layers: int) -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((BLOCK + 3, 4)), rng.standard_normal((3, 4))
    found = limit_kernels(X, Y, layers)
    for i in (0, 1, BLOCK - 1, BLOCK, BLOCK + 2):
        for j in range(3):
            assert (found.nngp[i, j], found.ntk[i, j]) == pytest.approx(pair(X[i], Y[j], layers), rel=1e-10)


def test_the_figures_of_another_library() -> None:
    """neural-tangents 0.6.5 at 60 degrees: one hidden layer, and three of W_std sqrt(2) with a readout of 1."""
    x, y = np.array([[1.0, 0.0]]), np.array([[0.5, math.sqrt(3) / 2]])
    assert [float(k[0, 0]) for k in limit_kernels(x, y)] == pytest.approx([0.304498890522, 0.471165557189], abs=1e-12)
    deep = [float(k[0, 0]) for k in limit_kernels(x, y, 3)]
    assert deep == pytest.approx([0.738128192301, 1.737844679215], abs=1e-12)


def test_a_networks_tangent_kernel_is_the_inner_product_of_its_gradients() -> None:
    """By central differences in every weight."""
    rng = np.random.default_rng(0)
    w, v, X = rng.standard_normal((5, 3)), rng.standard_normal(5), rng.standard_normal((4, 3))

    def output(weights: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(X @ weights[:15].reshape(5, 3).T, 0) @ weights[15:] / math.sqrt(5))

    weights = np.concatenate([w.ravel(), v])
    steps = 1e-6 * np.eye(20)
    jacobian = np.array([(output(weights + step) - output(weights - step)) / 2e-6 for step in steps]).T
    assert shallow_kernels(X, X, w, v).ntk == pytest.approx(jacobian @ jacobian.T, abs=1e-8)


def test_wide_networks_approach_the_limit() -> None:
    """200,000 neurons: within six of the standard errors, 2/sqrt(n) at most for inputs of length about 2."""
    rng = np.random.default_rng(0)
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, -0.8]])
    limit = limit_kernels(X, X)
    found = shallow_kernels(X, X, rng.standard_normal((200_000, 2)), rng.standard_normal(200_000))
    assert found.nngp == pytest.approx(limit.nngp, abs=6 * 2 / math.sqrt(200_000))
    assert found.ntk == pytest.approx(limit.ntk, abs=6 * 2.6 / math.sqrt(200_000))


def test_a_deep_networks_tangent_kernel_is_the_inner_product_of_its_gradients() -> None:
    """Three hidden layers of 4, by central differences in every weight."""
    rng = np.random.default_rng(1)
    shapes, X = [(4, 3), (4, 4), (4, 4), (4,)], rng.standard_normal((5, 3))
    cuts = np.cumsum([math.prod(shape) for shape in shapes])[:-1]

    def parts(flat: np.ndarray) -> list[np.ndarray]:
        return [part.reshape(shape) for part, shape in zip(np.split(flat, cuts), shapes, strict=True)]

    def output(flat: np.ndarray) -> np.ndarray:
        W1, W2, W3, v = parts(flat)
        h = np.maximum(math.sqrt(2) * X @ W1.T, 0)
        for W in (W2, W3):
            h = np.maximum(math.sqrt(2 / 4) * h @ W.T, 0)
        return np.asarray(h @ v / math.sqrt(4))

    flat = rng.standard_normal(48)
    jacobian = np.array([(output(flat + step) - output(flat - step)) / 2e-6 for step in 1e-6 * np.eye(48)]).T
    *weights, v = parts(flat)
    assert deep_kernels(X, weights, v).ntk == pytest.approx(jacobian @ jacobian.T, abs=1e-6)


def test_a_wide_deep_network_is_near_the_limit() -> None:
    """One network of width 1500: its fluctuation is about 10/1500 of the square, 8 %; five of that are allowed."""
    rng = np.random.default_rng(2)
    X = np.array([[1.0, 0.0], [0.5, math.sqrt(3) / 2]])
    weights = [rng.standard_normal(shape) for shape in ((1500, 2), (1500, 1500), (1500, 1500))]
    found, limit = deep_kernels(X, weights, rng.standard_normal(1500)), limit_kernels(X, X, 3)
    assert found.nngp == pytest.approx(limit.nngp, rel=0.4)
    assert found.ntk == pytest.approx(limit.ntk, rel=0.4)
