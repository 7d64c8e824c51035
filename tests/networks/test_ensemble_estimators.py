"""Results become ordinary scikit-learn estimators, whatever the data and whoever trained."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from experiments.networks.ensemble import fit_many, predict, to_sklearn
from tests.networks.ensembles import X, Y, assert_same_bits, by_sklearn, job, require_pinned_wheels

LABELS = np.array(["left", "right", "up"])[np.argmax(X, axis=1)]


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "lbfgs"},
        {"solver": "sgd", "learning_rate": "adaptive", "momentum": 0.5},
        {"activation": "tanh"},
        {"activation": "logistic"},
        {"activation": "identity"},
        {"early_stopping": True, "validation_fraction": 0.2},
        {"loss": "poisson", "y": np.abs(Y)},
        {"X": csr_array(np.where(X > 0, X, 0))},
    ],
    ids=lambda options: "-".join(map(str, options)),
)
def test_what_lies_outside_is_trained_by_scikit_learn(options: dict[str, Any]) -> None:
    outside = job(**options)
    (result,) = fit_many([outside])
    assert result.backend == "sklearn"
    model = by_sklearn(outside)
    for ours, theirs in zip((*result.coefs_, *result.intercepts_), (*model.coefs_, *model.intercepts_), strict=True):
        assert ours.tobytes() == theirs.tobytes()
    assert to_sklearn(result, outside).predict(X).tobytes() == model.predict(X).tobytes()
    assert predict([result], X)[0].ravel().tobytes() == model.predict(X).tobytes()
    with pytest.raises(ValueError, match="numba back end"):
        fit_many([outside], backend="numba")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"y": np.stack([Y, -Y], axis=1)},
        {"y": Y[:, None]},
        {"task": "classification", "y": LABELS},
        {"task": "classification", "y": Y > 0},
        {"task": "classification", "y": np.zeros(50)},
        {"task": "classification", "y": np.stack([Y > 0, Y > 1], axis=1).astype(int)},
        {"X": np.asfortranarray(X)},
        {"X": (10 * X).astype(int), "y": (10 * Y).astype(int)},
        {"n_iter_no_change": np.inf, "tol": 1.0},
        {"batch_size": 1000},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_data_of_every_kind_gives_an_estimator_like_scikit_learns(options: dict[str, Any]) -> None:
    require_pinned_wheels()
    one = job(**options)
    (result,) = fit_many([one])
    assert result.backend == "numba"
    model, ours = by_sklearn(one), to_sklearn(result, one)
    assert_same_bits(result, model)
    assert np.array_equal(ours.predict(X), model.predict(X))
    assert ours.score(one.X, one.y) == model.score(one.X, one.y)
    probabilities = model.predict(X).reshape(50, -1) if one.task == "regression" else model.predict_proba(X)
    assert predict([result, result], X)[1].tobytes() == probabilities.tobytes()
    again = pickle.loads(pickle.dumps(ours))
    assert np.array_equal(again.predict(X), model.predict(X))
    public = {name: value for name, value in vars(model).items() if name.endswith("_") and not name.startswith("_")}
    assert set(public) <= set(vars(ours))
    for name in ("loss_", "best_loss_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(ours, name) == public[name], name
    if one.task == "classification":
        assert result.classes_ is not None
        assert np.array_equal(result.classes_, model.classes_)


def test_float32_is_close_to_float64() -> None:
    (double,), (single,) = fit_many([job()]), fit_many([job()], dtype="float32")
    assert single.coefs_[0].dtype == np.float32
    # 5 steps of 1e-3, each with relative error about 1e-6
    np.testing.assert_allclose(single.coefs_[0], double.coefs_[0], atol=1e-5)


def test_training_an_estimator_on_leaves_the_result_alone() -> None:
    (result,) = fit_many([job()])
    before = [array.tobytes() for array in (*result.coefs_, *result.intercepts_)]
    to_sklearn(result, job()).partial_fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is not trained to the end
        to_sklearn(result, job()).set_params(warm_start=True).fit(X, Y)
    assert [array.tobytes() for array in (*result.coefs_, *result.intercepts_)] == before
