"""Slices of a landscape: the network against scikit-learn's, normalisation by hand, and invariance that can break."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.slices import Weights, filter_normalised, random_direction, surface
from experiments.suite.network_landscape import EXPERIMENT, Params, run, train


def small(seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(rng.standard_normal((4, 3)), rng.standard_normal(4), 0.3)


def test_the_trained_network_is_scikit_learns() -> None:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    params = Params(scale=2.0, hidden=5, iterations=20)
    weights, X, y = train(params, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    rng.standard_normal((100, 2))
    model = MLPRegressor(hidden_layer_sizes=(5,), alpha=0, max_iter=20, random_state=int(rng.integers(2**31)))
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    np.testing.assert_allclose(weights.outputs(X), model.predict(X), rtol=1e-12)


def test_filters_of_a_direction_get_the_lengths_of_the_networks() -> None:
    weights = small()
    direction = random_direction(weights, np.random.default_rng(1))
    found = filter_normalised(direction, weights)
    for j in range(4):
        assert np.linalg.norm(found.neurons[j]) == pytest.approx(np.linalg.norm(weights.neurons[j]))
        assert found.neurons[j] / direction.neurons[j] == pytest.approx(
            np.full(3, found.neurons[j, 0] / direction.neurons[j, 0])
        )
    assert np.linalg.norm(found.readout) == pytest.approx(np.linalg.norm(weights.readout))
    assert abs(found.offset) == 0.3


def test_a_surface_is_the_loss_at_every_place() -> None:
    weights, rng = small(), np.random.default_rng(2)
    first, second = random_direction(weights, rng), random_direction(weights, rng)
    X, y = rng.standard_normal((6, 2)), rng.standard_normal(6)
    places = np.array([-1.0, 0.0, 0.5])
    values = surface(weights, first, second, places, X, y)
    moved = Weights(
        weights.neurons + 0.5 * first.neurons - second.neurons,
        weights.readout + 0.5 * first.readout - second.readout,
        weights.offset + 0.5 * first.offset - second.offset,
    )
    assert values[0, 2] == pytest.approx(moved.loss(X, y), rel=1e-12)
    assert values[1, 1] == weights.loss(X, y)


def test_a_mistake_in_the_normalisation_breaks_the_invariance() -> None:
    """Directions normalised for the network before its rescaling: the claim's bound is exceeded a billion times."""
    weights, rng = small(), np.random.default_rng(3)
    X, y = rng.standard_normal((20, 2)), rng.standard_normal(20)
    direction = random_direction(weights, rng)
    rescaled = weights.rescaled(np.full(4, 5.0))
    places = np.linspace(-1, 1, 5)
    stale, fresh = filter_normalised(direction, weights), filter_normalised(direction, rescaled)
    own = surface(weights, stale, stale, places, X, y)
    np.testing.assert_allclose(surface(rescaled, fresh, fresh, places, X, y), own, rtol=1e-10)
    assert np.max(np.abs(surface(rescaled, stale, stale, places, X, y) - own) / own) > 0.1


def test_a_run_sees_both_kinds_of_rescaling() -> None:
    metrics = run(Params(scale=10.0, hidden=8, iterations=30), np.random.default_rng(0)).metrics
    assert metrics["function_change"] < 1e-12
    assert metrics["filter_change"] < 1e-12
    assert metrics["plain_change"] > 1
    assert metrics["unequal_change"] > 0.1
    assert metrics["filter_rise_ratio"] == pytest.approx(1, abs=1e-12)
    assert set(EXPERIMENT.metrics) == set(metrics)


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(scale=3.0, hidden=6, iterations=20)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.metrics == again.metrics != other.metrics
    assert np.array_equal(first.fields()["filter"]["z"], again.fields()["filter"]["z"])
