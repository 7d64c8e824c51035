"""The guide's surface: derivatives against differences, and Newton's iteration against the roots of the separation."""

from __future__ import annotations

import numpy as np

from experiments.networks.rippled_surface import Surface, critical_points, descend, distinct, jittered
from experiments.theory import landscape


def test_derivatives_are_those_of_differences() -> None:
    a, b = np.random.default_rng(0).uniform(-2, 2, (2, 50))
    h = 1e-5
    right, left = Surface(a + h, b, 0.7), Surface(a - h, b, 0.7)
    upper, lower = Surface(a, b + h, 0.7), Surface(a, b - h, 0.7)
    p, q = Surface(a, b, 0.7).gradient()
    np.testing.assert_allclose(p, (right.value() - left.value()) / (2 * h), atol=1e-7)
    np.testing.assert_allclose(q, (upper.value() - lower.value()) / (2 * h), atol=1e-7)
    diagonal, off = Surface(a, b, 0.7).hessian()
    np.testing.assert_allclose(diagonal, (right.gradient()[0] - left.gradient()[0]) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(diagonal, (upper.gradient()[1] - lower.gradient()[1]) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(off, (right.gradient()[1] - left.gradient()[1]) / (2 * h), atol=1e-6)


def test_newton_finds_exactly_the_pairs_of_roots() -> None:
    found = critical_points(jittered(60, 1.6, np.random.default_rng(0)), 0.5)
    roots = landscape.profile(0.5)
    t = np.concatenate([roots.minima, roots.maxima])
    u, v = (grid.ravel() for grid in np.meshgrid(t, t))
    expected = np.stack([(u + v) / 2, (u - v) / 2], axis=1)
    gaps = np.abs(found[:, np.newaxis] - expected).max(axis=2)
    assert len(found) == len(expected) == 25
    assert gaps.min(axis=0).max() < 1e-7


def test_points_on_a_boundary_of_rounding_are_counted_once() -> None:
    points = np.array([[0.00000005, 0.0], [0.00000004999, 0.0], [1.0, 0.0], [1.0, 2e-6]])
    assert len(distinct(points)) == 3


def test_descent_follows_the_gradient_downhill() -> None:
    starts = np.array([[1.0, -1.5], [-2.0, 0.3]])
    ends, values = descend(starts, 0.2, 3, 0.1)
    by_hand = starts
    for k in range(4):
        here = Surface(by_hand[:, 0], by_hand[:, 1], 0.2)
        np.testing.assert_array_equal(values[k], here.value())
        last, by_hand = by_hand, by_hand - 0.1 * np.stack(here.gradient(), axis=1)
    np.testing.assert_allclose(ends, last, rtol=1e-15)
    assert np.all(np.diff(values, axis=0) < 0)
