"""Gradient descent on a wide linear model against exact powers of its iteration matrix, and against lstsq."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.suite.implicit_bias import Params, descend, run


def test_errors_are_those_of_the_powers_of_the_iteration_matrix() -> None:
    rng = np.random.default_rng(0)
    X, y, start = rng.standard_normal((4, 9)), rng.standard_normal(4), rng.standard_normal(9)
    step = 1 / float(np.linalg.norm(X, 2)) ** 2
    limit = start + np.linalg.lstsq(X, y - X @ start)[0]
    found = descend(X, y, start, limit, step)
    iteration = np.eye(9) - step * X.T @ X
    for k in (0, 1, 7, 30):
        error = np.linalg.matrix_power(iteration, k) @ (start - limit)
        assert found.errors[k] == pytest.approx(np.linalg.norm(error), rel=1e-8)
        assert found.norms[k] == pytest.approx(np.linalg.norm(limit + error), rel=1e-8)
    assert found.weights == pytest.approx(limit, abs=1e-9)
    assert found.outside < 1e-13


def test_the_contraction_is_the_largest_eigenvalue_below_one() -> None:
    found = run(Params(p=40, target="random", start="zero"), np.random.default_rng(3)).metrics
    X = np.random.default_rng(3).standard_normal((20, 40))
    gram = X @ X.T
    eigenvalues = np.linalg.eigvalsh(np.eye(20) - gram / np.linalg.eigvalsh(gram)[-1])
    assert found["contraction"] == pytest.approx(eigenvalues[-1], rel=1e-10)


def test_a_step_that_is_too_long_breaks_the_bound() -> None:
    """The bound is no tautology: with steps of 1.97/s² the largest singular value sets the rate."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((20, 60)), rng.standard_normal(20)
    singular = np.linalg.svd(X, compute_uv=False)
    limit = np.asarray(np.linalg.lstsq(X, y)[0], dtype=np.float64)
    found = descend(X, y, np.zeros(60), limit, 1.97 / singular[0] ** 2)
    steps = np.arange(len(found.errors))
    contraction = 1 - (singular[-1] / singular[0]) ** 2
    assert (found.errors > 1.001 * contraction**steps * found.errors[0]).any()


def test_a_random_start_does_not_find_the_least_norm() -> None:
    found = run(Params(p=200, target="random", start="random"), np.random.default_rng(0)).metrics
    assert found["norm_over_least"] > 1.2
    assert found["residual"] < 1e-9


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(p=60, target="random", start="random")
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
