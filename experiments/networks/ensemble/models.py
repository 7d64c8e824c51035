"""What people do with results: predictions of all at once, and ordinary scikit-learn estimators."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.networks.ensemble.jobs import FitJob, FitResult, Real, unfitted
from experiments.networks.ensemble.stacked import activate, product


def predict(results: Sequence[FitResult], X: ArrayLike) -> Real:
    """Values, or class probabilities, of every network at every row of X (n, features): (len(results), n, outputs).

    Bit for bit scikit-learn's `predict` or `predict_proba` (on as many BLAS threads); two classes have two columns.
    Networks may differ in their hidden layers. Raises ValueError where the number of features does not fit.
    """
    if not results:
        raise ValueError("There is no result to predict with.")
    points = np.ascontiguousarray(X, results[0].coefs_[0].dtype)
    features = results[0].coefs_[0].shape[0]
    if points.ndim != 2 or points.shape[1] != features:
        raise ValueError(f"X must have shape (n, {features}), got {points.shape}.")
    return np.stack([_predicted(result, points) for result in results])


def _predicted(result: FitResult, X: Real) -> Real:
    values = X
    last = len(result.coefs_) - 1
    for layer, (coef, intercept) in enumerate(zip(result.coefs_, result.intercepts_, strict=True)):
        values = product(values, coef)
        values += intercept
        values = activate(result.output, values) if layer == last else _hidden(result.activation, values)
    if result.output == "logistic" and values.shape[1] == 1:
        return np.concatenate([1 - values, values], axis=1)
    return values


def _hidden(activation: str, values: Real) -> Real:
    if activation == "relu":
        return np.maximum(values, 0, out=values)
    if activation == "tanh":
        return np.tanh(values)
    return activate(activation, values)


def to_sklearn(result: FitResult, job: FitJob) -> Any:
    """An MLPRegressor or MLPClassifier that is fitted as if by its own `fit`; its arrays are those of the result.

    It predicts, scores and pickles. Adam's moments are not kept, so training cannot be continued from it.
    """
    model = unfitted(job)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a column vector as y: scikit-learn warns and takes it
        X, _ = model._validate_input(job.X, job.y, incremental=False, reset=True)
    model.coefs_, model.intercepts_ = list(result.coefs_), list(result.intercepts_)
    model.n_iter_, model.t_ = result.n_iter_, result.n_iter_ * X.shape[0]
    model.n_layers_, model.n_outputs_ = len(result.coefs_) + 1, len(result.intercepts_[-1])
    model.out_activation_ = result.output
    if len(result.loss_curve_):
        model.loss_curve_ = result.loss_curve_.tolist()
        model.loss_ = model.loss_curve_[-1]
        model.best_loss_ = None if job.early_stopping else min(model.loss_curve_)
        model.validation_scores_, model.best_validation_score_ = None, None
    return model
