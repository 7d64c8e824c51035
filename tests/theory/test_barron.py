"""Moments of random ReLU neurons against quadrature and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from experiments.theory import barron as theory


def test_the_variance_of_a_neuron() -> None:
    """relu(g) for a normal g, by quadrature; |x|²/d has mean 1."""
    first, _ = integrate.quad(lambda g: g * stats.norm.pdf(g), 0, 12)
    second, _ = integrate.quad(lambda g: g**2 * stats.norm.pdf(g), 0, 12)
    assert pytest.approx(second - first**2, rel=1e-10) == theory.NEURON_VARIANCE
    assert theory.mean_squared_error(10) == pytest.approx(0.03408450569, rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 7, 100])
def test_the_norm_of_a_normal_vector(d: int) -> None:
    chi = stats.chi(d)
    assert theory.mean_norm(d) == pytest.approx(chi.mean(), rel=1e-11)
    assert theory.target_variance(d) == pytest.approx(chi.var() / (2 * math.pi * d), rel=1e-8)


def test_products_of_neurons_and_target() -> None:
    """Monte Carlo over a million inputs: five standard errors, ten comparisons."""
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((3, 2))
    x = rng.standard_normal((1_000_000, 2))
    hidden = np.maximum(x @ weights.T, 0)
    f = np.linalg.norm(x, axis=1) / math.sqrt(2 * math.pi * 2)
    for i in range(3):
        for j in range(i, 3):
            sample = hidden[:, i] * hidden[:, j]
            assert abs(theory.neuron_products(weights)[i, j] - sample.mean()) < 5 * sample.std() / 1000
        sample = hidden[:, i] * f
        assert abs(theory.target_products(weights)[i] - sample.mean()) < 5 * sample.std() / 1000
    readout = np.array([0.2, -0.5, 0.7])
    sample = np.square(hidden @ readout - f)
    assert abs(theory.population_error(weights, readout) - sample.mean()) < 5 * sample.std() / 1000


def test_in_one_dimension_the_error_is_two_squares() -> None:
    """f_N(x) = a relu(x) + b relu(−x): the error is ((a − c)² + (b − c)²)/2 with c = 1/√2π."""
    weights = np.random.default_rng(0).standard_normal((50, 1))
    a, b, c = np.maximum(weights, 0).mean(), np.maximum(-weights, 0).mean(), 1 / math.sqrt(2 * math.pi)
    expected = ((a - c) ** 2 + (b - c) ** 2) / 2
    assert theory.population_error(weights, np.full(50, 0.02)) == pytest.approx(expected, rel=1e-10)
