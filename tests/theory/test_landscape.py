"""The surface of ripples: separation, roots and basins against brute force in two dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.theory import landscape

Floats = NDArray[np.float64]


def surface(a: Floats, b: Floats, amplitude: float) -> Floats:
    return np.asarray(amplitude * np.sin(5 * a) * np.cos(5 * b) + a**2 + b**2)


def test_the_surface_separates() -> None:
    a, b = np.random.default_rng(0).uniform(-3, 3, (2, 1000))
    for amplitude in (0.2, 1.0):
        separated = landscape.g(a + b, amplitude) + landscape.g(a - b, amplitude)
        np.testing.assert_allclose(surface(a, b, amplitude), separated, atol=1e-13)


@pytest.mark.parametrize("amplitude", [0.05, 0.2, 0.25, 0.5, 1.0, 2.0, 7.3])
def test_no_root_of_the_slope_is_missed(amplitude: float) -> None:
    t = np.linspace(-30, 30, 2_000_001)
    slope = t + 2.5 * amplitude * np.cos(5 * t)
    up, down = (np.flatnonzero((s * slope[:-1] < 0) & (s * slope[1:] > 0)) for s in (1, -1))
    found = landscape.profile(amplitude)
    np.testing.assert_allclose(found.minima, t[up], atol=1e-4)
    np.testing.assert_allclose(found.maxima, t[down], atol=1e-4)


def test_counts_are_the_known_ones() -> None:
    known = {0.2: (1, 0, 0), 0.25: (4, 4, 1), 0.5: (9, 12, 4), 1.0: (16, 24, 9), 2.0: (64, 112, 49)}
    for amplitude, counts in known.items():
        assert landscape.counts(amplitude) == counts
        assert landscape.counts_inside(amplitude, 100.0) == counts
    assert landscape.counts_inside(1.0, 2.0) == (15, 24, 9)
    assert landscape.counts_inside(2.0, 2.0) == (21, 42, 21)


def test_the_lowest_value_is_that_of_a_fine_grid() -> None:
    side = np.linspace(-1, 1, 2001)
    for amplitude in (0.2, 0.5, 1.0, 2.0):
        values = surface(*np.meshgrid(side, side), amplitude)
        assert landscape.lowest_value(amplitude) == pytest.approx(values.min(), abs=5e-5)
    assert landscape.lowest_value(0.2) == pytest.approx(-0.129855770907662, abs=1e-14)


def test_critical_points_appear_at_the_critical_amplitude() -> None:
    edge = landscape.critical_amplitude()
    assert edge == pytest.approx(0.237735509657, abs=1e-12)
    assert landscape.counts(edge * (1 - 1e-6)) == (1, 0, 0)
    assert landscape.counts(edge * (1 + 1e-6)) == (4, 4, 1)


def test_the_inequality_of_polyak_and_lojasiewicz_is_sharp() -> None:
    mu = landscape.polyak_lojasiewicz(0.2)
    assert mu == pytest.approx(0.030314, abs=5e-7)
    a, b = np.random.default_rng(0).uniform(-3, 3, (2, 1_000_000))
    squared = (np.cos(5 * a) * np.cos(5 * b) + 2 * a) ** 2 + (2 * b - np.sin(5 * a) * np.sin(5 * b)) ** 2
    ratio = squared / (2 * (surface(a, b, 0.2) - landscape.lowest_value(0.2)))
    assert mu <= ratio.min() < 1.1 * mu
    assert landscape.polyak_lojasiewicz(0.5) == 0.0


@pytest.mark.parametrize(("low", "high"), [(-0.7, 0.5), (-1.5, 3.0), (-np.inf, 0.5), (-np.inf, np.inf), (-3.0, 2.5)])
def test_the_share_of_a_square_is_that_of_random_points(low: float, high: float) -> None:
    a, b = np.random.default_rng(0).uniform(-2, 2, (2, 1_000_000))
    inside = (low < a + b) & (a + b < high) & (low < a - b) & (a - b < high)
    share = landscape.square_share(low, high, 2.0)
    # Five comparisons at 5 standard errors: a false alarm in 300,000.
    assert abs(inside.mean() - share) <= 5 * np.sqrt(share * (1 - share) / a.size) + 1e-12


def test_means_of_critical_values_are_those_of_the_pairs() -> None:
    found = landscape.profile(1.0)
    low, high = landscape.g(found.minima, 1.0), landscape.g(found.maxima, 1.0)
    pairs = [np.add.outer(low, low).mean(), np.add.outer(low, high).mean(), np.add.outer(high, high).mean()]
    assert landscape.mean_values(1.0) == pytest.approx(pairs, rel=1e-12)
    assert pairs == pytest.approx([0.9118, 1.5837, 2.2556], abs=5e-5)
