"""What fit_many promises beyond bits: order, memory, interruption, and which back end serves."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import tracemalloc
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from experiments.networks.ensemble import FitJob, fit_many
from experiments.networks.ensemble import compiled as compiled_back_end
from experiments.networks.ensemble.fit import available_cores
from tests.command import ROOT
from tests.networks.ensembles import engine_threads, job


def test_no_warning_leaks_and_no_random_state_is_touched() -> None:
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002 — it is the global state that must not change
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = list(fit_many([job(max_iter=2), job(solver="sgd", max_iter=2), job(tol=10.0, max_iter=50)]))
    assert [result.converged for result in results] == [False, False, True]
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002 — as above


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


def test_blas_has_one_thread_in_every_call_and_as_many_as_before_after_it() -> None:
    def blas_threads() -> set[int]:
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    list(fit_many([job()]))  # every library is loaded
    with threadpool_limits(limits=2, user_api="blas"):
        for _ in range(2):
            results = fit_many([job(), job()])
            next(results)
            assert blas_threads() == {1}
            list(results)
            assert blas_threads() == {2}


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
