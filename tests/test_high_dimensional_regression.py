"""The guide's regression: runs against scikit-learn's own network, and both snippets as they stand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor

from experiments.networks.ensemble import FitJob, fit_many, predict, to_sklearn
from experiments.suite.high_dimensional_regression import EXPERIMENT, GUIDE, Params, draw, run, target
from experiments.theory import additive_target as theory


def test_a_run_scores_what_scikit_learn_scores() -> None:
    params = Params(points=150, dimension=6)
    found = run(params, np.random.default_rng(0)).metrics
    rng = np.random.default_rng(0)
    split = draw(params, rng)
    network = MLPRegressor(hidden_layer_sizes=(100, 50), max_iter=1000, random_state=int(rng.integers(2**31)))
    network.fit(split.X, split.y)
    assert found["r2_network"] == pytest.approx(network.score(split.fresh, split.truth), rel=1e-6)
    assert found["r2_network_train"] == pytest.approx(network.score(split.X, split.y), rel=1e-6)
    linear = LinearRegression().fit(split.X, split.y)
    assert found["r2_linear"] == pytest.approx(linear.score(split.fresh, split.truth))
    many = np.random.default_rng(1).standard_normal((1_000_000, 6))
    squared = np.square(target(many) - linear.predict(many))
    risk = (1 - found["r2_linear_population"]) * theory.variance(6)
    assert abs(risk - squared.mean()) < 5 * squared.std() / 1000


def test_patients_are_held_out_and_have_no_population_score() -> None:
    found = run(Params(points=442, dimension=10, data="diabetes"), np.random.default_rng(0))
    assert "r2_linear_population" not in found.metrics
    assert found.fields()["predictions"]["x"].shape == (89,)
    assert 0.2 < found.metrics["r2_linear"] < 0.8


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="no data set called"):
        run(Params(data="iris"), np.random.default_rng(0))
    with pytest.raises(ValueError, match="10 inputs"):
        run(Params(points=100, data="diabetes"), np.random.default_rng(0))


def test_the_snippets_as_written_out() -> None:
    """Both of them, by legacy seeds 0 to 7, with the import: networks that are scikit-learn's own to the last bit."""
    jobs, splits = [], []
    for seed in range(8):
        random = np.random.RandomState(seed)
        X = random.randn(1000, 50)
        y = np.sin(X[:, 0]) + 0.5 * np.cos(X[:, 1]) + 0.1 * np.sum(X[:, 2:], axis=1)
        X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
        splits.append((X_train, X_test, y_train, y_test))
        jobs.append(FitJob(X=X_train, y=y_train, hidden=(100, 50), max_iter=1000, seed=42))
    results = list(fit_many(jobs, workers=1))
    tests = []
    for result, (_, X_test, _, y_test) in zip(results, splits, strict=True):
        tests.append(r2_score(y_test, predict([result], X_test)[0, :, 0]))
    trains = [r2_score(s[2], predict([result], s[0])[0, :, 0]) for result, s in zip(results, splits, strict=True)]
    assert np.round(tests, 4).tolist() == [0.8215, 0.7795, 0.7568, 0.7885, 0.8061, 0.7782, 0.7518, 0.7485]
    assert (round(float(np.mean(trains)), 4), round(trains[0], 4)) == (0.9991, 0.9988)
    linear = [LinearRegression().fit(a, c).score(b, d) for a, b, c, d in splits]
    better = np.array(linear) - tests
    assert better.min() > 0
    assert (round(float(np.mean(linear)), 3), round(float(better.mean()), 3)) == (0.885, 0.106)
    assert round(float(np.std(tests, ddof=1)), 3) == 0.026
    # the first snippet asks the estimator for its score, the second calls r2_score: the same number
    model = to_sklearn(results[0], jobs[0])
    assert model.score(splits[0][1], splits[0][3]) == pytest.approx(tests[0], rel=1e-12)


def test_the_guides_sizes_are_a_cell_of_every_profile() -> None:
    assert (GUIDE.points, GUIDE.dimension, EXPERIMENT.guide) == (1000, 50, GUIDE)
    assert all(GUIDE in grid.cells for grid in EXPERIMENT.profiles.values())
