"""Runs of the constructions, bounds that random networks keep, and the guide's snippet as it stands."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from experiments.networks.constructions import GUIDE_SQUARE, UNIT, guide_network, random_twin, square_error
from experiments.networks.rational import pieces, regions
from experiments.suite.depth_separation import EXPERIMENT, GUIDE, Params, run
from experiments.theory.random_depth import most_pieces


def metrics(params: Params, seed: int = 0) -> dict[str, float]:
    return dict(run(params, np.random.default_rng(seed)).metrics)


def test_the_error_of_a_piecewise_affine_square() -> None:
    """The chord of x² on [0, 1] misses by 1/4 in the middle, and a constant 0 by 1 at the end."""
    (chord,) = regions([[((1,), 0)]], UNIT)
    (zero,) = regions([[((0,), 0)]], UNIT)
    assert square_error([chord]) == Fraction(1, 4)
    assert square_error([zero]) == 1


def test_constructions_do_not_depend_on_the_seed_and_their_random_twins_do() -> None:
    params = Params(width=4, depth=3)
    runs = [metrics(params, seed) for seed in range(5)]
    assert {found["pieces"] for found in runs} == {64}
    assert len({found["random_pieces"] for found in runs}) > 1


def test_random_twins_keep_the_bound() -> None:
    rng = np.random.default_rng(0)
    for depth in (1, 2, 3):
        for _ in range(20):
            twin = random_twin(3, depth, rng)
            assert len(pieces(regions(twin, UNIT))) <= most_pieces([3] * depth)


def test_other_lines_make_other_counts() -> None:
    found = [metrics(Params(width=4, depth=2, construction="folded"), seed) for seed in range(6)]
    assert len({f["random_regions"] for f in found}) > 1
    assert all(f["random_pieces"] <= f["random_regions"] <= f["regions"] == 44 for f in found)


def test_fields_and_curves() -> None:
    folded = run(Params(width=4, depth=2, construction="folded"), np.random.default_rng(0))
    assert len(folded.fields()["regions"]["value"]) == 44
    assert folded.curves == {}
    tooth = run(Params(depth=3), np.random.default_rng(0))
    assert tooth.fields() == {}
    assert tooth.curves["function"].y.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert "function" not in run(Params(depth=9), np.random.default_rng(0)).curves


def test_an_unknown_construction_is_refused() -> None:
    with pytest.raises(ValueError, match="no construction"):
        metrics(Params(depth=1, construction="origami"))


def test_the_snippet_as_written_out() -> None:
    """The guide's network at its grid, relu on the output included, and its failure without the import."""
    weights = [np.array([[1, -1], [1, 1]]), np.array([[1, -1], [1, 1]]), np.array([[1], [1]])]
    biases = [np.array([0, -1]), np.array([0, 0]), np.array([0])]
    axis = np.linspace(-2, 2, 200)
    X, Y = np.meshgrid(axis, axis)
    signal = np.stack([X, Y], axis=-1)
    hidden = []
    for w, b in zip(weights, biases, strict=True):
        affine = np.dot(signal, w) + b
        signal = np.maximum(0, affine)
        hidden.append(affine)
    Z = signal.squeeze()
    assert (hidden[1][..., 0] >= 0).all(), "the second layer's first neuron is never off"
    assert (hidden[2] >= 0).all(), "the relu on the output never acts"
    assert (Z.min(), Z.max(), Z[-1, 0]) == (0, 6, 6)
    found = regions(guide_network(), GUIDE_SQUARE)
    areas = sorted(region.size for region in found)
    assert areas == [Fraction(9, 8), Fraction(9, 8), Fraction(9, 4), Fraction(23, 4), Fraction(23, 4)]
    formulas = {tuple(map(int, piece[0].formula)): sum(r.size for r in piece) for piece in pieces(found)}
    assert formulas.keys() == {(0, 0, 0), (1, 1, 0), (-2, 2, -2), (0, 2, -1)}
    assert formulas[-2, 2, -2] == Fraction(27, 8)
    shown = np.min([np.abs(Z - (a * X + b * Y + c)) for a, b, c in formulas], axis=0)
    assert shown.max() < 1e-14


def test_the_guides_network_is_a_cell_of_every_profile() -> None:
    assert EXPERIMENT.guide == GUIDE
    assert all(GUIDE in grid.cells for grid in EXPERIMENT.profiles.values())
