"""Sizes of signals against quadrature and simulation with explicit matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from experiments.theory import signal_propagation as theory


def test_moments_of_a_factor_by_quadrature() -> None:
    second, fourth = (quad(lambda x, k=k: x**k * stats.norm.pdf(x), 0, np.inf)[0] for k in (2, 4))
    for n in (1, 8, 100):
        mean = 2 / n * n * second
        square = (2 / n) ** 2 * (n * fourth + n * (n - 1) * second**2)
        assert mean == pytest.approx(1)
        assert theory.step_variance(n) == pytest.approx(square - 1, rel=1e-9)
    assert theory.second_moment(64, 8) == pytest.approx((1 + 5 / 64) ** 8)


@pytest.mark.parametrize("n", [1, 2, 8, 64])
def test_the_mean_logarithm_by_quadrature(n: int) -> None:
    """Over the densities of chi-square variables, in place of their known mean logarithm."""
    total = 0.0
    for k in range(1, n + 1):
        law = stats.chi2(k)
        mean = quad(lambda t, law=law: t * law.pdf(math.exp(t)) * math.exp(t), -80, 8, points=[0, math.log(k)])[0]
        total += stats.binom.pmf(k, n, 0.5) * mean
    expected = total / (1 - 2.0**-n) + math.log(2 / n)
    assert theory.log_growth(n) == pytest.approx(expected, abs=1e-6)


def test_the_mean_logarithm_has_the_recorded_values() -> None:
    for n, value in ((8, -3.19), (16, -2.82), (32, -2.64), (64, -2.57)):
        assert n * theory.log_growth(n) == pytest.approx(value, abs=0.006)
    assert 1000 * theory.log_growth(1000) == pytest.approx(-2.5, abs=0.01)


@pytest.mark.parametrize(("init", "bias"), [("normal", 1.0), ("he", 0.0), ("glorot", 0.0), ("lecun", 0.0)])
def test_mean_squares_by_simulation_with_matrices(init: str, bias: float) -> None:
    """3,000 networks of 6 neurons: five standard errors, three numbers for each initialisation."""
    rng, n = np.random.default_rng(0), 6
    spread = math.sqrt(theory.weight_factor(init, n) / n)
    h = np.ones((3000, n))
    for layer in (1, 2, 3):
        if init == "glorot":
            weights = rng.uniform(-math.sqrt(6 / (n + n)), math.sqrt(6 / (n + n)), (3000, n, n))
        else:
            weights = spread * rng.standard_normal((3000, n, n))
        z = np.einsum("kij,kj->ki", weights, h) + math.sqrt(bias) * rng.standard_normal((3000, n))
        q = np.square(z).mean(axis=1)
        assert abs(q.mean() - theory.mean_square(init, n, layer, bias, 1.0)) < 5 * q.std() / math.sqrt(3000)
        h = np.maximum(z, 0)


def test_the_guides_network_has_squares_6_and_10() -> None:
    """Inputs 2 of mean square 5/2, then 3 hidden neurons: the recursion with each layer's own width."""
    first = theory.mean_square("normal", 2, 1, 1.0, 2.5)
    assert first == 6
    assert theory.growth("normal", 3) * first + 1 == 10


def test_typical_squares_by_simulation() -> None:
    """10,000 living networks of 16 neurons in three layers; five standard errors."""
    rng, n = np.random.default_rng(0), 16
    h = np.ones((10_000, n))
    for _ in range(3):
        z = rng.standard_normal(h.shape) * np.sqrt(2 * np.square(h).mean(axis=1, keepdims=True))
        h = np.maximum(z, 0)
    logs = np.log(np.square(z).mean(axis=1))
    assert abs(logs.mean() - theory.log_typical_square(n, 3)) < 5 * logs.std() / 100


def test_an_unknown_initialisation_is_refused() -> None:
    with pytest.raises(ValueError, match="no initialisation called 'orthogonal': normal, he, glorot, lecun"):
        theory.growth("orthogonal", 4)
