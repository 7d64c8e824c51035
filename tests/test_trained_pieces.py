"""Trained networks: the same start and end as scikit-learn's, and pieces as sampling sees them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from experiments.suite.trained_pieces import Params, hidden, job, run, target, untrained
from tests.networks.sampling import pattern_changes


def test_the_untrained_network_is_where_scikit_learn_starts() -> None:
    """One step of a rate of 1e-12 leaves MLPRegressor's weights where they began."""
    fit = job(Params(depth=2), 5)
    model = MLPRegressor(
        hidden_layer_sizes=(24, 24), random_state=5, learning_rate_init=1e-12, max_iter=1, alpha=0.0, batch_size=200
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge
        model.fit(fit.X, fit.y)
    start = untrained(fit)
    for found, expected in zip((*start.weights, *start.biases), (*model.coefs_, *model.intercepts_), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-10)
    assert start.weights[1].shape == (24, 24)


def test_a_run_counts_the_pieces_of_the_network_before_training() -> None:
    params = Params(depth=2, epochs=3)
    metrics = run(params, np.random.default_rng(0)).metrics
    start = untrained(job(params, int(np.random.default_rng(0).integers(2**31))))
    changes = pattern_changes(start, np.linspace(-5, 5, 200_001)[:, np.newaxis])
    assert changes - 1 <= metrics["pieces_before"] - 1 <= changes + 1
    assert metrics["growth"] == metrics["pieces_after"] / metrics["pieces_before"]


def test_training_fits_the_target() -> None:
    found = run(Params(depth=3), np.random.default_rng(0))
    curve = found.curves["output"]
    assert np.mean(np.square(curve.y - target(curve.x))) < 0.01
    assert found.metrics["squared_error"] < 0.01
    assert found.metrics["log10_error"] == pytest.approx(np.log10(found.metrics["squared_error"]))
    kinks = found.fields()["kinks"]
    assert np.abs(kinks["x"]).max() == 5
    assert set(kinks["y"]) == {0, 1}


def test_neurons_are_shared_evenly() -> None:
    assert hidden(Params(depth=4)) == (12, 12, 12, 12)
    with pytest.raises(ValueError, match="shared evenly"):
        hidden(Params(depth=5))
