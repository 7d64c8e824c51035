"""Regions of one layer: runs against the naive way, and the guide's snippet as it stands."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.spec import Outcome
from experiments.suite.affine_regions import EXPERIMENT, GUIDE, UNIT, Params, draw, run


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


def test_a_run_counts_the_patterns_of_a_fine_sample() -> None:
    """Three neurons, few regions: a million random points of the square see each one."""
    params = Params(neurons=3, networks=3)
    sample = np.random.default_rng(1).uniform(-2, 2, (1_000_000, 2))
    counts = []
    for lines in draw(params, np.random.default_rng(0)) / UNIT:
        on = sample @ lines[:, :2].T + lines[:, 2] > 0
        counts.append(len(np.unique(on @ [1, 2, 4])))
    found = outcome(params)
    assert found.metrics["regions_in_square"] == np.mean(counts)
    assert found.metrics["cutter_difference"] == 0
    assert found.curves["share_seen"].y[-1] == 1


def test_layers_without_biases_have_lines_through_the_origin() -> None:
    metrics = outcome(Params(neurons=9, layer="through origin", networks=2)).metrics
    assert metrics["regions_in_square"] == metrics["regions_in_space"] == 18


def test_the_polygons_are_those_of_the_first_network() -> None:
    found = outcome(Params(neurons=6, networks=1))
    field = found.fields()["regions"]
    assert len(field["value"]) == found.metrics["regions_in_square"] == len(field["offsets"]) - 1
    assert outcome(Params(neurons=41, networks=1)).fields() == {}


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="no layer"):
        outcome(Params(neurons=2, layer="sparse", networks=1))


def test_the_snippet_as_written_out() -> None:
    """The guide's function at its grid, the lines that it draws, and its failure without the import."""
    axis = np.linspace(-2, 2, 200)
    X, Y = np.meshgrid(axis, axis)
    Z = np.maximum(0, X + Y - 1) + np.maximum(0, X - Y)
    assert (Z.min(), Z.max()) == (0, 4)
    first, second = X + Y - 1 > 0, X - Y > 0
    functions = {(False, False): 0 * X, (False, True): X - Y, (True, False): X + Y - 1, (True, True): 2 * X - 1}
    for (a, b), formula in functions.items():
        region = (first == a) & (second == b)
        assert region.any()
        np.testing.assert_allclose(Z[region], formula[region], atol=1e-14)
    line = np.array([[-2, 3], [3, -2]])  # its ends, as drawn
    assert (line.sum(axis=1) == 1).all()
    assert np.abs(line).max() > 2
    found = outcome(GUIDE).metrics
    assert (found["regions_in_square"], found["missed_200"], found["guide_area_error"]) == (4, 0, 0)


def test_the_guides_network_is_a_cell_of_every_profile() -> None:
    assert EXPERIMENT.guide == GUIDE
    assert all(GUIDE in grid.cells for grid in EXPERIMENT.profiles.values())
