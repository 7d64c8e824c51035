"""The ReLU network as a function, and its gradient, against scikit-learn and differences."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.classifiers import train_classifier
from experiments.networks.relu import ReluNetwork
from tests.networks.random_relu import random_network


@pytest.mark.parametrize("units", [(2,), (2, 10), (3, 6, 5), (2, 8, 8, 8)])
def test_the_gradient_agrees_with_central_differences(units: tuple[int, ...]) -> None:
    network = random_network(*units)
    x = np.random.default_rng(1).standard_normal((50, units[0]))
    value, gradient = network.value_and_gradient(x)
    np.testing.assert_array_equal(value, network(x))
    # Piecewise affine: differences are exact but for the few points with a kink within the step.
    step = 1e-6 * np.eye(units[0])
    differences = np.stack([(network(x + e) - network(x - e)) / 2e-6 for e in step], axis=1)
    np.testing.assert_allclose(gradient, differences, atol=1e-8)


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not make a network"):
        ReluNetwork((np.ones((2, 3)), np.ones((4, 1))), (np.ones(3), np.ones(1)))
    with pytest.raises(ValueError, match="one bias for each"):
        ReluNetwork((np.ones((2, 3)), np.ones((3, 1))), (np.ones(3), np.ones(2)))


@pytest.mark.parametrize(("solver", "epochs"), [("adam", 12), ("lbfgs", 0)])
def test_a_trained_classifier_is_scikit_learns(solver: str, epochs: int) -> None:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    trained = train_classifier(x, y, hidden=(5, 4), seed=3, solver=solver, alpha=0.01, iterations=12)
    model = MLPClassifier((5, 4), solver=solver, alpha=0.01, max_iter=12, random_state=3)
    with pytest.warns(ConvergenceWarning):
        model.fit(x, y)
    assert not trained.converged
    assert trained.loss.shape == (epochs,)
    np.testing.assert_allclose(1 / (1 + np.exp(-trained.network(x))), model.predict_proba(x)[:, 1], rtol=1e-12)
