"""Runs of random deep networks against sampling, and their fields."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.along import pieces_along
from experiments.networks.relu import ReluNetwork
from experiments.suite.random_depth import Params, corners, draw, run
from tests.networks.sampling import pattern_changes


def test_a_run_counts_what_sampling_sees() -> None:
    """The biased networks of a run at 200,000 points of the segment: at most one crossing of each is missed."""
    params = Params(width=6, depth=2, path="segment", biases="normal", networks=3)
    rng = np.random.default_rng(0)
    start, end = corners(params)
    points = start + np.linspace(0, 1, 200_001)[:, np.newaxis] * (end - start)
    sampled = [pattern_changes(draw(params, rng), points) for _ in range(3)]
    found = run(params, np.random.default_rng(0)).metrics
    assert np.mean(sampled) <= found["crossings"] <= np.mean(sampled) + 1
    assert found["most_regions"] - 2 <= max(sampled) <= found["most_regions"] - 1
    assert found["kinks"] <= found["crossings"]


def test_scaling_a_layer_changes_no_crossing() -> None:
    """Without biases only directions count: any scale of the weights is as good as the one drawn."""
    params = Params(width=8, depth=3, inputs=10, path="quarter circle", networks=1)
    network = draw(params, np.random.default_rng(0))
    scaled = ReluNetwork(tuple(3.7**layer * w for layer, w in enumerate(network.weights, -1)), network.biases)
    found, same = (pieces_along(n, corners(params)) for n in (network, scaled))
    assert found.crossings.sum() > 4
    assert found.crossings.tolist() == same.crossings.tolist()


def test_the_polygons_of_the_first_network_are_cones() -> None:
    found = run(Params(width=5, depth=2, networks=1), np.random.default_rng(0))
    field = found.fields()["regions"]
    assert len(field["value"]) == found.metrics["crossings"]
    touching = np.add.reduceat(np.abs(field["vertices"]).sum(axis=1) < 1e-9, field["offsets"][:-1])
    assert (touching == 1).all()


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="biases are"):
        run(Params(width=2, depth=1, biases="large", networks=1), np.random.default_rng(0))
    with pytest.raises(ValueError, match="the path is"):
        run(Params(width=2, depth=1, path="spiral", networks=1), np.random.default_rng(0))
