"""Pieces along a path against rational arithmetic, dense sampling and polygons."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from experiments.networks.along import pieces_along
from experiments.networks.pieces import shallow_kinks
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork
from tests.networks.random_relu import random_network
from tests.networks.sampling import pattern_changes

SEGMENT = np.array([[-1.0, -0.3], [1.0, 0.4]])


def rational_crossings(network: ReluNetwork, start: list[Fraction], end: list[Fraction]) -> list[int]:
    """Crossings by layer of a segment, in fractions throughout; every breakpoint starts a new interval."""
    points = [Fraction(0), Fraction(1)]
    values = [start, end]
    counts = []
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        columns = [[Fraction(w) for w in column] for column in weight.T.tolist()]
        shifts = [Fraction(b) for b in bias.tolist()]
        values = [
            [
                sum((w * x for w, x in zip(column, value, strict=True)), b)
                for column, b in zip(columns, shifts, strict=True)
            ]
            for value in values
        ]
        zeros = {points[0]: values[0]}
        count = 0
        for (t, here), (s, there) in pairwise(zip(points, values, strict=True)):
            for a, b in zip(here, there, strict=True):
                if a * b < 0:
                    count += 1
                    share = a / (a - b)
                    zeros[t + share * (s - t)] = [p + share * (q - p) for p, q in zip(here, there, strict=True)]
            zeros[s] = there
        points = sorted(zeros)
        values = [[max(z, Fraction(0)) for z in zeros[t]] for t in points]
        counts.append(count)
    return counts


@pytest.mark.parametrize("units", [(2, 6), (2, 4, 4), (2, 4, 3, 3), (3, 5, 4)])
def test_crossings_are_those_of_rational_arithmetic(units: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    for seed in range(4):
        network = random_network(*units, seed=seed)
        ends = rng.uniform(-2, 2, (2, units[0]))
        exact = rational_crossings(network, *([Fraction(x) for x in end] for end in ends.tolist()))
        assert pieces_along(network, ends).crossings.tolist() == exact


def test_one_layer_on_the_line_has_the_kinks_of_the_shallow_count() -> None:
    w, b, v = np.random.default_rng(0).standard_normal((3, 60))
    network = ReluNetwork((w[np.newaxis], v[:, np.newaxis]), (b, np.zeros(1)))
    found = pieces_along(network, np.array([[-5.0], [5.0]]))
    assert found.kinks == found.crossings[0] == len(shallow_kinks(w, b, v).inside(-5, 5).at)


@pytest.mark.parametrize("units", [(2, 8, 8), (2, 12, 12, 12), (5, 10, 10)])
def test_sampling_sees_no_more_and_nearly_as_many(units: tuple[int, ...]) -> None:
    network = random_network(*units)
    ends = np.concatenate([SEGMENT, np.ones((2, units[0] - 2))], axis=1)
    found = pieces_along(network, ends)
    share = np.linspace(0, 1, 100_001)[:, np.newaxis]
    sampled = pattern_changes(network, ends[0] + share * (ends[1] - ends[0]))
    assert found.regions - 2 <= sampled + 1 <= found.regions
    t = found.at[:, np.newaxis]
    np.testing.assert_allclose(network(ends[0] + t * (ends[1] - ends[0])), found.output, atol=1e-12)


def test_a_segment_meets_as_many_polygons_as_it_has_regions() -> None:
    network = random_network(2, 10, 10)
    regions = linear_regions(network, (-2.0, -2.0), (2.0, 2.0))
    at = pieces_along(network, SEGMENT).at
    middle = (at[1:] + at[:-1]) / 2
    points = SEGMENT[0] + middle[:, np.newaxis] * (SEGMENT[1] - SEGMENT[0])
    owner = np.repeat(np.arange(len(regions)), np.diff(regions.offsets))
    inside = []
    for point in points:
        side = regions.vertices - point
        following = np.concatenate([np.roll(side[owner == r], -1, axis=0) for r in range(len(regions))])
        turn = side[:, 0] * following[:, 1] - side[:, 1] * following[:, 0]
        inside.append([r for r in range(len(regions)) if (turn[owner == r] > 0).all()])
    assert all(len(found) == 1 for found in inside)
    assert len({found[0] for found in inside}) == len(points)


def test_around_the_origin_each_neuron_of_one_layer_changes_sign_twice() -> None:
    weight = np.random.default_rng(0).standard_normal((2, 30))
    network = ReluNetwork((weight, np.ones((30, 1))), (np.zeros(30), np.zeros(1)))
    square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0.0]])
    found = pieces_along(network, square)
    assert (found.crossings.tolist(), found.kinks) == ([60], 60)


def test_a_neuron_that_only_touches_zero_crosses_nothing() -> None:
    """relu(x) − relu(x) is 0 everywhere: a second layer of it crosses nothing, and the output has no kink."""
    network = ReluNetwork(
        (np.array([[1.0, 1.0]]), np.array([[1.0], [-1.0]]), np.ones((1, 1))), (np.zeros(2), np.zeros(1), np.zeros(1))
    )
    found = pieces_along(network, np.array([[-1.0], [2.0]]))
    assert found.crossings.tolist() == [2, 0]
    assert found.kinks == 0


def test_ten_layers_of_a_hundred_neurons_have_gaps_that_sampling_misses() -> None:
    network = random_network(1, *[100] * 10)
    found = pieces_along(network, np.array([[-3.0], [3.0]]))
    assert found.crossings.sum() > 300
    assert np.diff(found.at).min() < 1e-5
