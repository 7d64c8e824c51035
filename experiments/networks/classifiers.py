"""Training of binary ReLU classifiers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble import FitJob, fit_many
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
    """The network of scikit-learn's MLPClassifier, fitted to points x (n, d) and labels y (n,) of 0 and 1; `solver` is
    adam or lbfgs, alpha the L2 penalty.

    It is f before the logistic function, so that f > 0 is class 1.
    """
    job = FitJob(
        X=x, y=y, hidden=hidden, seed=seed, task="classification", solver=solver, alpha=alpha, max_iter=iterations
    )
    (fit,) = fit_many([job], workers=1)
    weights, biases = (
        tuple(np.asarray(array, np.float64) for array in arrays) for arrays in (fit.coefs_, fit.intercepts_)
    )
    return Trained(ReluNetwork(weights, biases), fit.loss_curve_, fit.converged)
