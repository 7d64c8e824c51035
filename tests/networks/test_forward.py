"""Two ways to compute one forward pass, against rational arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from experiments.networks.forward import (
    Floats,
    Layer,
    exact_integers,
    integer_network,
    looped,
    magnitudes,
    normal_network,
    rounding_bound,
    vectorised,
)

SIZES = (4, 9, 9, 2)


def rational(network: Sequence[Layer], inputs: Floats) -> list[Fraction]:
    values = [Fraction(value) for value in inputs.tolist()]
    for depth, (weights, biases) in enumerate(network):
        values = [
            sum((Fraction(w) * v for w, v in zip(row, values, strict=True)), Fraction(bias))
            for row, bias in zip(weights.tolist(), biases.tolist(), strict=True)
        ]
        if depth < len(network) - 1:
            values = [max(value, Fraction(0)) for value in values]
    return values


@pytest.mark.parametrize("seed", range(5))
def test_each_way_is_within_half_the_bound_of_the_exact_output(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network, x = normal_network(SIZES, rng), rng.standard_normal(4)
    exact, half = rational(network, x), rounding_bound(network, x) / 2
    for way in (looped, vectorised):
        gaps = [abs(Fraction(value) - truth) for value, truth in zip(way(network, x).tolist(), exact, strict=True)]
        assert all(gap <= bound for gap, bound in zip(gaps, half.tolist(), strict=True))
        assert max(gaps) > 0


def test_the_two_ways_differ_in_the_last_bits() -> None:
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(20):
        network, x = normal_network((64, 64, 64, 64, 64, 1), rng), rng.standard_normal(64)
        gaps.append(float(np.abs(looped(network, x) - vectorised(network, x)).max()))
    assert 0 < max(gaps) < 1e-9


def test_integers_are_exact_in_every_way() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        network, x = integer_network(SIZES, 3, rng), rng.integers(-3, 4, 4).astype(np.float64)
        expected = [float(value) for value in rational(network, x)]
        for found in (looped(network, x), vectorised(network, x), exact_integers(network, x)):
            assert found.tolist() == expected


def test_the_bound_of_one_neuron_by_hand() -> None:
    network = [(np.array([[3.0, -2.0]]), np.array([-5.0]))]
    x = np.array([1.0, -4.0])
    assert magnitudes(network, x).tolist() == [3 + 8 + 5]
    assert rounding_bound(network, x) == pytest.approx(2 * 3 * 2.0**-53 * 16, rel=1e-12)
