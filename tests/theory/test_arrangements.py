"""Regions of random lines against simulation, spherical geometry and recursion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from experiments.theory import arrangements as theory


def test_zaslavsky_obeys_deletion_and_restriction() -> None:
    for n in range(1, 12):
        for d in range(1, 8):
            by_recursion = theory.zaslavsky(n - 1, d) + theory.zaslavsky(n - 1, d - 1)
            assert theory.zaslavsky(n, d) == by_recursion
    assert theory.zaslavsky(7, 7) == 128
    assert theory.zaslavsky(4, 2) == 11


@pytest.mark.parametrize("half", [0.5, 2.0])
def test_probabilities_by_simulation(half: float) -> None:
    """400,000 pairs of lines; five standard errors."""
    first, second = np.random.default_rng(0).standard_normal((2, 400_000, 3))
    corners = np.array([[x, y, 1] for x in (-half, half) for y in (-half, half)]) @ first.T
    hit = np.mean((corners.min(axis=0) < 0) & (corners.max(axis=0) > 0))
    x, y, z = np.cross(first, second).T
    crossing = np.mean((np.abs(x) < half * np.abs(z)) & (np.abs(y) < half * np.abs(z)))
    assert abs(hit - theory.hit_probability(half)) < 5 * 0.5 / math.sqrt(400_000)
    assert abs(crossing - theory.crossing_probability(half)) < 5 * 0.5 / math.sqrt(400_000)


def test_the_crossing_probability_is_the_integral_of_its_density() -> None:
    """A random direction of R³ meets height 1 with density 1/(π·2·r³) per area, r the distance to the origin."""
    value, _ = integrate.dblquad(lambda y, x: (1 + x * x + y * y) ** -1.5 / (2 * math.pi), -2, 2, -2, 2)
    assert theory.crossing_probability(2) == pytest.approx(value, rel=1e-9)
    assert theory.crossing_probability(2) == pytest.approx(0.5903344706, abs=1e-10)
    assert theory.hit_probability(2) == pytest.approx(0.9291181088, abs=1e-10)


def test_a_huge_square_holds_nearly_everything() -> None:
    assert theory.expected_regions(10, 1e9) == pytest.approx(theory.zaslavsky(10, 2), rel=1e-8)
    assert theory.expected_regions(0, 2) == 1
