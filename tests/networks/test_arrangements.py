"""Counts of regions against linear programs, cutting, areas and naive counting."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from experiments.networks.arrangements import LARGEST, Integers, patterns_on_grid, regions_in_plane, regions_in_space
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork


def feasible_patterns(planes: Integers, half: float | None = None) -> int:
    """How many sign patterns have a point strictly inside (by a margin t > 0): one linear program a pattern."""
    *w, b = planes.T.astype(float)
    normals = np.stack(w, axis=1)
    bounds = [(None, None)] * normals.shape[1]  # the box below keeps the square
    found = 0
    for signs in product([-1, 1], repeat=len(planes)):
        rows = -np.array(signs)[:, None] * normals
        # maximize t with s(w·x + b) >= t, t <= 1, and inside the square by t
        box = (
            np.concatenate([np.eye(normals.shape[1]), -np.eye(normals.shape[1])])
            if half
            else np.empty((0, normals.shape[1]))
        )
        A = np.concatenate([np.c_[rows, np.ones(len(rows))], np.c_[box, np.ones(len(box))]])
        upper = np.concatenate([np.array(signs) * b, np.full(len(box), half or 0.0)])
        best = linprog([0.0] * normals.shape[1] + [-1.0], A, upper, bounds=[*bounds, (None, 1)])
        found += best.status == 0 and best.fun is not None and best.fun < -1e-9
    return found


@pytest.mark.parametrize(("dimension", "neurons"), [(1, 5), (2, 5), (3, 6), (4, 5)])
def test_regions_in_space_are_the_feasible_sign_patterns(dimension: int, neurons: int) -> None:
    """Small integers: parallel, concurrent and equal hyperplanes included."""
    rng = np.random.default_rng(dimension)
    for _ in range(4):
        planes = rng.integers(-2, 3, (neurons, dimension + 1))
        planes[:, 0] += planes[:, :-1].any(axis=1) == 0
        assert regions_in_space(planes) == feasible_patterns(planes)


def test_regions_in_a_square_are_the_feasible_sign_patterns() -> None:
    """Lines of small integers meet in corners, on sides and many in a point."""
    rng = np.random.default_rng(0)
    for _ in range(12):
        lines = rng.integers(-2, 3, (5, 3))
        lines[:, 0] += lines[:, :2].any(axis=1) == 0
        assert regions_in_plane(lines, 2) == feasible_patterns(lines, 2.0)
        assert regions_in_plane(lines) == regions_in_space(lines)


def test_degenerate_lines() -> None:
    concurrent = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0]])
    parallel = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0]])
    twice = np.array([[1, 0, 0], [-3, 0, 0]])
    assert [regions_in_plane(lines) for lines in (concurrent, parallel, twice)] == [6, 6, 2]
    assert [regions_in_plane(lines, 2) for lines in (concurrent, parallel, twice)] == [6, 6, 2]


def test_random_lines_cut_as_many_polygons() -> None:
    lines = np.rint(np.random.default_rng(0).standard_normal((30, 3)) * 2**20).astype(np.int64)
    layer = lines / 2**20
    network = ReluNetwork((layer[:, :2].T.copy(), np.ones((30, 1))), (layer[:, 2].copy(), np.zeros(1)))
    assert regions_in_plane(lines, 2) == len(linear_regions(network, (-2.0, -2.0), (2.0, 2.0)))


def test_what_is_too_large_to_be_exact_is_refused() -> None:
    with pytest.raises(ValueError, match="counted exactly"):
        regions_in_plane(np.array([[LARGEST + 1, 0, 0]]))
    with pytest.raises(ValueError, match="counted exactly"):
        regions_in_plane(np.array([[1, 0, 0]]), 9)


@pytest.mark.parametrize("neurons", [1, 2, 7, 40])
@pytest.mark.parametrize("side", [20, 51])
def test_patterns_on_a_grid_are_those_of_its_points(neurons: int, side: int) -> None:
    rng = np.random.default_rng(neurons)
    lines = np.rint(rng.standard_normal((neurons, 3)) * 2**20).astype(np.int64)
    axis = np.linspace(-2, 2, side)
    x, y = np.meshgrid(axis, axis)
    u, v, b = lines.T.astype(float)
    on = (x[..., None] * u + (y[..., None] * v + b) > 0).reshape(-1, neurons)
    expected = len(np.unique(np.packbits(on, axis=1), axis=0))
    assert patterns_on_grid(lines, 2.0, side, rng.integers(2**64, size=neurons, dtype=np.uint64)) == expected


def test_patterns_of_lines_through_grid_points() -> None:
    """x = 0, y = 0, x = y and x = −y on the grid −2, −1, …, 2, where points on a line count as off."""
    lines = np.array([[1, 0, 0], [0, -1, 0], [1, -1, 0], [-1, -1, 0]])
    axis = np.arange(-2.0, 3.0)
    patterns = {tuple((lines[:, :2] @ [x, y] > 0).tolist()) for x in axis for y in axis}
    hashes = np.random.default_rng(0).integers(2**64, size=4, dtype=np.uint64)
    assert patterns_on_grid(lines, 2.0, 5, hashes) == len(patterns)
