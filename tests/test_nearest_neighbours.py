"""Nearest neighbours on the torus: the tree against brute force, and the regression it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.suite.nearest_neighbours import Params, displacements, run, target


@pytest.mark.parametrize("d", [1, 2, 8])
def test_the_tree_finds_what_brute_force_finds(d: int) -> None:
    rng = np.random.default_rng(0)
    points, queries = rng.random((200, d)), rng.random((100, d))
    difference = points - queries[:, None]
    difference -= np.round(difference)
    nearest = np.square(difference).sum(axis=2).argmin(axis=1)
    found = displacements(points, queries)
    np.testing.assert_allclose(found, difference[np.arange(100), nearest], atol=1e-15)
    assert np.abs(found).max() <= 0.5


def test_the_recorded_error_is_that_of_the_regression_over_translations() -> None:
    """Squared differences of f at 2,000 translations of one displacement: five standard errors."""
    delta, shift = np.array([0.1, -0.3, 0.02]), np.random.default_rng(0).random((2000, 3))
    sample = np.square(target(shift + delta) - target(shift))
    assert abs(np.mean(1 - np.cos(2 * np.pi * delta)) - sample.mean()) < 5 * sample.std() / np.sqrt(2000)


def test_the_map_is_the_prediction_of_one_neighbour() -> None:
    params = Params(dimension=2, points=64)
    field = run(params, np.random.default_rng(0)).fields()["prediction"]
    points = np.random.default_rng(0).random((64, 2))
    query = np.array([field["x"][5], field["y"][40]])
    difference = points - query - np.round(points - query)
    nearest = points[np.square(difference).sum(axis=1).argmin()]
    assert field["z"][40, 5] == pytest.approx(target(nearest), abs=1e-14)
    assert run(Params(dimension=1, points=64), np.random.default_rng(0)).fields() == {}


def test_the_survival_curve_counts_the_same_queries_as_the_mean() -> None:
    outcome = run(Params(dimension=2, points=512), np.random.default_rng(0))
    curve = outcome.curves["survival"]
    assert (np.diff(curve.y) <= 0).all()
    mean_volume = np.trapezoid(curve.y, curve.x)
    assert mean_volume == pytest.approx(512 * np.pi * outcome.metrics["squared_distance"], rel=0.03)
