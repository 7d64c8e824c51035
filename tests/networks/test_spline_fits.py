"""Curves through points: quadrature, the broken line as a network, and interpolation by hinges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from experiments.networks.spline_fits import hinges, interpolant, network_output, quadrature


def test_quadrature_is_a_mean_over_the_interval() -> None:
    for cells in (1, 7, 500):
        nodes, weights = quadrature(cells)
        assert weights.sum() == pytest.approx(1)
        assert weights @ np.sin(nodes) ** 2 == pytest.approx(0.5 - np.sin(20) / 40, abs=1e-6 if cells > 1 else 1e-3)


def test_the_broken_line_is_a_network() -> None:
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 10, 30))
    y = rng.standard_normal(30)
    grid = np.linspace(x[0], x[-1], 999)
    assert network_output(x, y)(grid) == pytest.approx(np.interp(grid, x, y), abs=1e-10)


def test_as_many_cells_as_gaps_interpolate() -> None:
    x = np.linspace(0, 10, 21)
    y = np.random.default_rng(0).standard_normal((21, 3))
    assert hinges(x, y, 20)(x) == pytest.approx(y, abs=1e-12)


def test_clamped_splines_have_the_slopes_that_are_asked_for() -> None:
    x = np.linspace(0, 10, 9)
    spline = interpolant("clamped", x, np.cos(x), (0.3, -0.7))
    assert isinstance(spline, CubicSpline)
    assert spline(np.array([0.0, 10.0]), 1) == pytest.approx([0.3, -0.7])
