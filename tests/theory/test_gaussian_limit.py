"""Formulas of the Gaussian limit against quadrature, exact arithmetic and simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, special, stats

from experiments.theory import gaussian_limit as theory

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(x, 0.0),
    "linear": lambda x: x,
    "tanh": math.tanh,
    "sigmoid": special.expit,
}


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("power", [2, 4])
def test_moments_are_those_of_adaptive_quadrature(activation: str, power: int) -> None:
    function = FUNCTIONS[activation]
    expected, _ = integrate.quad(lambda x: function(x) ** power * stats.norm.pdf(x), -15, 15, points=[0], epsabs=1e-13)
    assert theory.moments(activation)[power // 2 - 1] == pytest.approx(expected, rel=1e-11)


def test_one_layer_constants() -> None:
    """The three exact ones by hand: E relu^4 / (E relu^2)^2 = 6, that of the identity 3."""
    assert theory.excess_kurtosis(1) == 15
    assert theory.excess_kurtosis(1, readout="rademacher") == 3
    assert theory.excess_kurtosis(1, activation="linear") == 6
    assert theory.excess_kurtosis(1, activation="linear", readout="rademacher") == 0
    assert theory.excess_kurtosis(1, activation="tanh") == pytest.approx(1.88187, abs=5e-6)
    assert theory.excess_kurtosis(1, activation="sigmoid") == pytest.approx(1.58670, abs=5e-6)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 3, 8])
def test_deep_relu_kurtosis_is_the_sum_over_how_many_neurons_are_on(width: int, layers: int) -> None:
    """Given k neurons on, q'/q is (2/n) chi2_k, of second moment (4/n^2) k (k + 2): a sum of fractions."""
    growth = sum(
        Fraction(math.comb(width, k), 2**width) * Fraction(4 * k * (k + 2), width**2) for k in range(width + 1)
    )
    assert theory.excess_kurtosis(width, layers) == pytest.approx(float(3 * growth**layers - 3), rel=1e-14)


def test_deep_kurtosis_of_random_signs_by_whole_weight_matrices() -> None:
    """400,000 networks of 4 neurons and 2 layers; five standard errors, a false alarm in two million."""
    rng = np.random.default_rng(0)
    networks, width = 400_000, 4
    hidden = np.maximum(rng.standard_normal((networks, width)), 0)
    weights = rng.standard_normal((networks, width, width))
    hidden = np.maximum(np.einsum("kij,kj->ki", weights, hidden), 0) * math.sqrt(2 / width) * math.sqrt(2 / width)
    output = (rng.integers(0, 2, (networks, width)) * 2 - 1) * hidden
    fourth = output.sum(axis=1) ** 4
    error = fourth.std() / math.sqrt(networks)
    predicted = 3 + theory.excess_kurtosis(width, 2, "relu", "rademacher")
    assert abs(fourth.mean() - predicted) < 5 * error
    assert error < 0.1 * predicted


def test_depth_without_homogeneity_and_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="one hidden layer only"):
        theory.excess_kurtosis(10, 2, "tanh")
    with pytest.raises(ValueError, match="no activation"):
        theory.excess_kurtosis(10, 1, "swish")
    with pytest.raises(ValueError, match="no readout"):
        theory.excess_kurtosis(10, readout="cauchy")


def mixture_gap(x: float, width: int) -> float:
    """F(x) - Phi(x) as a sum over the neurons that are on of an integral over their chi-square."""
    total = 0.0
    for k in range(width + 1):
        if k == 0:
            given = 1.0
        else:
            given, _ = integrate.quad(
                lambda s, k=k: special.ndtr(x / math.sqrt(2 * s / width)) * stats.chi2.pdf(s, k),
                0,
                np.inf,
                epsabs=1e-11,
            )
        total += float(stats.binom.pmf(k, width, 0.5)) * given
    return total - float(special.ndtr(x))


@pytest.mark.parametrize(("width", "error"), [(8, 3e-5), (16, 3e-7)])
def test_the_inverted_characteristic_function_is_the_mixture(width: int, error: float) -> None:
    x = np.array([0.1, 0.742, 2.0, 5.0])
    assert theory.relu_gap(x, width) == pytest.approx([mixture_gap(point, width) for point in x], abs=error)


def test_the_gap_from_the_right_of_zero_is_half_the_atom() -> None:
    assert theory.relu_gap(np.array([0.0]), 4)[0] == pytest.approx(2**-5, abs=1e-12)


def test_first_order_distances_are_those_of_the_first_order_gap() -> None:
    x = np.linspace(-12, 12, 200_001)
    gap = theory.edgeworth_gap(x, 15.0)
    found = theory.edgeworth_distances(15.0)
    assert found.ks == pytest.approx(np.abs(gap).max(), rel=1e-8)
    assert found.w1 == pytest.approx(np.trapezoid(np.abs(gap), x), rel=1e-7)
    assert (found.ks, found.w1) == pytest.approx((0.344117, 0.943758), abs=1e-6)


def test_distances_fall_as_one_over_the_width() -> None:
    """Not as its square root: n times the distance tends to the first-order constant, with an error of order 1/n
    (beside the 1e-3 that the distances are good for)."""
    for width in (64, 256, 1024):
        exact, first = theory.relu_distances(width), theory.edgeworth_distances(15 / width)
        assert exact.ks / first.ks == pytest.approx(1, abs=1 / width + 1e-3)
        assert exact.w1 / first.w1 == pytest.approx(1, abs=1.2 / width + 1e-3)


def test_distances_of_a_known_law() -> None:
    """N(0, s^2) against N(0, 1): W1 is |s - 1| sqrt(2/pi); KS where the densities cross."""
    x, s = np.linspace(0, 8, 81), 1.1
    crossing = math.sqrt(2 * math.log(s) / (1 - s**-2))
    found = theory.distances(x, special.ndtr(x / s) - special.ndtr(x))
    assert found.ks == pytest.approx(float(special.ndtr(crossing) - special.ndtr(crossing / s)), rel=5e-4)
    assert found.w1 == pytest.approx((s - 1) * math.sqrt(2 / math.pi), rel=3e-3)


def test_error_of_the_guides_sample_variance() -> None:
    """By simulation of the guide's law, |v|^2/n times a chi-square: five standard errors of 200,000 draws."""
    rng = np.random.default_rng(0)
    for width in (10, 1000):
        squared = (rng.chisquare(width, 200_000) / width * rng.chisquare(999, 200_000) / 999 - 1) ** 2
        predicted = theory.variance_rmse(width, 1000, activation="linear") ** 2
        assert abs(squared.mean() - predicted) < 5 * squared.std() / math.sqrt(200_000)
    assert theory.variance_rmse(10_000, 1000, activation="linear") == pytest.approx(0.0469, abs=5e-5)


def test_kurtosis_of_normal_samples() -> None:
    """Five standard errors of 20,000 samples of 50."""
    values = stats.kurtosis(np.random.default_rng(0).standard_normal((20_000, 50)), axis=1)
    assert abs(values.mean() - theory.normal_sample_kurtosis(50)) < 5 * values.std() / math.sqrt(20_000)


def test_share_of_dead_networks_by_counting() -> None:
    """Two layers of two neurons: a quarter of the first are off, and a quarter of the second where the first is on."""
    assert theory.dead_share(2, 2) == 1 / 4 + 3 / 4 * 1 / 4
