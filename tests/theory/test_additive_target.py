"""Moments of the guide's function against quadrature, and least squares against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from experiments.theory import additive_target as theory


def mean(f: object) -> float:
    assert callable(f)
    return float(integrate.quad(lambda x: f(x) * stats.norm.pdf(x), -12, 12)[0])


def test_moments_by_quadrature() -> None:
    sine = mean(lambda x: math.sin(x) ** 2)
    cosine = mean(lambda x: math.cos(x) ** 2) - mean(math.cos) ** 2
    assert theory.variance(50) == pytest.approx(sine + cosine / 4 + 0.48, rel=1e-10)
    slope = mean(lambda x: x * math.sin(x))
    assert theory.linear_variance(50) == pytest.approx(slope**2 + 0.48, rel=1e-10)
    assert theory.linear_ceiling(50) == pytest.approx(0.8811156, abs=1e-7)


def test_the_risk_of_a_linear_predictor_by_simulation() -> None:
    """A million points, five standard errors."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1_000_000, 4))
    y = np.sin(x[:, 0]) + 0.5 * np.cos(x[:, 1]) + 0.1 * x[:, 2:].sum(axis=1)
    slopes = [0.4, -0.2, 0.0, 0.3]
    squared = np.square(y - 0.1 - x @ slopes)
    assert abs(theory.linear_risk(0.1, slopes) - squared.mean()) < 5 * squared.std() / 1000
    s = math.exp(-0.5)
    assert theory.linear_risk(s / 2, [s, 0, 0.1, 0.1]) == pytest.approx(theory.variance(4) - theory.linear_variance(4))


def test_the_error_of_least_squares_with_independent_noise_by_simulation() -> None:
    """The formula's own model, 4,000 data sets of 40 points in 5 dimensions; five standard errors."""
    rng = np.random.default_rng(0)
    n, d = 40, 5
    residual = theory.variance(d) - theory.linear_variance(d)
    errors = []
    for _ in range(4000):
        A = np.column_stack([np.ones(n), rng.standard_normal((n, d))])
        fit = np.linalg.lstsq(A, rng.standard_normal(n) * math.sqrt(residual), rcond=None)[0]
        errors.append(residual + float(fit @ fit))
    expected = (1 - theory.least_squares_r2(n, d)) * theory.variance(d)
    assert abs(np.mean(errors) - expected) < 5 * np.std(errors) / math.sqrt(4000)
