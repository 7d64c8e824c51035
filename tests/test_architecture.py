"""The architecture experiment: counts of its runs, and the guide's drawing as it stands."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from experiments.spec import Outcome
from experiments.suite.architecture import GUIDE, Params, run, sizes


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


def test_the_snippet_draws_23_circles_and_95_lines() -> None:
    """The guide's loops, with lists in place of Matplotlib's artists."""
    layers = [4, 5, 6, 5, 3]
    v_spacing, h_spacing = 0.8 / float(max(layers)), 0.8 / float(len(layers) - 1)
    circles, lines = [], []
    for n, layer_size in enumerate(layers):
        layer_top = v_spacing * (layer_size - 1) / 2.0 + 0.5
        for m in range(layer_size):
            circles.append((n * h_spacing + 0.1, layer_top - m * v_spacing))
    for n, (size_a, size_b) in enumerate(pairwise(layers)):
        for m in range(size_a):
            for o in range(size_b):
                lines.append((n, m, o))
    assert (len(set(circles)), len(lines)) == (23, 95)
    assert tuple(layers) == sizes(GUIDE)
    found = outcome(GUIDE).metrics
    assert (found["nodes"], found["weights"]) == (23, 95)
    assert (found["parameters"], found["biases"], found["width"], found["orders"]) == (114, 19, 6, 10_368_000)


def test_scikit_learn_counts_five_layers() -> None:
    from sklearn.neural_network import MLPRegressor

    network = MLPRegressor(hidden_layer_sizes=sizes(GUIDE)[1:-1]).partial_fit(np.zeros((2, 4)), np.zeros((2, 3)))
    assert network.n_layers_ == 5


def test_equal_layers_spend_the_budget() -> None:
    params = Params(depth=3, budget=1000)
    assert sizes(params) == (4, 19, 19, 19, 3)
    assert outcome(params).metrics["parameters"] == 915


def test_what_does_not_fit_is_refused() -> None:
    for params in (Params(depth=2, budget=114, hidden="5-6-5"), Params(depth=3, budget=113, hidden="5-6-5")):
        with pytest.raises(ValueError, match="5-6-5 is not"):
            sizes(params)


def test_only_small_networks_are_drawn() -> None:
    network = outcome(GUIDE).fields()["network"]
    assert network["sizes"].tolist() == [4, 5, 6, 5, 3]
    assert network["weights"].shape == (95,)
    assert outcome(Params(depth=1, budget=10_000)).fields() == {}


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(depth=4, budget=1000)
    assert outcome(params).metrics == outcome(params).metrics
    assert outcome(params).metrics != outcome(params, seed=1).metrics
