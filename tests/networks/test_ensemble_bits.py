"""The engine's results are scikit-learn's to the last bit, whatever the back end and the grouping."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from experiments.networks.ensemble import FitJob, FitResult, compiled, fit_many
from tests.networks import ensembles
from tests.networks.ensembles import assert_same_bits, by_sklearn, require_pinned_wheels

BUDGET = 4_000_000
"""Multiplications of a fit, about: large networks train for few epochs, so that the whole test stays short."""


@st.composite
def jobs(draw: st.DrawFn) -> FitJob:
    """Jobs of every shape that the fast trainers serve."""
    task: Any = draw(st.sampled_from(["regression", "classification"]))
    n = draw(st.one_of(st.integers(2, 40), st.integers(2, 400)))
    features = draw(st.sampled_from([1, 2, 3, 8, 50]))
    width = st.one_of(st.integers(1, 20), st.integers(1, 300))
    hidden = tuple(draw(st.lists(width, min_size=1, max_size=4)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = rng.normal(size=(n, features)) * draw(st.sampled_from([1.0, 0.01, 30.0]))
    y: Any
    if task == "classification":
        classes = draw(st.sampled_from([2, 3, 10]))
        y = rng.integers(0, classes, n)
        outputs = classes
    else:
        outputs = draw(st.sampled_from([1, 1, 2, 9]))
        y = rng.normal(size=(n, outputs)) if outputs > 1 else rng.normal(size=n)
    units = (features, *hidden, outputs)
    multiplications = n * sum(a * b for a, b in pairwise(units))
    batch_size = draw(st.one_of(st.just("auto"), st.integers(1, n)))
    batches = 1 if batch_size == "auto" else -(-n // int(batch_size))
    # an epoch of many batches costs a pass over all parameters for each of them
    epoch = multiplications + batches * (multiplications // n + 2000)
    return FitJob(
        X=X,
        y=y,
        hidden=hidden,
        seed=draw(st.integers(0, 2**32 - 1)),
        task=task,
        alpha=draw(st.sampled_from([0.0, 1e-4, 0.5])),
        batch_size=batch_size,
        learning_rate_init=draw(st.sampled_from([1e-3, 1e-2, 0.3])),
        beta_1=draw(st.sampled_from([0.9, 0.0, 0.5])),
        beta_2=draw(st.sampled_from([0.999, 0.9])),
        epsilon=draw(st.sampled_from([1e-8, 1e-3, 1e-16, 1e-300])),
        max_iter=max(1, min(draw(st.integers(1, 60)), BUDGET // epoch)),
        tol=draw(st.sampled_from([1e-4, 0.0, 0.05])),
        n_iter_no_change=draw(st.sampled_from([10, 1, 3])),
        shuffle=draw(st.booleans()),
    )


def fitted(job: FitJob, backend: str = "auto") -> FitResult:
    (result,) = fit_many([job], backend=backend)  # type: ignore[arg-type] # the tests name back ends as strings
    return result


# cases that random search meets too rarely: one sample, one unit, a last batch of one, a sum over several blocks, a
# product of which BLAS adds up four elements in another order, hidden units that are all dead, so that alpha makes
# weights denormal, and zero
LINE = np.linspace(-1, 1, 400)[:, None]
BALL = np.random.default_rng(0).normal(size=(12, 3))
DECAY: Any = {"X": BALL, "hidden": (4, 4), "tol": 0.0, "n_iter_no_change": 2000, "beta_1": 0.0}


@settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(jobs())
@example(FitJob(X=[[1.0]], y=[2.0], hidden=(), max_iter=30))
@example(FitJob(X=LINE, y=LINE[:, 0], hidden=(1, 1), max_iter=30))
@example(FitJob(X=LINE[:201], y=LINE[:201, 0], hidden=(7,), max_iter=30))
@example(FitJob(X=LINE, y=LINE[:, 0] > 0, task="classification", hidden=(5,), batch_size=399, max_iter=30))
@example(FitJob(X=LINE, y=np.sign(LINE[:, 0]), hidden=(30, 30), max_iter=300, tol=1e-5, batch_size=400))
@example(FitJob(X=LINE[:123], y=np.arange(123) % 4, task="classification", hidden=(20, 7, 11), max_iter=3))
@example(FitJob(y=BALL[:, 0] > 0, task="classification", **DECAY, alpha=0.5, batch_size=1, max_iter=700))
@example(FitJob(y=BALL[:, :2], **DECAY, alpha=10.0, epsilon=1.0, learning_rate_init=0.3, max_iter=2000))
@example(FitJob(y=BALL[:, :2], **DECAY, alpha=0.01, epsilon=1e-16, batch_size=1, max_iter=100))
@example(FitJob(y=1e-200 * BALL, **DECAY, alpha=1e-300, epsilon=1e-300, learning_rate_init=5.0, max_iter=40))
def test_every_configuration_has_scikit_learns_bits(job: FitJob) -> None:
    require_pinned_wheels()
    model = by_sklearn(job)
    for backend in ("numba", "numpy"):
        result = fitted(job, backend)
        assert result.backend == backend
        assert_same_bits(result, model)


def test_one_epoch_agrees_to_1e_12() -> None:
    """Holds with any BLAS; on other wheels than the pinned ones it is all that is claimed, and the warning says so."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 5))
    for job in (
        FitJob(X=X, y=X[:, 0], hidden=(40, 30), max_iter=1),
        FitJob(X=X, y=rng.integers(0, 3, 100), task="classification", hidden=(40, 30), max_iter=1),
    ):
        model = by_sklearn(job)
        for backend in ("numba", "numpy"):
            result = fitted(job, backend)
            for ours, theirs in zip(result.coefs_, model.coefs_, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    if reason := ensembles.other_bits():
        pytest.skip(f"passed, but to 1e-12 only: {reason}")


def test_on_other_wheels_one_epoch_is_compared_and_reported_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensembles, "version", lambda package: f"another {package}")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"to 1e-12 only: numpy is another numpy, not \d"):
        test_one_epoch_agrees_to_1e_12()
    with pytest.raises(pytest.skip.Exception, match="see test_one_epoch_agrees_to_1e_12"):
        require_pinned_wheels()


def test_ci_fails_where_the_bits_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(ensembles, "other_bits", lambda: "NumPy's BLAS is another")
    with pytest.raises(pytest.fail.Exception, match="the bits were not compared: NumPy's BLAS is another"):
        require_pinned_wheels()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_where_blas_adds_in_another_order_its_own_products_serve(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    """The products without BLAS are used only where they have its bits: with and without them, one result."""
    jobs = [job for job in mixture() if not job.outside]
    with_them = digests(jobs, dtype=dtype)
    kernel: Any = compiled.load_kernel()
    monkeypatch.setattr(kernel, "seen_equal", lambda *_: False)
    kernel.own_products.cache_clear()
    try:
        assert digests(jobs, dtype=dtype) == with_them
    finally:
        kernel.own_products.cache_clear()


def mixture() -> list[FitJob]:
    """Jobs of several shapes, tasks and lengths, among them some that only scikit-learn can train, and two whose
    products are taken in pieces in float32."""
    rng = np.random.default_rng(1)
    X, broad = rng.normal(size=(60, 4)), rng.normal(size=(210, 20))
    batch = [FitJob(X=broad, y=broad[:, :outputs], hidden=(50, 43), max_iter=5) for outputs in (1, 9)]
    for seed in range(10):
        batch += [
            FitJob(X=X, y=X[:, 0] * X[:, 1], hidden=(20, 10), seed=seed, max_iter=5 + 3 * seed),
            FitJob(X=X, y=X[:, 0] > 0, task="classification", hidden=(8,), seed=seed, max_iter=15, tol=0.1),
            FitJob(X=X[:, :1], y=X[:, 1], hidden=(50,), seed=seed, max_iter=10, batch_size=7, alpha=0),
            FitJob(X=X, y=X[:, 2], hidden=(5,), seed=seed, max_iter=5, solver="lbfgs" if seed % 3 == 0 else "adam"),
        ]
    return batch


def digests(jobs: list[FitJob], **options: object) -> list[str]:
    return [result.digest for result in fit_many(jobs, **options)]  # type: ignore[arg-type] # keywords from the tests


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_bits_depend_neither_on_workers_nor_on_order_nor_on_grouping(workers: int) -> None:
    jobs = mixture()
    alone = [digests([job])[0] for job in jobs]
    assert digests(jobs, workers=workers) == alone
    order = np.random.default_rng(2).permutation(len(jobs))
    shuffled = digests([jobs[i] for i in order], workers=workers)
    assert [shuffled[place] for place in np.argsort(order)] == alone
    assert digests(jobs[:13], workers=workers) + digests(jobs[13:], workers=workers) == alone


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_numba_and_numpy_have_the_same_bits(dtype: str) -> None:
    jobs = [job for job in mixture() if not job.outside]
    assert digests(jobs, backend="numba", dtype=dtype) == digests(jobs, backend="numpy", dtype=dtype)


def test_blocks_of_more_networks_than_fit_at_once_keep_their_order() -> None:
    X = np.linspace(0, 1, 10)[:, None]
    jobs = [FitJob(X=X, y=X[:, 0], hidden=(3,), seed=seed, max_iter=2) for seed in range(150)]
    alone = {seed: digests([jobs[seed]])[0] for seed in (0, 63, 64, 127, 128, 149)}
    together = digests(jobs)
    assert {seed: together[seed] for seed in alone} == alone
    assert len(set(together)) == 150


def test_moments_that_vanish_leave_the_bits_alone() -> None:
    """A unit that never fires has moments 2^-t here: denormal after 1,000 steps, where the engine sets them to zero."""
    require_pinned_wheels()
    X = np.abs(np.random.default_rng(3).normal(size=(8, 2)))
    job = FitJob(
        X=X, y=-X[:, 0], hidden=(6,), max_iter=1500, tol=0.0, n_iter_no_change=1500,
        learning_rate_init=0.05, beta_1=0.5, beta_2=0.5,
    )  # fmt: skip
    model = by_sklearn(job)
    dead = np.flatnonzero((X @ model.coefs_[0] + model.intercepts_[0]).max(axis=0) <= 0)
    assert len(dead) > 0
    for backend in ("numba", "numpy"):
        assert_same_bits(fitted(job, backend), model)


@pytest.mark.parametrize("beta_1", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("alpha", [12.0, 8.0])
def test_weights_that_decay_to_denormal_numbers_keep_scikit_learns_bits(alpha: float, beta_1: float) -> None:
    """What alpha alone acts on shrinks by a share of itself in every step, and at the end a moment far below the least
    normal number moves it: neither may that moment be set to zero, nor its gradient, divided by 12, be rounded up where
    it is the middle between two numbers."""
    require_pinned_wheels()
    X = np.random.default_rng(0).normal(size=(12, 2))
    X[:, 1] = 0
    job = FitJob(
        X=X, y=X[:, 0], hidden=(10,), max_iter=2500, tol=0.0, n_iter_no_change=2500, alpha=alpha, epsilon=1.0,
        learning_rate_init=0.6, beta_1=beta_1,
    )  # fmt: skip
    model = by_sklearn(job)
    decayed = np.abs(model.coefs_[0][1])
    assert (decayed < 1e-300).all()
    for backend in ("numba", "numpy"):
        assert_same_bits(fitted(job, backend), model)
    assert fit_digest(job, "numba") == fit_digest(job, "numpy")


def fit_digest(job: FitJob, backend: Any) -> str:
    """In float32, where the same weights pass the limits much sooner."""
    (result,) = fit_many([job], backend=backend, dtype="float32")
    return result.digest


@pytest.mark.parametrize("rate", [1e76, 1e155])
def test_without_a_penalty_the_loss_is_nan_too_where_the_squares_of_the_weights_overflow(rate: float) -> None:
    """scikit-learn adds alpha times their sum, and 0 times infinity is NaN."""
    require_pinned_wheels()
    X = np.random.default_rng(0).normal(size=(50, 3))
    job = FitJob(
        X=X, y=X[:, 0] > 0, task="classification", hidden=(), alpha=0, learning_rate_init=rate, max_iter=40
    )  # fmt: skip
    with np.errstate(all="ignore"):
        model = by_sklearn(job)
    assert np.isnan(model.loss_curve_[1]) == (rate == 1e155)
    for backend in ("numba", "numpy"):
        result = fitted(job, backend)
        assert result.n_iter_ == model.n_iter_
        assert result.loss_curve_.tobytes() == np.array(model.loss_curve_).tobytes()
        assert result.coefs_[0].tobytes() == model.coefs_[0].tobytes()
