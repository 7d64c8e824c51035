"""What the tests of the ensemble engine share: a small job, scikit-learn as the oracle, and whether its bits can be
expected."""

from __future__ import annotations

import os
import threading
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from experiments.networks.ensemble import FitJob, FitResult

X = np.random.default_rng(0).normal(size=(50, 3))
Y = X[:, 0] * X[:, 1]

PINNED = ("numpy", "scipy", "scikit-learn", "numba")


def other_bits() -> str | None:
    """Why the last bits need not be those of the pinned wheels, or None where they must be."""
    pins = dict(
        line.split("==") for line in Path(__file__).parents[2].joinpath("requirements.txt").read_text().split() if line
    )
    for package in PINNED:
        if version(package) != pins[package]:
            return f"{package} is {version(package)}, not {pins[package]}"
    built: Any = np.show_config(mode="dicts")
    blas = built["Build Dependencies"]["blas"]["name"]
    return None if blas == "scipy-openblas" else f"NumPy's BLAS is {blas}, not that of the wheels"


def require_pinned_wheels() -> None:
    """Skip on other wheels, where one epoch is compared to 1e-12 instead; fail where CI is true."""
    if reason := other_bits():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the bits were not compared: {reason}")
        pytest.skip(f"{reason}: see test_one_epoch_agrees_to_1e_12")


def by_sklearn(job: FitJob) -> Any:
    """A scikit-learn estimator fitted to the job on one BLAS thread."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    options = job.options()
    model: Any = MLPRegressor
    if job.task == "classification":
        model = MLPClassifier
        del options["loss"]
    with warnings.catch_warnings(), threadpool_limits(limits=1, user_api="blas"):
        warnings.simplefilter("ignore")
        return model(hidden_layer_sizes=job.hidden, random_state=job.seed, **options).fit(job.X, job.y)


def assert_same_bits(result: FitResult, model: Any) -> None:
    """Every bit of what training leaves behind."""
    assert result.n_iter_ == model.n_iter_
    assert result.converged == (model.n_iter_ < model.max_iter)
    assert result.loss_curve_.tolist() == model.loss_curve_
    assert len(result.coefs_) == len(model.coefs_)
    pairs = zip((*result.coefs_, *result.intercepts_), (*model.coefs_, *model.intercepts_), strict=True)
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert np.ascontiguousarray(ours).tobytes() == np.ascontiguousarray(theirs).tobytes()


def job(**options: Any) -> FitJob:
    return FitJob(**{"X": X, "y": Y, "hidden": (8,), "max_iter": 5, **options})


def engine_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ensemble-")]
