"""Linear regions against the forward pass, the square's area, and arrangements counted by hand."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork
from tests.networks.random_relu import random_network

NETWORKS = [(2,), (2, 1), (2, 12), (2, 40), (2, 8, 8), (2, 12, 10, 8)]


@pytest.mark.parametrize("units", NETWORKS)
def test_the_regions_fill_the_rectangle_once(units: tuple[int, ...]) -> None:
    regions = linear_regions(random_network(*units), (-3.0, -1.0), (2.0, 4.0))
    assert regions.areas().min() > 0
    assert regions.areas().sum() == pytest.approx(25.0, rel=1e-13)


@pytest.mark.parametrize("units", NETWORKS)
def test_the_formula_holds_in_the_whole_polygon(units: tuple[int, ...]) -> None:
    network = random_network(*units)
    regions = linear_regions(network, (-3.0, -3.0), (3.0, 3.0))
    owner = np.repeat(np.arange(len(regions)), np.diff(regions.offsets))
    # A random point of each polygon as well as its corners: f is continuous, so the corners count too.
    weight = np.random.default_rng(0).random(owner.size)
    total = np.bincount(owner, weight)
    inner = np.stack([np.bincount(owner, weight * regions.vertices[:, k]) / total for k in (0, 1)], axis=1)
    for points, own in ((regions.vertices, owner), (inner, np.arange(len(regions)))):
        formula = (regions.gradient[own] * points).sum(axis=1) + regions.intercept[own]
        np.testing.assert_allclose(formula, network(points), atol=1e-12)


def test_every_sampled_gradient_is_that_of_a_region() -> None:
    network = random_network(2, 8, 8)
    regions = linear_regions(network, (-3.0, -3.0), (3.0, 3.0))
    x = np.random.default_rng(0).uniform(-3, 3, (20_000, 2))
    found = {tuple(row) for row in np.round(regions.gradient, 9) + 0.0}
    assert {tuple(row) for row in np.round(network.value_and_gradient(x)[1], 9) + 0.0} <= found


def test_lines_in_general_position_make_the_most_regions() -> None:
    rng = np.random.default_rng(0)
    n = 12
    angle, offset = np.pi * (np.arange(n) + rng.uniform(0.2, 0.8, n)) / n, rng.uniform(-1, 1, n)
    normal = np.stack([np.cos(angle), np.sin(angle)])
    network = ReluNetwork((normal, np.ones((n, 1))), (offset, np.zeros(1)))
    # A square so large that all 66 crossings are inside.
    assert len(linear_regions(network, (-1e3, -1e3), (1e3, 1e3))) == 1 + n + comb(n, 2)


def test_lines_through_corners_and_along_sides_make_no_slivers() -> None:
    # x = 0, y = 0 and both diagonals of the square: eight triangles; the lines x = 1 and y = -1 only touch it.
    normal = np.array([[1.0, 0.0, 1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, -1.0, 0.0, 1.0]])
    network = ReluNetwork((normal, np.ones((6, 1))), (np.array([0.0, 0.0, 0.0, 0.0, -1.0, 1.0]), np.zeros(1)))
    regions = linear_regions(network, (-1.0, -1.0), (1.0, 1.0))
    assert len(regions) == 8
    np.testing.assert_allclose(regions.areas(), 0.5, rtol=1e-14)


def test_the_boundary_is_where_the_sign_changes() -> None:
    network = random_network(2, 12, 10)
    regions = linear_regions(network, (-2.0, -2.0), (2.0, 2.0))
    starts, ends = regions.boundary()
    for share in (0.0, 0.3, 1.0):
        np.testing.assert_allclose(network(starts + share * (ends - starts)), 0.0, atol=1e-12)
    # Walk along 400 random chords: every change of sign crosses exactly one segment, found by orientation tests.
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-2, 2, (400, 1, 2)), rng.uniform(-2, 2, (400, 1, 2))

    def turn(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        return np.asarray(np.sign((q - p)[..., 0] * (r - p)[..., 1] - (q - p)[..., 1] * (r - p)[..., 0]))

    crossed = (turn(a, b, starts) != turn(a, b, ends)) & (turn(starts, ends, a) != turn(starts, ends, b))
    changes = (network(a[:, 0]) > 0) != (network(b[:, 0]) > 0)
    assert 0 < changes.sum() < 400
    np.testing.assert_array_equal(crossed.sum(axis=1) % 2 == 1, changes)


def test_a_network_that_is_zero_on_a_whole_region_has_that_regions_sides_as_boundary() -> None:
    network = ReluNetwork((np.array([[1.0], [0.0]]), np.ones((1, 1))), (np.zeros(1), np.zeros(1)))
    starts, ends = linear_regions(network, (-1.0, -1.0), (1.0, 1.0)).boundary()
    on_the_line = (np.abs(starts[:, 0]) < 1e-15) & (np.abs(ends[:, 0]) < 1e-15)
    assert np.abs(ends - starts)[on_the_line].sum() == pytest.approx(2.0)


def test_more_than_two_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="3 inputs"):
        linear_regions(random_network(3, 4), (0.0, 0.0), (1.0, 1.0))
