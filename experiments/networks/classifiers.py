"""Training of binary ReLU classifiers."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]


class Trained(NamedTuple):
    """`loss` (iterations,) is the regularised log loss of every epoch, empty for lbfgs; `converged` says whether the
    solver stopped before its last iteration."""

    network: ReluNetwork
    loss: Floats
    converged: bool


def train_classifier(
    x: Floats,
    y: NDArray[np.int64],
    *,
    hidden: tuple[int, ...],
    seed: int,
    solver: str,
    alpha: float,
    iterations: int,
) -> Trained:
    """Fit scikit-learn's MLPClassifier to points x (n, d) and labels y (n,) of 0 and 1; `solver` is adam or lbfgs,
    alpha the L2 penalty.

    The network returned is f before the logistic function, so that f > 0 is class 1.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(hidden_layer_sizes=hidden, solver=solver, alpha=alpha, max_iter=iterations, random_state=seed)
    with warnings.catch_warnings():
        # Whether it converged is part of the answer.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    return Trained(
        network=ReluNetwork(tuple(model.coefs_), tuple(model.intercepts_)),
        loss=np.array(getattr(model, "loss_curve_", []), dtype=np.float64),
        converged=bool(model.n_iter_ < iterations),
    )
