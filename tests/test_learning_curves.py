"""Learning curves of networks: the run against scikit-learn's own tools, the data sets, and the guide's snippet."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.cross_validation import folds, mean_scores, score
from experiments.networks.datasets import noisy_sine, sample
from experiments.networks.ensemble import FitJob, fit_many, predict
from experiments.suite.learning_curves import NOISE, Params, run

Floats = NDArray[np.float64]
SMALL = Params(points=50, curve_sizes=2)


@pytest.mark.parametrize(("points", "sizes", "count"), [(200, 10, 5), (442, 5, 5), (33, 3, 2), (25, 1, 5)])
def test_folds_and_scores_are_those_of_scikit_learns_learning_curve(points: int, sizes: int, count: int) -> None:
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import learning_curve

    data = sample("diabetes", points, np.random.default_rng(0))
    expected = learning_curve(
        LinearRegression(), data.X, data.y, cv=count, train_sizes=np.linspace(1 / sizes, 1, sizes)
    )
    training, held_out = folds(points, sizes, count)
    assert [len(rows) for rows in training[0]] == expected[0].tolist()
    guesses = [[LinearRegression().fit(data.X[r], data.y[r]).predict(data.X) for r in sets] for sets in training]
    np.testing.assert_allclose(mean_scores(data.y, guesses, training), expected[1].mean(axis=1), rtol=1e-9, atol=1e-12)
    found = mean_scores(data.y, guesses, [[rows] * sizes for rows in held_out])
    np.testing.assert_allclose(found, expected[2].mean(axis=1), rtol=1e-9)


def test_one_fold_alone_is_the_first_half_held_out_from_the_second() -> None:
    training, held_out = folds(9, 2, 1)
    assert [rows.tolist() for rows in held_out] == [[0, 1, 2, 3, 4]]
    assert [[rows.tolist() for rows in sets] for sets in training] == [[[5, 6], [5, 6, 7, 8]]]


@pytest.mark.parametrize(
    ("rows", "solver", "count"), [("sorted", "adam", 5), ("shuffled", "adam", 5), ("shuffled", "lbfgs", 1)]
)
def test_a_run_is_what_naive_code_makes_of_the_same_draws(rows: str, solver: str, count: int) -> None:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import KFold
    from sklearn.neural_network import MLPRegressor

    options: dict[str, Any] = (
        {"hidden_layer_sizes": (100, 100), "max_iter": 500}
        if solver == "adam"
        else {"hidden_layer_sizes": (40, 40, 40), "max_iter": 120, "alpha": 1e-3, "solver": "lbfgs"}
    )
    params = Params(points=50, curve_sizes=1, rows=rows, solver=solver, folds=count)
    outcome = run(params, np.random.default_rng(2))
    rng = np.random.default_rng(2)
    data = noisy_sine(50, rng)
    states = rng.integers(2**31, size=(count, 1))
    assert data.signal is not None
    X, y, signal = data.X, data.y, data.signal
    if rows == "shuffled":
        order = rng.permutation(50)
        X, y, signal = X[order], y[order], signal[order]
    grid = (np.arange(1000) + 0.5) / 200
    scores = []
    splits = list(KFold(max(count, 2)).split(X))[:count]
    for (training, held_out), state in zip(splits, states[:, 0], strict=True):
        network = MLPRegressor(random_state=int(state), **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(X[training], y[training])
        excess = np.mean((network.predict(grid[:, np.newaxis]) - np.sin(grid)) ** 2)
        residual, noise = network.predict(X[training]) - y[training], y[training] - signal[training]
        scores.append(
            (
                network.score(X[training], y[training]),
                network.score(X[held_out], y[held_out]),
                excess,
                (excess + NOISE - np.mean(residual**2)) + (np.mean(noise**2) - NOISE),
                network.n_iter_ == options["max_iter"],
            )
        )
    names = ("train_score", "test_score", "excess", "gap", "unconverged")
    np.testing.assert_allclose([outcome.metrics[name] for name in names], np.mean(scores, axis=0), rtol=1e-9)


def test_both_orders_of_the_rows_are_of_the_same_data() -> None:
    in_order, shuffled = (
        run(Params(points=25, curve_sizes=1, rows=rows), np.random.default_rng(0)).fields()["held_out"]["x"]
        for rows in ("sorted", "shuffled")
    )
    assert np.all(np.diff(in_order) > 0)
    assert not np.array_equal(in_order, shuffled)
    assert np.array_equal(in_order, np.sort(shuffled))


def test_unfinished_networks_are_counted_and_do_not_warn() -> None:
    outcome = run(Params(points=100, curve_sizes=1, solver="lbfgs"), np.random.default_rng(0))
    assert 0 < outcome.metrics["unconverged"] <= 1
    assert "loss" not in outcome.curves


def test_same_seed_gives_the_same_bits() -> None:
    first, second = (run(SMALL, np.random.default_rng(3)) for _ in range(2))
    assert first.metrics == second.metrics
    assert all(np.array_equal(first.curves[name].y, second.curves[name].y) for name in first.curves)
    assert first.metrics != run(SMALL, np.random.default_rng(4)).metrics


def test_wrong_parameters_get_one_sentence() -> None:
    with pytest.raises(ValueError, match="no data set called 'iris'"):
        run(Params(data="iris"), np.random.default_rng(0))
    with pytest.raises(ValueError, match="rows is one of sorted, shuffled"):
        run(Params(rows="reversed"), np.random.default_rng(0))


def test_the_snippets_folds_extrapolate_and_shuffled_rows_cure_them() -> None:
    """All ten training sizes; the networks are the ensemble's, whose bits are those of scikit-learn's MLPRegressor."""
    from sklearn.model_selection import KFold

    legacy = np.random.RandomState(0)
    X = np.sort(5 * legacy.rand(200, 1), axis=0)
    y = np.sin(X).ravel() + legacy.normal(0, 0.1, 200)

    def scores(X: Floats, y: Floats, folds: KFold, sizes: Sequence[int]) -> tuple[Floats, Floats]:
        """Mean R² of training and test at these sizes, each the first points of a fold's."""
        splits = list(folds.split(X))
        parts = [(training[:size], held_out) for training, held_out in splits for size in sizes]
        jobs = [FitJob(X=X[rows], y=y[rows], hidden=(100, 100), max_iter=500, seed=0) for rows, _ in parts]
        guesses = [predict([network], X)[0, :, 0] for network in fit_many(jobs, workers=1)]
        found = [[score(y[part], guess[part]) for part in pair] for guess, pair in zip(guesses, parts, strict=True)]
        training, test = np.reshape(found, (len(splits), len(sizes), 2)).mean(axis=0).T
        return training, test

    _, as_written = scores(X, y, KFold(5), range(16, 161, 16))
    np.testing.assert_allclose(as_written[:7], [-89, -98, -161, -153, -86, -44, -11], rtol=0, atol=0.51)
    np.testing.assert_allclose(as_written[7:], [-4.5, -1.1, -1.3], rtol=0, atol=0.051)
    _, folds_alone = scores(X, y, KFold(5, shuffle=True, random_state=0), [16, 160])
    assert folds_alone[0] == pytest.approx(-4.5, abs=0.051)
    assert folds_alone[-1] == pytest.approx(0.97, abs=0.0051)
    order = legacy.permutation(200)
    training, permuted = scores(X[order], y[order], KFold(5), [16, 160])
    assert [permuted[0], permuted[-1], training[-1]] == pytest.approx([0.93, 0.965, 0.97], abs=0.0051)
