"""Built networks against the functions they stand for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from experiments.networks.constructions import folded, guide_network, square, zigzag
from experiments.networks.rational import output, regions


def tent(x: Fraction) -> Fraction:
    return min(2 * x, 2 - 2 * x)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_the_sawtooth_is_the_tent_composed(depth: int) -> None:
    for k in range(65):
        x = expected = Fraction(k, 64) + Fraction(1, 999) * (k < 64)
        for _ in range(depth):
            expected = tent(expected)
        assert output(zigzag(2, depth), (x,)) == expected


@pytest.mark.parametrize("width", [3, 4, 5])
def test_a_zigzag_goes_up_and_down(width: int) -> None:
    values = [output(zigzag(width, 1), (Fraction(k, width),)) for k in range(width + 1)]
    assert values == [k % 2 for k in range(width + 1)]
    assert len(regions(zigzag(width, 2), ((0,), (1,)))) == width**2


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 6])
def test_the_square_network_is_the_sum_of_sawteeth(depth: int) -> None:
    for k in range(41):
        x = tooth = Fraction(k, 40)
        expected = x
        for j in range(1, depth + 1):
            tooth = tent(tooth)
            expected -= tooth / 4**j
        assert output(square(depth), (x,)) == expected
    assert all(len(layer) <= 3 for layer in square(depth))
    assert len(square(depth)) == depth + 1


def test_folds_copy_what_the_last_layer_draws() -> None:
    """The folded network at a point is the drawing at the folded point."""
    for i in range(9):
        for j in range(9):
            point = (Fraction(i, 9) + Fraction(1, 97), Fraction(j, 10))
            folded_point = tuple(tent(tent(x)) for x in point)
            assert output(folded(3), point) == output(folded(1), folded_point)


def test_the_guides_network_at_its_corners() -> None:
    values = [output(guide_network(), (Fraction(x), Fraction(y))) for x, y in [(-2, 2), (2, 2), (2, -2), (-2, -2)]]
    assert values == [6, 4, 0, 0]
