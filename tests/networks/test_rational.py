"""Regions in rational arithmetic against the floating-point cutters, sampling, and cases counted by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from experiments.networks.along import pieces_along
from experiments.networks.rational import Layers, Neuron, output, pieces, regions, size, value
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork

SQUARE = ((-2, -2), (2, -2), (2, 2), (-2, 2))


def random_layers(*units: int, seed: int) -> Layers:
    rng = np.random.default_rng([seed, *units])
    sizes = [*units, 1]
    layers: list[list[Neuron]] = []
    for inputs, outputs in pairwise(sizes):
        rows = rng.integers(-9, 10, (outputs, inputs + 1)).tolist()
        layers.append([(tuple(row[:-1]), Fraction(row[-1], 7)) for row in rows])
    return layers


def as_floats(layers: Layers) -> ReluNetwork:
    return ReluNetwork(
        tuple(np.array([[float(w) for w in weights] for weights, _ in layer]).T for layer in layers),
        tuple(np.array([float(bias) for _, bias in layer]) for layer in layers),
    )


@pytest.mark.parametrize("units", [(2, 5), (2, 3, 3), (2, 4, 3, 2)])
def test_regions_of_the_plane_are_those_of_the_floating_point_cutter(units: tuple[int, ...]) -> None:
    for seed in range(4):
        layers = random_layers(*units, seed=seed)
        found = regions(layers, SQUARE)
        cut = linear_regions(as_floats(layers), (-2.0, -2.0), (2.0, 2.0))
        assert sum((region.size for region in found), Fraction(0)) == 16
        assert sorted(float(region.size) for region in found) == pytest.approx(sorted(cut.areas()), abs=1e-12)


@pytest.mark.parametrize("units", [(1, 6), (1, 4, 4), (1, 3, 3, 3)])
def test_pieces_of_the_line_are_those_of_the_path(units: tuple[int, ...]) -> None:
    """Kinks where the slope changes: pieces and regions may differ where layers are dead."""
    for seed in range(6):
        layers = random_layers(*units, seed=seed)
        found = regions(layers, ((-3,), (2,)))
        along = pieces_along(as_floats(layers), np.array([[-3.0], [2.0]]))
        assert len(pieces(found)) == along.kinks + 1
        assert sum((region.size for region in found), Fraction(0)) == 5


def test_formulas_are_the_forward_pass() -> None:
    layers = random_layers(2, 4, 3, seed=1)
    for region in regions(layers, SQUARE):
        centre = [sum(axis, Fraction(0)) / len(region.corners) for axis in zip(*region.corners, strict=True)]
        assert value(region.formula, centre) == output(layers, centre)
        assert all(value(region.formula, corner) == output(layers, corner) for corner in region.corners)


def test_neighbours_of_one_formula_are_one_piece() -> None:
    """|x| + relu(y) − relu(y): four regions, two pieces."""
    layers: Layers = [[((1, 0), 0), ((-1, 0), 0), ((0, 1), 0), ((0, 1), 0)], [((1, 1, 1, -1), 0)]]
    found = regions(layers, SQUARE)
    assert len(found) == 4
    assert sorted(len(piece) for piece in pieces(found)) == [2, 2]


def test_regions_that_touch_in_a_point_are_two_pieces() -> None:
    """relu(min(x, −y)) − relu(min(−x, y)) is 0 where xy > 0: on two quadrants that share the origin only."""
    # min(x, −y) = x − relu(x + y) and min(−x, y) = −x − relu(−x − y), with x = relu(x) − relu(−x)
    layers: Layers = [
        [((1, 0), 0), ((-1, 0), 0), ((1, 1), 0), ((-1, -1), 0)],
        [((1, -1, -1, 0), 0), ((-1, 1, 0, -1), 0)],
        [((1, -1), 0)],
    ]
    found = regions(layers, SQUARE)
    zero = [piece for piece in pieces(found) if not any(piece[0].formula)]
    assert len(zero) == 2
    assert [sum((region.size for region in piece), Fraction(0)) for piece in zero] == [4, 4]


def test_size_counts_what_is_not_zero() -> None:
    assert size([[((1, 0), 0), ((2, 3), -1)], [((0, 1), 5)]]) == 6


def test_three_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="3 inputs"):
        regions([[((1, 1, 1), 0)]], ((0, 0, 0), (1, 1, 1)))
