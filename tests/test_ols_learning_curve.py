"""The exact learning curve of least squares: the vectorised run against one fit at a time."""

from __future__ import annotations

import numpy as np

from experiments.suite.ols_learning_curve import Params, mean_errors, run


def test_errors_are_those_of_lstsq_whatever_beta_is() -> None:
    rng = np.random.default_rng(0)
    X, noise = rng.standard_normal((5, 30, 4)), rng.standard_normal((5, 30))
    train, test, gap = [], [], []
    for rows, e in zip(X, noise, strict=True):
        beta = rng.standard_normal(4)
        y = rows @ beta + e
        estimate = np.linalg.lstsq(rows, y)[0]
        residual = y - rows @ estimate
        train.append(np.mean(residual**2))
        test.append(1.0 + np.sum((estimate - beta) ** 2))
        gap.append(test[-1] - 1.0 + np.mean(e**2) - train[-1])
    np.testing.assert_allclose(mean_errors(X, noise, 1.0), np.mean([train, test, gap], axis=1), rtol=1e-10)


def test_the_curve_ends_in_the_metrics() -> None:
    outcome = run(Params(n=80, replicates=10), np.random.default_rng(0))
    assert outcome.curves["train"].y[-1] == outcome.metrics["train_error"]
    assert outcome.curves["test"].y[-1] == outcome.metrics["test_error"]
    assert outcome.curves["test"].x[[0, -1]].tolist() == [20, 80]


def test_the_smallest_size_has_a_curve_of_one_point() -> None:
    assert run(Params(n=20, replicates=10), np.random.default_rng(0)).curves["test"].x.tolist() == [20]


def test_same_seed_gives_the_same_bits() -> None:
    first, second = (run(Params(n=40), np.random.default_rng(3)) for _ in range(2))
    assert first.metrics == second.metrics
    assert first.metrics != run(Params(n=40), np.random.default_rng(4)).metrics
