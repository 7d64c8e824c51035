"""Exact kinks of shallow nets against rational arithmetic and naive counting."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from experiments.networks.pieces import (
    Array,
    between,
    grid_kinks,
    shallow_kinks,
    shallow_output,
    shallow_slope,
)


def rational_kinks(w: Array, b: Array, v: Array) -> dict[Fraction, Fraction]:
    """Knots and jumps by their definition, in fractions throughout: the difference of the slopes on the two sides."""
    neurons = [
        (Fraction(wi), Fraction(bi), Fraction(vi))
        for wi, bi, vi in zip(w.tolist(), b.tolist(), v.tolist(), strict=True)
    ]
    knots = sorted({-bi / wi for wi, bi, _ in neurons if wi})
    ends = [knots[0] - 1, *knots, knots[-1] + 1] if knots else []
    points = [(left + right) / 2 for left, right in pairwise(ends)]
    slopes = [sum((vi * wi for wi, bi, vi in neurons if wi * x + bi > 0), Fraction(0)) for x in points]
    return {knot: right - left for knot, (left, right) in zip(knots, pairwise(slopes), strict=True) if right != left}


@pytest.mark.parametrize("seed", range(20))
def test_random_nets_have_the_rational_kinks(seed: int) -> None:
    w, b, v = np.random.default_rng(seed).standard_normal((3, 12))
    expected = rational_kinks(w, b, v)
    found = shallow_kinks(w, b, v)
    assert found.pieces == len(expected) + 1 == 13
    assert found.at == pytest.approx([float(knot) for knot in expected], rel=1e-15)
    assert found.jump == pytest.approx([float(jump) for jump in expected.values()], rel=1e-15)


@pytest.mark.parametrize("seed", range(20))
def test_nets_of_small_integers_share_knots_and_cancel(seed: int) -> None:
    """Ties, zero weights, zero readouts and jumps that cancel, all at once."""
    w, b, v = np.random.default_rng(seed).integers(-2, 3, (3, 15)).astype(float)
    expected = rational_kinks(w, b, v)
    found = shallow_kinks(w, b, v)
    assert found.pieces == len(expected) + 1 < 16
    assert found.at == pytest.approx([float(knot) for knot in expected], abs=1e-15)
    assert found.jump == pytest.approx([float(jump) for jump in expected.values()], rel=1e-15)


def test_knots_that_round_to_one_number_are_told_apart() -> None:
    """b/w at (w, b) = (3, 1) and at slightly larger ones: equal as floats, different as fractions."""
    w, b, v = np.array([3.0, 3 + 2**-50]), np.array([1.0, 1 + 2**-52]), np.ones(2)
    assert b[0] / w[0] == b[1] / w[1]
    assert Fraction(b[0]) / Fraction(w[0]) != Fraction(b[1]) / Fraction(w[1])
    assert shallow_kinks(w, b, v).pieces == 3


def test_jumps_that_cancel_only_in_rounding_make_a_kink() -> None:
    """0.1 * 0.1 - 0.010000000000000002 is 0 in floating point and about 5e-19 in truth."""
    w, b, v = np.array([0.1, 1.0]), np.zeros(2), np.array([0.1, -(0.1 * 0.1)])
    assert v[0] * w[0] + v[1] * w[1] == 0
    assert shallow_kinks(w, b, v).pieces == 2
    assert shallow_kinks(np.array([1.0, 2.0]), np.zeros(2), np.array([2.0, -1.0])).pieces == 1


def test_zero_biases_make_two_pieces() -> None:
    rng = np.random.default_rng(0)
    for neurons in (1, 2, 30, 1000):
        found = shallow_kinks(rng.standard_normal(neurons), np.zeros(neurons), rng.standard_normal(neurons))
        assert found.pieces == 2
        assert found.at.tolist() == [0.0]


def test_a_constant_net_has_one_piece() -> None:
    assert shallow_kinks(np.zeros(3), np.ones(3), np.ones(3)).pieces == 1
    assert between(shallow_kinks(np.zeros(3), np.ones(3), np.ones(3)).at).shape == (1,)


def test_inside_leaves_the_ends_out() -> None:
    found = shallow_kinks(np.ones(4), np.array([5.0, -5.0, 4.0, 6.0]), np.ones(4))
    assert found.at.tolist() == [-6, -5, -4, 5]
    assert found.inside(-5, 5).at.tolist() == [-4]


def test_slopes_are_the_secants_of_the_net() -> None:
    w, b, v = np.random.default_rng(0).standard_normal((3, 40))
    at = shallow_kinks(w, b, v).at
    x = between(at)
    assert x.shape == (41,)
    step = 0.25 * np.min(np.diff(at))
    secant = (shallow_output(w, b, v, x + step) - shallow_output(w, b, v, x - step)) / (2 * step)
    assert shallow_slope(w, b, v, x) == pytest.approx(secant, abs=1e-9 / step)


def test_second_differences_merge_neighbours() -> None:
    """On the grid 0, 1, 2, ...: kinks in cells 2 and 5 are seen as two, in 2 and 4 as one, in one cell as one."""
    x = np.arange(12.0)

    def seen(*knots: float) -> int:
        return grid_kinks(sum((np.maximum(x - knot, 0) for knot in knots), np.zeros(12)))

    assert seen(2.5) == 1
    assert seen(2.5, 5.5) == 2
    assert seen(2.5, 4.5) == 1
    assert seen(2.3, 2.6) == 1
    assert seen(0.5, 10.5) == 2
    assert seen() == 0
