"""Pieces of shallow nets: runs against naive code in rational arithmetic, and the guide's snippet as it stands."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.shallow_survey import draw_shallow, guide_function
from experiments.spec import Outcome
from experiments.suite.relu_pieces import EXPERIMENT, GUIDE, Params, run

Floats = NDArray[np.float64]


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


def drawn(params: Params) -> tuple[Floats, Floats, Floats]:
    """The networks of a run with seed 0."""
    return draw_shallow(params.init, params.networks, params.neurons, np.random.default_rng(0))


@pytest.mark.parametrize("init", ["normal", "uniform", "zero bias"])
def test_a_run_counts_as_naive_rational_code_does(init: str) -> None:
    params = Params(neurons=6, init=init, networks=40)
    found = outcome(params).metrics
    everywhere, inside, variation = [], [], []
    for w, b, v in zip(*drawn(params), strict=True):
        jumps: dict[Fraction, Fraction] = {}
        for wi, bi, vi in zip(w, b, v, strict=True):
            knot = -Fraction(bi) / Fraction(wi)
            jumps[knot] = jumps.get(knot, Fraction(0)) + Fraction(vi) * abs(Fraction(wi))
        kinks = [knot for knot, jump in jumps.items() if jump]
        everywhere.append(1 + len(kinks))
        inside.append(1 + sum(abs(knot) < 5 for knot in kinks))
        variation.append(float(sum(abs(jump) for jump in jumps.values())))
    assert found["pieces"] == np.mean(everywhere)
    assert found["pieces_most"] == max(everywhere)
    assert found["pieces_inside"] == np.mean(inside)
    assert found["inside_share"] == pytest.approx((np.mean(inside) - 1) / 6)
    assert found["variation"] == pytest.approx(np.mean(variation), rel=1e-12)


def test_the_path_norm_is_the_variation_only_where_knots_are_distinct() -> None:
    assert outcome(Params(neurons=30, init="normal", networks=20)).metrics["variation_error"] < 1e-13
    assert outcome(Params(neurons=30, init="zero bias", networks=20)).metrics["variation_error"] > 0.5


def test_the_grid_misses_kinks() -> None:
    """600 neurons on 999 cells: more knots than the grid can tell apart."""
    found = outcome(Params(neurons=600, init="normal", networks=10)).metrics
    assert found["pieces"] == 601
    assert found["grid_kinks"] < 0.3 * found["pieces_inside"]
    assert found["grid_excess"] < 0


def test_curves_are_the_first_network() -> None:
    params = Params(neurons=4, init="normal", networks=12)
    curves = outcome(params).curves
    w, b, v = (values[0] for values in drawn(params))
    x = curves["output"].x
    expected = [sum(vi * max(wi * point + bi, 0.0) for wi, bi, vi in zip(w, b, v, strict=True)) for point in x]
    assert curves["output"].y == pytest.approx(expected, abs=1e-13)
    flat = np.diff(curves["slope"].y) == 0
    assert np.diff(curves["output"].y)[flat] / np.diff(x)[flat] == pytest.approx(curves["slope"].y[1:][flat], abs=1e-9)
    total = np.sum(curves["knot_law"].y) * 10 / 41
    assert total == pytest.approx(0.8743340836, abs=1e-9)


def test_fields_hold_the_kinks_and_the_network() -> None:
    fields = outcome(Params(neurons=5, init="normal", networks=12)).fields()
    kinks, network = fields["kinks"], fields["network"]
    assert kinks["x"].shape == kinks["y"].shape == kinks["value"].shape
    assert set(kinks["y"]) <= set(range(10))
    assert network["sizes"].tolist() == [1, 5, 1]
    assert network["weights"].shape == (10,)
    assert "network" not in outcome(Params(neurons=51, init="normal", networks=1)).fields()


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(neurons=9, init="uniform", networks=50)
    first, again, other = outcome(params), outcome(params), outcome(params, seed=1)
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
    assert all(np.array_equal(first.curves[name].y, again.curves[name].y) for name in first.curves)


def test_an_unknown_initialisation_is_refused() -> None:
    with pytest.raises(ValueError, match="no initialisation"):
        outcome(Params(neurons=2, init="orthogonal", networks=1))


def test_the_snippet_as_written_out() -> None:
    """The guide's network at its 1000 points, its weights as it gives them, with its one missing import."""
    x = np.linspace(-5, 5, 1000)
    w1, b1 = np.array([[1.0, -1.0, 0.5]]), np.array([0.0, 1.0, -1.0])
    hidden = np.maximum(0, np.dot(x.reshape(-1, 1), w1) + b1)
    y = (np.dot(hidden, np.array([[1.0], [1.0], [1.0]])) + np.array([0.0])).ravel()
    assert (y[0], y[-1]) == (6, 6.5)
    assert y == pytest.approx(guide_function(x), abs=1e-14)
    assert np.unique(np.round(np.diff(y) / np.diff(x), 9)[[0, 550, 650, 900]]).tolist() == [-1, 0, 1, 1.5]
    bent = np.flatnonzero(np.abs(np.diff(y, 2)) > 1e-12)
    assert bent.tolist() == [498, 499, 598, 599, 698, 699]
    assert np.abs(y - np.maximum(0, x)).max() == 6
    found = outcome(GUIDE).metrics
    assert (found["pieces"], found["pieces_inside"], found["grid_kinks"], found["variation"]) == (4, 4, 3, 2.5)


def test_the_guides_network_is_a_cell_of_every_profile() -> None:
    assert EXPERIMENT.guide == GUIDE
    assert all(GUIDE in grid.cells for grid in EXPERIMENT.profiles.values())
    assert guide_function(np.array([-5, 0, 0.5, 1, 2, 5.0])).tolist() == [6, 1, 1, 1, 2, 6.5]
