"""Errors of splines against scipy's own splines, dense linear algebra and simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate
from scipy.interpolate import BSpline, CubicSpline

from experiments.theory import splines as theory


def test_a_parabola_attains_the_bound_of_the_line() -> None:
    x = np.linspace(0, 0.5, 10_001)
    assert np.abs(1.5 * x**2 - np.interp(x, [0, 0.5], [0, 1.5 * 0.25])).max() == pytest.approx(
        theory.line_bound(0.5, 3.0), rel=1e-6
    )
    mean_square = np.mean((1.5 * x**2 - np.interp(x, [0, 0.5], [0, 1.5 * 0.25])) ** 2)
    assert mean_square == pytest.approx(theory.line_mse(0.5, 9.0), rel=1e-3)


def test_a_quartic_has_the_errors_of_ends_and_interior() -> None:
    """x⁴/24 on 60 knots at distance 1: clamped ends leave 1/384, not-a-knot ends 10.85 times that."""
    knots = np.arange(61.0)
    x = np.linspace(0, 60, 60 * 200 + 1)
    quartic = x**4 / 24
    clamped = CubicSpline(knots, knots**4 / 24, bc_type=((1, np.array(0.0)), (1, np.array(60**3 / 6))))
    natural = CubicSpline(knots, knots**4 / 24)
    assert np.abs(clamped(x) - quartic).max() == pytest.approx(theory.cubic_leading(1.0), rel=1e-3)
    assert 384 * np.abs(natural(x) - quartic).max() == pytest.approx(theory.end_constant(), rel=1e-3)
    assert theory.end_constant() == pytest.approx(10.85, abs=0.005)
    assert theory.hall_meyer(1.0) == pytest.approx(5 * theory.cubic_leading(1.0))


def test_the_noise_of_cubics_is_the_square_of_the_cardinal_spline() -> None:
    """The spline through 0, …, 0, 1, 0, …, 0 on a long interval, squared and integrated."""
    knots = np.arange(-40.0, 41.0)
    cardinal = CubicSpline(knots, (knots == 0).astype(float))
    total = sum(integrate.quad(lambda t: float(cardinal(t)) ** 2, k, k + 1)[0] for k in knots[:-1])
    assert theory.cubic_noise() == pytest.approx(total, abs=1e-9)
    assert theory.cubic_noise() == pytest.approx(0.8742307489, abs=5e-11)


@pytest.mark.parametrize("points", [4, 20, 80, 160])
def test_the_floor_is_a_dense_trace(points: int) -> None:
    """With Simpson's rule on a fine grid in place of Gauss's."""
    x = np.linspace(0, points - 1, 40 * (points - 1) + 1)
    basis = CubicSpline(np.arange(points), np.eye(points))(x)
    total = integrate.simpson(np.square(basis).sum(axis=1), x=x) / (points - 1)
    assert theory.cubic_noise_floor(points) == pytest.approx(total, abs=1e-5)
    if points >= 80:
        assert theory.cubic_noise_floor(points) == pytest.approx(0.87423 + 0.42 / points, abs=1e-4)


def test_hinges_fit_by_a_spline_basis() -> None:
    """Exact expectation of a least-squares fit by scipy's B-splines of degree 1: bias and trace."""
    points, cells, noise = 2000, 40, 0.01
    x = np.linspace(0, 10, points)
    knots = np.concatenate(([0], np.linspace(0, 10, cells + 1), [10]))
    design = BSpline.design_matrix(x, knots, 1).toarray()
    fine = (np.arange(20_000) + 0.5) / 2000
    smoother = BSpline.design_matrix(fine, knots, 1) @ np.linalg.pinv(design)
    error = np.mean((smoother @ np.sin(x) - np.sin(fine)) ** 2) + noise * np.square(smoother).sum() / len(fine)
    curvature = 0.5 - np.sin(20) / 40
    assert theory.hinges_mse(cells, points, 10.0, curvature, noise) == pytest.approx(error, rel=0.03)


def test_untrained_networks_by_simulation() -> None:
    """100,000 networks at 3 points, by the midpoint of five standard errors."""
    rng = np.random.default_rng(0)
    neurons, count = 5, 100_000
    x = np.array([0.0, 2.0])
    w, b, v = rng.standard_normal((3, count, neurons, 1))
    squares = (np.sum(v * np.maximum(w * x + b, 0), axis=1) + rng.standard_normal((count, 1))) ** 2
    mean, error = squares.mean(axis=0), squares.std(axis=0) / np.sqrt(count)
    assert np.all(np.abs(mean - (neurons * (x**2 + 1) / 2 + 1)) < 5 * error)
    exact = integrate.quad(lambda t: neurons * (t**2 + 1) / 2 + 1 + np.sin(t) ** 2, 0, 3)[0] / 3
    signal = integrate.quad(lambda t: np.sin(t) ** 2, 0, 3)[0] / 3
    assert theory.untrained_mse(neurons, 3.0, signal) == pytest.approx(exact)


@pytest.mark.parametrize("points", [4, 9])
def test_eulers_function_has_a_fourth_derivative_of_one_and_joins_smoothly(points: int) -> None:
    """By polynomials fitted in each cell: exact for degree 4, up to rounding."""
    h = 10 / (points - 1)
    pieces = []
    for cell in range(points - 1):
        u = np.linspace(0.05, 0.95, 9)
        values = theory.euler(np.append((cell + u) * h, 10.0), h)[:-1]
        pieces.append(np.polynomial.Polynomial.fit(u * h, values, 4, domain=[0, h], window=[0, h]))
    for cell, piece in enumerate(pieces):
        assert piece.deriv(4)(0.0) == pytest.approx((-1) ** cell, rel=1e-7)
        assert abs(piece(h / 2)) == pytest.approx(theory.hall_meyer(h), rel=1e-9)
        assert piece(0.0) == pytest.approx(0, abs=1e-10)
        assert piece.deriv(1)(0.0) == pytest.approx((-1) ** cell * h**3 / 24, rel=1e-9)
    for left, right in itertools.pairwise(pieces):
        for order in range(4):
            assert left.deriv(order)(h) == pytest.approx(right.deriv(order)(0.0), abs=1e-7)
    assert theory.euler(np.array([0.0, h, 10.0]), h) == pytest.approx([0, 0, 0], abs=1e-12)
