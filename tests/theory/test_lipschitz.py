"""Envelopes of Lipschitz functions: against random functions through the data, and exact radii against grids."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.theory import lipschitz

Floats = NDArray[np.float64]


def cones(x: Floats, anchors: Floats, heights: Floats) -> Floats:
    """A 2-Lipschitz function: the lowest of some cones."""
    return np.asarray((heights + 2 * np.linalg.norm(x[:, np.newaxis] - anchors, axis=2)).min(axis=1))


def test_envelopes_hold_every_function_through_the_data_and_are_such_functions() -> None:
    rng = np.random.default_rng(0)
    points, x = rng.random((12, 3)), rng.random((400, 3))
    for _ in range(20):
        anchors, heights = rng.random((4, 3)), rng.random(4)

        found = lipschitz.envelope(points, cones(points, anchors, heights), 2.0, x)
        assert np.all(found.low <= cones(x, anchors, heights) + 1e-12)
        assert np.all(cones(x, anchors, heights) <= found.high + 1e-12)
        apart = np.linalg.norm(x[:200] - x[200:], axis=1)
        for values in (found.low, found.high, found.middle):
            assert np.all(np.abs(values[:200] - values[200:]) <= 2 * apart * (1 + 1e-12))


def test_the_radius_on_the_interval_is_that_of_a_fine_grid() -> None:
    rng = np.random.default_rng(1)
    for n in (1, 2, 9):
        points = np.sort(rng.random(n))
        values = np.minimum(points, 0.4)
        x = np.linspace(0, 1, 200_001)[:, np.newaxis]
        grid = lipschitz.envelope(points[:, np.newaxis], values, 1.5, x).uncertainty.max()
        assert lipschitz.radius_on_interval(points, values, 1.5) == pytest.approx(grid, abs=2e-5)


def test_known_radii() -> None:
    assert [lipschitz.equispaced_radius(n, 3.0) for n in (5, 11, 21)] == pytest.approx([0.375, 0.15, 0.075])
    assert lipschitz.radius_on_interval(np.linspace(0, 1, 5), np.zeros(5), 3.0) == pytest.approx(0.375)
