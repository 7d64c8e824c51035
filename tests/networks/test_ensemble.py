"""What fit_many promises beyond bits: errors, order, memory, interruption, and ordinary estimators in the end."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from experiments.networks.ensemble import FitJob, fit_many, predict, to_sklearn
from experiments.networks.ensemble import compiled as compiled_back_end
from experiments.networks.ensemble.fit import available_cores
from tests.command import ROOT
from tests.networks.ensembles import assert_same_bits, by_sklearn, require_pinned_wheels

X = np.random.default_rng(0).normal(size=(50, 3))
Y = X[:, 0] * X[:, 1]
LABELS = np.array(["left", "right", "up"])[np.argmax(X, axis=1)]


def job(**options: Any) -> FitJob:
    return FitJob(**{"X": X, "y": Y, "hidden": (8,), "max_iter": 5, **options})


def engine_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ensemble-")]


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


def test_no_warning_leaks_and_no_random_state_is_touched() -> None:
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002 — it is the global state that must not change
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = list(fit_many([job(max_iter=2), job(solver="sgd", max_iter=2), job(tol=10.0, max_iter=50)]))
    assert [result.converged for result in results] == [False, False, True]
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002 — as above


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


def test_float32_is_close_to_float64() -> None:
    (double,), (single,) = fit_many([job()]), fit_many([job()], dtype="float32")
    assert single.coefs_[0].dtype == np.float32
    # 5 steps of 1e-3, each with relative error about 1e-6
    np.testing.assert_allclose(single.coefs_[0], double.coefs_[0], atol=1e-5)


def test_memory_does_not_grow_with_the_number_already_finished() -> None:
    rng = np.random.default_rng(0)
    moons, side = rng.normal(size=(100, 2)), rng.integers(0, 2, 100)
    jobs = [FitJob(X=moons, y=side, task="classification", hidden=(10,), seed=seed, max_iter=5) for seed in range(1000)]
    list(fit_many(jobs[:1]))
    tracemalloc.start()
    try:
        held = [tracemalloc.get_traced_memory()[0] for _ in fit_many(jobs)]
    finally:
        tracemalloc.stop()
    # one result takes about 3 kB: 700 of them would be 2 MB
    assert max(held[900:]) - max(held[128:300]) < 200_000


LONG = {"hidden": (100,), "max_iter": 10**8, "tol": 0.0, "n_iter_no_change": np.inf}


def test_closing_the_iterator_leaves_no_thread() -> None:
    short = job(**{**LONG, "tol": 1e9, "n_iter_no_change": 1})  # converges, but is planned as the long ones are
    results = fit_many([short, *[job(seed=seed, **LONG) for seed in range(20)]], workers=2)
    next(results)
    assert len(engine_threads()) == 2
    results.close()  # type: ignore[attr-defined] # it is a generator, promised as an iterator
    assert engine_threads() == []


def test_an_interrupt_leaves_no_thread() -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(fit_many([job(**LONG)] * 5, workers=2))
    timer.join()
    assert engine_threads() == []


INTERRUPTED = """
import os, signal
import numpy as np
from sklearn.neural_network import _multilayer_perceptron
from experiments.networks.ensemble import FitJob, fit_many
X = np.random.default_rng(0).normal(size=(50, 3))
update = _multilayer_perceptron.SGDOptimizer.update_params
steps = []
def update_and_interrupt(self, params, grads):
    update(self, params, grads)
    steps.append(1)
    if len(steps) == 5:
        os.kill(os.getpid(), signal.SIGINT)
_multilayer_perceptron.SGDOptimizer.update_params = update_and_interrupt
for result in fit_many([FitJob(X=X, y=X[:, 0], solver="sgd", max_iter=1000, tol=0.0)] * 2):
    print("trained", result.n_iter_)
"""


def test_an_interrupt_ends_the_program_where_scikit_learn_itself_trains() -> None:
    """It would take the signal for the wish to have the network as it is, and the next one would be trained."""
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGINT
    assert run.stderr.endswith("KeyboardInterrupt\n")
    assert run.stdout == ""


def test_no_jobs_give_no_results() -> None:
    assert list(fit_many([])) == []


def test_workers_default_to_the_cores_or_to_one_inside_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert available_cores() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert available_cores() == 1


def test_numpy_serves_where_numba_is_missing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    (with_numba,) = fit_many([job()])
    monkeypatch.setitem(sys.modules, "numba", None)
    compiled_back_end.load_kernel.cache_clear()
    try:
        (without,) = fit_many([job()])
        with pytest.raises(ValueError, match="needs numba"):
            fit_many([job()], backend="numba")
    finally:
        monkeypatch.undo()
        compiled_back_end.load_kernel.cache_clear()
    assert (with_numba.backend, without.backend) == ("numba", "numpy")
    assert without.digest == with_numba.digest
    assert "training without compiled code" in caplog.text


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


def test_training_an_estimator_on_leaves_the_result_alone() -> None:
    (result,) = fit_many([job()])
    before = [array.tobytes() for array in (*result.coefs_, *result.intercepts_)]
    to_sklearn(result, job()).partial_fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is not trained to the end
        to_sklearn(result, job()).set_params(warm_start=True).fit(X, Y)
    assert [array.tobytes() for array in (*result.coefs_, *result.intercepts_)] == before
