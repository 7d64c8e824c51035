"""What people do with results: predictions of all at once, and ordinary scikit-learn estimators."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.networks.ensemble.jobs import FitJob, FitResult, Real, unfitted
from experiments.networks.ensemble.stacked import activate, product


def predict(results: Iterable[FitResult], X: ArrayLike) -> Real:
    """Values, or class probabilities, of every network at every row of X (n, features): (len(results), n, outputs).

    Bit for bit scikit-learn's `predict` or `predict_proba` (on as many BLAS threads); two classes have two columns.
    Networks may differ in their hidden layers, and in dtype, of which the widest is returned. Raises ValueError where
    they differ in features or outputs, or X does not have as many features.
    """
    results = list(results)
    if not results:
        raise ValueError("There is no result to predict with.")
    features = _shared("features", [len(result.coefs_[0]) for result in results])
    _shared("outputs", [_outputs(result) for result in results])
    points = {dtype: np.ascontiguousarray(X, dtype) for dtype in {result.coefs_[0].dtype for result in results}}
    shape = np.shape(X)
    if len(shape) != 2 or shape[1] != features:
        raise ValueError(f"X must have shape (n, {features}), got {shape}.")
    return np.stack([_predicted(result, points[result.coefs_[0].dtype]) for result in results])


def _shared(name: str, counts: list[int]) -> int:
    """The count that all results have, or an error that says that they differ."""
    first, *others = dict.fromkeys(counts)
    if others:
        raise ValueError(f"The results must have one number of {name}, got {first} and {others[0]}.")
    return first


def _outputs(result: FitResult) -> int:
    outputs = len(result.intercepts_[-1])
    return 2 if result.output == "logistic" and outputs == 1 else outputs


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
    """An MLPRegressor or MLPClassifier that is fitted as if by its own `fit`; its arrays are copies.

    It predicts, scores and pickles. Adam's moments are not kept: `partial_fit` starts them anew.
    """
    model = unfitted(job)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a column vector as y: scikit-learn warns and takes it
        X, _ = model._validate_input(job.X, job.y, incremental=False, reset=True)
    model.coefs_, model.intercepts_ = [a.copy() for a in result.coefs_], [a.copy() for a in result.intercepts_]
    model.n_iter_, model.t_ = result.n_iter_, result.n_iter_ * X.shape[0]
    model.n_layers_, model.n_outputs_ = len(result.coefs_) + 1, len(result.intercepts_[-1])
    model.out_activation_ = result.output
    if len(result.loss_curve_):
        model.loss_curve_ = result.loss_curve_.tolist()
        model.loss_ = model.loss_curve_[-1]
        model.best_loss_ = None if job.early_stopping else min(model.loss_curve_)
        model.validation_scores_, model.best_validation_score_ = None, None
    return model
