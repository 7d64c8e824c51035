"""Symmetries of networks: what leaves the function as it is, and what does not."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from experiments.networks.symmetries import Layers, he_layers

SIZES = (2, 3, 2, 1)


@pytest.fixture
def network() -> Layers:
    return he_layers(SIZES, np.random.default_rng(0))


def by_hand(network: Layers, point: list[float]) -> list[float]:
    values = [Fraction(number) for number in point]
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        values = [
            sum((Fraction(w) * v for w, v in zip(row, values, strict=True)), Fraction(b))
            for row, b in zip(weight.tolist(), bias.tolist(), strict=True)
        ]
        if layer < len(network.weights) - 1:
            values = [max(value, Fraction(0)) for value in values]
    return [float(value) for value in values]


def test_outputs_are_those_of_rational_arithmetic(network: Layers) -> None:
    for point in ([1.0, 2.0], [-3.0, 0.5]):
        assert network(np.array(point)[:, np.newaxis])[:, 0] == pytest.approx(by_hand(network, point), rel=1e-14)


def test_every_order_is_another_network_and_the_same_function(network: Layers) -> None:
    x = np.random.default_rng(1).standard_normal((2, 50))
    seen = set()
    for first, second in itertools.product(itertools.permutations(range(3)), itertools.permutations(range(2))):
        other = network.permuted([np.array(first), np.array(second)])
        seen.add(b"".join(array.tobytes() for array in (*other.weights, *other.biases)))
        assert other(x) == pytest.approx(network(x), abs=1e-13)
    assert len(seen) == network.listed_orders() == network.orders() == 12
    assert network.twins() == 0


def test_a_network_with_twins_has_fewer_orders(network: Layers) -> None:
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    weights[0][2], biases[0][2] = weights[0][0], biases[0][0]
    twinned = Layers(tuple(weights), tuple(biases))
    assert twinned.twins() == 1
    assert twinned.orders() == 6
    # The neurons still differ in what leaves them, so that listing finds all twelve; with that the same, half of them.
    assert twinned.listed_orders() == 12
    weights[1][:, 2] = weights[1][:, 0]
    assert Layers(tuple(weights), tuple(biases)).listed_orders() == 6


def test_positive_factors_are_not_seen_and_negative_ones_are(network: Layers) -> None:
    x = np.random.default_rng(1).standard_normal((2, 50))
    assert np.array_equal(network.rescaled([np.array([2.0, 0.25, 1.0]), np.array([8.0, 0.5])])(x), network(x))
    assert network.rescaled([np.array([3.0, 0.1, 1.0]), np.array([7.0, 0.3])])(x) == pytest.approx(network(x))
    assert not np.allclose(network.rescaled([np.array([-1.0, 1.0, 1.0]), np.ones(2)])(x), network(x))


def test_he_weights_have_variance_two_over_fan_in() -> None:
    """Five standard errors of 40,000 weights: a false alarm once in a million."""
    weight = he_layers((100, 400), np.random.default_rng(0)).weights[0]
    assert abs(weight.var() - 0.02) < 5 * 0.02 * np.sqrt(2 / weight.size)
