"""Five of the guide's ways to train networks, by the engine and as a user of scikit-learn would write them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.networks.ensemble import FitJob, fit_many
from experiments.networks.ensemble.fit import available_cores
from experiments.networks.ensemble.jobs import DType

CORES = available_cores()


def learning_curve() -> list[FitJob]:
    """200 points of a sine, five folds, ten sizes from 16 to 160."""
    rng = np.random.RandomState(0)
    x = np.sort(5 * rng.rand(200, 1), axis=0)
    y = np.sin(x).ravel() + rng.normal(0, 0.1, 200)
    folds = [np.delete(np.arange(200), np.arange(40 * k, 40 * k + 40)) for k in range(5)]
    return [
        FitJob(X=x[fold[:size]], y=y[fold[:size]], hidden=(100, 100), max_iter=500)
        for size in range(16, 161, 16)
        for fold in folds
    ]


def wide() -> list[FitJob]:
    """20 points, one hidden layer of 1000."""
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 20)[:, None]
    y = np.sin(2 * np.pi * x[:, 0]) + rng.normal(0, 0.1, 20)
    return [FitJob(X=x, y=y, hidden=(1000,), max_iter=2000, alpha=0, seed=seed) for seed in range(16)]


def deep() -> list[FitJob]:
    """20 points, two hidden layers of 100."""
    rng = np.random.default_rng(42)
    x = np.linspace(0, 10, 20)[:, None]
    y = np.sin(x[:, 0]) + rng.normal(0, 0.1, 20)
    return [FitJob(X=x, y=y, hidden=(100, 100), max_iter=10_000, alpha=0, seed=seed) for seed in range(16)]


def many_inputs() -> list[FitJob]:
    """800 points in 50 dimensions, hidden layers of 100 and 50."""
    x = np.random.default_rng(0).normal(size=(800, 50))
    y = np.sin(x[:, 0]) + 0.5 * np.cos(x[:, 1]) + 0.1 * x[:, 2:].sum(axis=1)
    return [FitJob(X=x, y=y, hidden=(100, 50), max_iter=1000, seed=seed) for seed in range(8)]


def moons(models: int = 64) -> list[FitJob]:
    """Two moons of 100 points, ten hidden units."""
    from sklearn.datasets import make_moons

    X, y = make_moons(n_samples=100, noise=0.1, random_state=0)
    return [FitJob(X=X, y=y, hidden=(10,), task="classification", seed=seed) for seed in range(models)]


WORKLOADS: Mapping[str, tuple[str, Callable[[], list[FitJob]]]] = {
    "learning_curve": ("learning curve, 200 x 1 (100,100)", learning_curve),
    "wide": ("20 x 1 (1000)", wide),
    "deep": ("20 x 1 (100,100)", deep),
    "many_inputs": ("800 x 50 (100,50)", many_inputs),
    "moons": ("moons (10)", moons),
}


def fit_one(job: FitJob) -> Any:
    """What a user would write for one network."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    options = job.options()
    model: Any = MLPRegressor
    if job.task == "classification":
        model = MLPClassifier
        del options["loss"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model(hidden_layer_sizes=job.hidden, random_state=job.seed, **options).fit(job.X, job.y)


def by_joblib(jobs: Sequence[FitJob]) -> list[Any]:
    """The networks by scikit-learn in joblib's process pool."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config("loky", n_jobs=CORES, inner_max_num_threads=1):
        return list(Parallel()(delayed(fit_one)(job) for job in jobs))


def train(jobs: Sequence[FitJob], dtype: DType = "float64") -> None:
    """The networks by the engine; no result is kept."""
    for _ in fit_many(jobs, dtype=dtype):
        pass


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
