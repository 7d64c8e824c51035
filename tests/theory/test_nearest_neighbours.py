"""Distances to nearest neighbours on the torus against brute force, closed forms and quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, special

from experiments.theory import nearest_neighbours as theory


def test_volumes_of_balls() -> None:
    known = [2, math.pi, 4 * math.pi / 3, math.pi**2 / 2]
    assert [theory.unit_ball_volume(d) for d in (1, 2, 3, 4)] == pytest.approx(known, rel=1e-14)


def test_on_the_circle_the_distance_is_half_a_gap() -> None:
    """d = 1: P(R > r) = (1 − 2r)^n, so that E R² = 1/(2(n+1)(n+2))."""
    for n in (1, 7, 500):
        assert theory.mean_squared_distance(n, 1) == pytest.approx(1 / (2 * (n + 1) * (n + 2)), rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(64, 2), (1000, 4), (64, 8)])
def test_the_mean_is_the_integral_of_the_survival_function(n: int, d: int) -> None:
    ball = theory.unit_ball_volume(d)
    reach = ball ** (-1 / d)
    value, _ = integrate.quad(lambda r: 2 * r * (1 - ball * r**d) ** n, 0, reach, epsabs=1e-13)
    assert theory.mean_squared_distance(n, d) == pytest.approx(value, rel=1e-7)
    t = np.array([0.0, 0.5, 2.0])
    assert theory.volume_survival(n, t) == pytest.approx((1 - t / n) ** n)


@pytest.mark.parametrize(("n", "d"), [(30, 1), (64, 2), (64, 8)])
def test_both_means_by_brute_force(n: int, d: int) -> None:
    """Query at the origin, which loses nothing on the torus; five standard errors of 40,000 sets."""
    rng = np.random.default_rng(0)
    squared, error = [], []
    for _ in range(20):
        x = rng.random((2000, n, d))
        x -= np.round(x)
        nearest = np.take_along_axis(x, np.square(x).sum(axis=2).argmin(axis=1)[:, None, None], axis=1)[:, 0]
        squared.append(np.square(nearest).sum(axis=1))
        shift = rng.random((2000, d))
        f = [np.cos(2 * np.pi * (shift + delta)).sum(axis=1) / math.sqrt(d) for delta in (0, nearest)]
        error.append(np.square(f[1] - f[0]))
    for values, predicted in [
        (np.concatenate(squared), theory.mean_squared_distance(n, d)),
        (np.concatenate(error), theory.nearest_neighbour_risk(n, d)),
    ]:
        assert abs(values.mean() - predicted) < 5 * values.std() / 200 + 0.001 * predicted


def test_the_mean_over_directions_is_a_bessel_function() -> None:
    """E cos(2πRu) for u a coordinate of a random direction: cos in d = 1, J0 in d = 2, sin(s)/s in d = 3."""
    for radius in (0.05, 0.3):
        s = 2 * math.pi * radius
        expected = {1: math.cos(s), 2: float(special.j0(s)), 3: math.sin(s) / s}
        for d, value in expected.items():
            assert special.hyp0f1(d / 2, -(s**2) / 4) == pytest.approx(value, rel=1e-13)


def test_small_distances_give_half_the_squared_gradient() -> None:
    """Risk → E|∇f|² E R²/d with E|∇f|² = 2π²."""
    for d in (1, 2, 4):
        n = 10**8
        risk = 2 * math.pi**2 / d * theory.mean_squared_distance(n, d)
        assert theory.nearest_neighbour_risk(n, d) == pytest.approx(risk, rel=2e-3)
