"""Descent rates: the compiled loop against NumPy, runs against exact iteration, and a wrong rate that is refuted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import Equals, Runs
from experiments.networks.linear_descent import squared_errors
from experiments.suite.gradient_descent import EXPERIMENT, STABLE, UNSTABLE, Params, exact_iterations, run, steps


@pytest.mark.parametrize(("momentum", "ahead"), [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)])
def test_the_compiled_loop_takes_the_gradient_where_it_says(momentum: float, ahead: float) -> None:
    rng = np.random.default_rng(0)
    Q, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    eigenvalues = np.array([0.1, 0.3, 0.5, 0.9, 1.0])
    hessian = Q @ np.diag(eigenvalues) @ Q.T
    starts = rng.standard_normal((3, 5))
    found = squared_errors(starts, eigenvalues, 0.8, momentum, ahead, np.array([0, 1, 7, 20]))
    # the same in coordinates where the quadratic is not diagonal
    before, now = starts @ Q.T, starts @ Q.T
    expected = [np.sum(now**2, axis=1)]
    for _ in range(20):
        inertia = now - before
        before, now = now, now + momentum * inertia - 0.8 * (now + ahead * inertia) @ hessian
        expected.append(np.sum(now**2, axis=1))
    np.testing.assert_allclose(found, np.array(expected)[[0, 1, 7, 20]], rtol=1e-10)


def test_a_run_counts_the_steps_of_a_plain_loop() -> None:
    params = Params(method="nesterov", kappa=30.0, starts=4)
    w = np.random.default_rng(2).standard_normal((4, 30))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    before, now, k = w, w, 0
    eigenvalues, beta = np.linspace(1 / 30, 1, 30), (np.sqrt(30) - 1) / (np.sqrt(30) + 1)
    while np.sqrt(np.mean(np.sum(now**2, axis=1))) > 1e-6:
        ahead = now + beta * (now - before)
        before, now, k = now, ahead - eigenvalues * ahead, k + 1
    assert run(params, np.random.default_rng(2)).metrics["iterations"] == k


def test_both_sides_of_the_edge_of_stability() -> None:
    for method, sign in ((STABLE, -1), (UNSTABLE, 1)):
        params = Params(method=method, kappa=10.0, starts=16)
        metrics = run(params, np.random.default_rng(0)).metrics
        assert steps(params) == 20_000
        assert sign * metrics["final_log10_error"] > 16
        assert metrics["decay"] == pytest.approx(-sign * 0.002, rel=0.01)
        assert "iterations" not in metrics


def test_curves_start_together_and_the_asymptote_is_below_momentum() -> None:
    curves = run(Params(method="heavy ball", kappa=100.0, starts=512), np.random.default_rng(0)).curves
    # 512 starts: the mean square is known to 6 % at one standard error, its root to 3 %
    assert np.abs(np.log(curves["error"].y / curves["exact"].y)).max() < 0.2
    assert curves["error"].y[-1] > 2 * curves["asymptote"].y[-1]


def test_a_wrong_rate_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["momentum_slope"]
    cells = tuple(Params(method="nesterov", kappa=kappa, starts=64) for kappa in (10.0, 30.0, 100.0))
    table = [[run(cell, np.random.default_rng(seed)).metrics["iterations"] for seed in range(8)] for cell in cells]
    runs = Runs(cells, {"iterations": np.array(table)})
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, slope=0.5).judge(runs).status == "refuted"  # type: ignore[call-arg]  # a PowerLaw
    wrong = Equals[Params](
        statement="", source="", reason="", x="kappa", metric="iterations", theory=lambda p: 1.1 * exact_iterations(p)
    )
    assert wrong.judge(runs).status == "refuted"


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(method="gradient 1/L", kappa=10.0, starts=8)
    first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (5, 5, 6))
    assert first == again
    assert first != other
