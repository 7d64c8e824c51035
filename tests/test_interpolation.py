"""Interpolation: the construction against its definition, too few hinges, and the guide's network as it trains."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize

from experiments.claims import Always, Runs
from experiments.networks.hinges import best_fit, exact_residual, through
from experiments.suite.interpolation import EXPERIMENT, GUIDE, Params, run

Floats = NDArray[np.float64]


def test_the_network_is_the_broken_line_through_its_points() -> None:
    rng = np.random.default_rng(0)
    t, y = np.sort(rng.random(15)), rng.standard_normal(15)
    network = through(t, y)
    x = np.linspace(t[0], t[-1], 400)
    np.testing.assert_allclose(network(x), np.interp(x, t, y), atol=1e-9)
    assert len(network.knots) == 14
    assert network(t[:1] - 1)[0] == y[0]


def test_rational_arithmetic_leaves_no_residual_and_sees_a_wrong_one() -> None:
    rng = np.random.default_rng(0)
    t, y = np.sort(rng.random(20)).tolist(), rng.standard_normal(20).tolist()
    assert exact_residual(t, y) == 0
    exact_t, exact_y = (np.array([Fraction(x) for x in values], dtype=object) for values in (t, y))
    broken = dataclasses.replace(through(exact_t, exact_y), bias=exact_y[0] + Fraction(1, 10**30))
    assert max(abs(broken(exact_t) - exact_y)) == Fraction(1, 10**30)


def test_a_run_projects_its_points() -> None:
    metrics = run(Params(data="gaussian", n=30, dimension=7), np.random.default_rng(1)).metrics
    assert metrics["exact_residual"] == 0
    assert metrics["max_residual"] < 1e-10
    assert metrics["neurons"] == 29


def test_even_the_best_minimax_fit_of_fewer_hinges_errs_by_one() -> None:
    """Six alternating points, three hinges anywhere: the best uniform error by linear programming, over many places."""
    rng = np.random.default_rng(0)
    t, y = np.linspace(0, 1, 6), np.where(np.arange(6) % 2, -1.0, 1.0)
    best = np.inf
    for _ in range(200):
        knots = np.sort(rng.random(3))
        design = np.column_stack([np.ones(6), t, np.maximum(t[:, np.newaxis] - knots, 0)])
        rows = np.block([[design, -np.ones((6, 1))], [-design, -np.ones((6, 1))]])
        found = optimize.linprog([0] * 5 + [1], rows, np.concatenate([y, -y]), bounds=[(None, None)] * 6)
        assert found.fun is not None
        best = min(best, found.fun)
        assert np.abs(best_fit(t, y, knots) - y).max() >= found.fun - 1e-9
    assert best == pytest.approx(1, abs=1e-9)
    with_one_more = best_fit(t, y, t[1:-1])
    assert np.abs(with_one_more - y).max() < 1e-12


def test_a_count_off_by_one_is_refuted_on_the_same_runs() -> None:
    cell = Params(data="alternating", n=8)
    metrics = run(cell, np.random.default_rng(0)).metrics
    runs = Runs((cell,), {name: np.array([[number]]) for name, number in metrics.items()})
    for name in ("width_count", "alternating_pieces"):
        claim = EXPERIMENT.claims[name]
        assert isinstance(claim, Always)
        assert claim.judge(runs).status == "supported"
        assert dataclasses.replace(claim, low=8, high=8).judge(runs).status == "refuted"


def test_unknown_data_is_refused() -> None:
    with pytest.raises(ValueError, match="no data called 'moons'"):
        run(Params(data="moons", n=8), np.random.default_rng(0))


def test_same_seed_gives_the_same_bits() -> None:
    for params in (Params(data="alternating", n=6), GUIDE):
        first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (3, 3, 4))
        assert first == again
        assert first != other


def guide_data() -> tuple[Floats, Floats, np.random.RandomState]:
    """The guide's points of legacy seed 42, and the generator as it is after drawing them."""
    legacy = np.random.RandomState(42)
    X = np.linspace(0, 10, 20).reshape(-1, 1)
    return X, np.sin(X).ravel() + legacy.normal(0, 0.1, X.shape[0]), legacy


def test_the_snippet_with_the_import_does_not_interpolate() -> None:
    from sklearn.neural_network import MLPRegressor

    X, y, legacy = guide_data()
    X_test = np.linspace(0, 10, 200).reshape(-1, 1)
    assert np.sqrt(np.mean((y - np.sin(X.ravel())) ** 2)) == pytest.approx(0.095, abs=5e-4)

    def fit(random_state: int | np.random.RandomState) -> tuple[int, float, float]:
        # Without random_state scikit-learn draws from NumPy's global generator, which is here `legacy`.
        model = MLPRegressor(hidden_layer_sizes=(100, 100), max_iter=10000, alpha=0, random_state=random_state)
        model.fit(X, y)
        train, truth = model.predict(X) - y, model.predict(X_test) - np.sin(X_test.ravel())
        return model.n_iter_, float(np.sqrt(np.mean(train**2))), float(np.sqrt(np.mean(truth**2)))

    assert fit(legacy) == pytest.approx((536, 0.118, 0.139), abs=5e-4)
    errors = [fit(seed)[1] for seed in range(6)]
    assert errors == pytest.approx([0.113, 0.431, 0.106, 0.127, 0.123, 0.459], abs=5e-4)


def test_lbfgs_on_scaled_inputs_comes_near_but_a_built_network_interpolates() -> None:
    from sklearn.neural_network import MLPRegressor

    X, y, _ = guide_data()
    model = MLPRegressor(
        hidden_layer_sizes=(100, 100), max_iter=10000, max_fun=10**6, alpha=0, random_state=0, solver="lbfgs"
    ).fit((X - 5) / 5, y)
    X_test = np.linspace(0, 10, 200).reshape(-1, 1)
    # 0.0075 on one BLAS thread, 0.0062 on two
    assert np.sqrt(np.mean((model.predict((X - 5) / 5) - y) ** 2)) == pytest.approx(0.007, abs=2e-3)
    distance = model.predict((X_test - 5) / 5) - np.sin(X_test.ravel())
    assert np.sqrt(np.mean(distance**2)) == pytest.approx(0.09, abs=0.01)
    assert np.abs(through(X.ravel(), y)(X.ravel()) - y).max() < 1e-13
