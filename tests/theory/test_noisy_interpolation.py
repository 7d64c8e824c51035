"""The exact error of noisy interpolation: against scipy's other splines, quadrature and traces of unit vectors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, interpolate

from experiments.theory import noisy_interpolation as theory


@pytest.mark.parametrize("interpolant", theory.INTERPOLANTS)
@pytest.mark.parametrize("n", [20, 70])
def test_the_part_of_the_noise_is_the_trace_over_unit_vectors(interpolant: str, n: int) -> None:
    x, weights = theory.quadrature(n, 10.0)
    trace = weights @ np.sum(theory.interpolate(interpolant, n, 10.0, np.eye(n), x) ** 2, axis=1)
    part = theory.excess(interpolant, n, 10.0, 1.0) - theory.excess(interpolant, n, 10.0, 0.0)
    assert part == pytest.approx(trace, rel=1e-10)


@pytest.mark.parametrize("interpolant", theory.INTERPOLANTS)
def test_interpolants_are_those_of_scipy(interpolant: str) -> None:
    values = np.random.default_rng(0).standard_normal((9, 2))
    t, x = np.linspace(0, 3, 9), np.linspace(0, 3, 50)
    degree = {"line": 1, "cubic": 3}[interpolant]
    expected = interpolate.make_interp_spline(t, values, k=degree)(x)
    np.testing.assert_allclose(theory.interpolate(interpolant, 9, 3.0, values, x), expected, atol=1e-12)


def test_the_bias_is_that_of_adaptive_quadrature() -> None:
    t = np.linspace(0, 10, 12)

    def line_error(x: float) -> float:
        return float((np.interp(x, t, np.sin(t)) - np.sin(x)) ** 2)

    exact = integrate.quad(line_error, 0, 10, points=t[1:-1].tolist(), limit=200)[0] / 10
    assert theory.bias("line", 12, 10.0) == pytest.approx(exact, rel=1e-9)


def test_values_at_the_guides_setting() -> None:
    assert theory.excess("line", 20, 10.0, 0.01) / 0.01 == pytest.approx(0.6967, abs=5e-5)
    assert theory.excess("cubic", 20, 10.0, 0.01) / 0.01 == pytest.approx(0.8960, abs=5e-5)


def test_an_unknown_interpolant_is_refused() -> None:
    with pytest.raises(ValueError, match="no interpolant called 'quintic'"):
        theory.interpolate("quintic", 3, 1.0, np.zeros((3, 1)), np.zeros(1))
