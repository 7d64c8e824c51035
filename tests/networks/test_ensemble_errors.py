"""What fit_many and predict say to input that makes no sense, and where training diverges."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from experiments.networks.ensemble import fit_many, predict, to_sklearn
from tests.networks.ensembles import X, Y, by_sklearn, engine_threads, job


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": -1.0},
        {"max_iter": 0},
        {"batch_size": 0},
        {"tol": -1e-3},
        {"beta_1": 1.0},
        {"learning_rate_init": 0.0},
        {"n_iter_no_change": 0},
        {"solver": "adamw"},
        {"activation": "gelu"},
        {"shuffle": "yes"},
        {"seed": -1},
        {"hidden": (8, 0)},
        {"y": Y[:-1]},
        {"X": X[:, 0]},
        {"X": np.where(X > 2, np.nan, X)},
        {"y": np.where(Y > 1, np.inf, Y)},
        {"X": np.empty((0, 3)), "y": np.empty(0)},
        {"X": np.full((50, 3), "a")},
        {"task": "classification", "y": Y},
        {"hidden": (2.5,)},
        {"hidden": (5.0,)},
        {"hidden": (True,)},
        {"hidden": ("a",)},
        {"hidden": None},
        {"hidden": 0},
        {"hidden": -4},
        {"hidden": 5.0},
        {"hidden": "ab"},
        {"alpha": [1]},
        {"alpha": np.array(0.1)},
        {"batch_size": 10.0},
        {"shuffle": 1},
        {"n_iter_no_change": 10.0},
        {"max_iter": 5.0},
        {"early_stopping": True, "X": X[:3], "y": Y[:3]},
        {"early_stopping": True, "validation_fraction": 0.01},
        {"early_stopping": True, "validation_fraction": 0},
        {"early_stopping": True, "task": "classification", "y": np.arange(50) == 0},
    ],
    ids=str,
)
def test_invalid_input_gets_scikit_learns_own_error_before_any_training(options: dict[str, Any]) -> None:
    bad = job(**options)
    with pytest.raises((ValueError, TypeError)) as theirs:
        by_sklearn(bad)
    with pytest.raises((ValueError, TypeError)) as ours:
        fit_many([job(batch_size=10), bad])  # the iterator is not even begun
    assert type(ours.value) is type(theirs.value)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"workers": 0}, "workers must be at least 1"),
        ({"dtype": "float16"}, "dtype must be"),
        ({"backend": "torch"}, "backend must be"),
    ],
)
def test_a_call_that_makes_no_sense_gets_one_sentence(call: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        fit_many([job()], **call)


def test_a_job_without_a_seed_or_with_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="seed must be an integer"):
        fit_many([job(seed=None)])
    for task in ("ranking", ["regression"]):
        with pytest.raises(ValueError, match="task must be"):
            fit_many([job(task=task)])


def test_one_number_is_one_hidden_layer_as_in_scikit_learn() -> None:
    as_number, as_tuple = fit_many([job(hidden=8), job(hidden=(8,))])
    assert as_number.digest == as_tuple.digest
    assert to_sklearn(as_number, job(hidden=8)).hidden_layer_sizes == 8


def test_training_that_diverges_raises_scikit_learns_error() -> None:
    wild = job(X=X * 1e200, max_iter=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="non-finite parameter weights") as theirs:
            by_sklearn(wild)
        for backend in ("numba", "numpy"):
            results = fit_many([job(), wild], backend=backend)
            next(results)
            with pytest.raises(ValueError, match="non-finite") as ours:
                next(results)
            assert str(ours.value) == str(theirs.value)
    assert engine_threads() == []


@pytest.mark.parametrize(
    "options",
    [
        {"X": X * 1e200},
        {"X": np.where(X > 2, 1e308, X)},
        {"learning_rate_init": 1e300},
        {"learning_rate_init": 1e160, "alpha": 0.0},
    ],
    ids=["inputs", "a few inputs", "rate", "rate without penalty"],
)
def test_where_zeros_meet_infinity_training_ends_as_scikit_learns_does(options: dict[str, Any]) -> None:
    """Products that skip zeros do not see 0 inf = nan; the weights become non-finite all the same, and stay so."""
    one = job(hidden=(60, 50), max_iter=20, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="non-finite parameter weights") as theirs:
            by_sklearn(one)
        for backend in ("numba", "numpy"):
            with pytest.raises(ValueError, match="non-finite") as ours:
                list(fit_many([one], backend=backend))
            assert str(ours.value) == str(theirs.value)


def test_data_too_large_for_float32_end_alike_in_both_back_ends() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for backend in ("numba", "numpy"):
            with pytest.raises(ValueError, match="non-finite"):
                list(fit_many([job(X=np.where(X > 2, 1e200, X), hidden=(60, 50))], dtype="float32", backend=backend))


def test_predict_refuses_what_does_not_fit() -> None:
    (result,) = fit_many([job()])
    with pytest.raises(ValueError, match=r"shape \(n, 3\)"):
        predict([result], X[:, :2])
    with pytest.raises(ValueError, match="no result"):
        predict([], X)


def test_predict_takes_what_fit_many_gives_and_says_what_does_not_go_together() -> None:
    results = list(fit_many([job(), job(hidden=(4, 3))]))
    assert predict(fit_many([job(), job(hidden=(4, 3))]), X).tobytes() == predict(results, X).tobytes()
    fewer, twice = fit_many([job(X=X[:, :2]), job(y=np.stack([Y, Y], axis=1))])
    with pytest.raises(ValueError, match="one number of features, got 3 and 2"):
        predict([*results, fewer], X)
    with pytest.raises(ValueError, match="one number of outputs, got 1 and 2"):
        predict([*results, twice], X)
    (single,) = fit_many([job()], dtype="float32")
    for mixed in ([single, results[0]], [results[0], single]):
        assert predict(mixed, X).dtype == np.float64
        assert predict(mixed, X)[mixed.index(single)].tobytes() == predict([single], X)[0].astype(float).tobytes()
