"""Counts of networks against brute force."""

from __future__ import annotations

import itertools
import math

import pytest

from experiments.theory import architecture as theory

SIZES = [(4, 5, 6, 5, 3), (2, 3, 1), (1, 7), (3, 1, 1, 4)]


@pytest.mark.parametrize("sizes", SIZES)
def test_counts_are_those_of_pairs_of_units(sizes: tuple[int, ...]) -> None:
    units = [(layer, unit) for layer, size in enumerate(sizes) for unit in range(size)]
    pairs = [(a, b) for a, b in itertools.product(units, units) if b[0] == a[0] + 1]
    assert theory.edges(sizes) == len(pairs)
    assert theory.biases(sizes) == sum(layer > 0 for layer, _ in units)
    assert theory.parameters(sizes) == theory.edges(sizes) + theory.biases(sizes)


def test_orders_are_listed() -> None:
    listed = itertools.product(itertools.permutations(range(3)), itertools.permutations(range(4)))
    assert theory.hidden_permutations((9, 3, 4, 9)) == sum(1 for _ in listed)
    assert theory.hidden_permutations((4, 5, 6, 5, 3)) == 10_368_000
    assert theory.log10_hidden_permutations((4, 5, 6, 5, 3)) == pytest.approx(math.log10(10_368_000), rel=1e-12)


def test_the_pieces_bound_of_a_telescope() -> None:
    """Three layers of 2 neurons: 27 pieces at most."""
    assert theory.log10_pieces_bound((1, 2, 2, 2, 1)) == pytest.approx(math.log10(27))


@pytest.mark.parametrize("depth", [1, 2, 5, 12])
@pytest.mark.parametrize("budget", [85, 100, 1234, 99_999])
def test_the_width_is_the_largest_that_a_budget_pays_for(depth: int, budget: int) -> None:
    width = theory.width_for(budget, depth, 4, 3)
    assert theory.parameters((4, *(width,) * depth, 3)) <= budget
    assert theory.parameters((4, *(width + 1,) * depth, 3)) > budget


def test_too_small_a_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="10 parameters are too few for 1 hidden layers: one neuron each takes 11"):
        theory.width_for(10, 1, 4, 3)
