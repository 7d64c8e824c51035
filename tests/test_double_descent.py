"""Double descent: the run against single fits, the features' moments against samples, and the guide's snippet."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.ensemble import FitJob, fit_many, predict
from experiments.networks.random_features import (
    gaussian_features,
    minimum_norm_map,
    relu_features,
    sine_relu_features,
)
from experiments.suite.double_descent import NOISE_DRAWS, Params, replicates, run

Floats = NDArray[np.float64]


@pytest.mark.parametrize("shape", [(30, 10), (30, 30), (10, 30), (1, 1)])
def test_the_least_norm_map_is_the_pseudo_inverse(shape: tuple[int, int]) -> None:
    features = np.random.default_rng(0).standard_normal(shape)
    np.testing.assert_allclose(minimum_norm_map(features), np.linalg.pinv(features), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("p", [5, 20, 40])
def test_collinear_and_dead_features_have_a_least_norm_map_too(p: int) -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((20, 3)) @ rng.standard_normal((3, p))
    features[:, 0] = 0
    A = minimum_norm_map(features)
    # The four equations that define the pseudo-inverse (Penrose, 1955).
    np.testing.assert_allclose(features @ A @ features, features, atol=1e-10)
    np.testing.assert_allclose(A @ features @ A, A, atol=1e-10)
    np.testing.assert_allclose(features @ A, (features @ A).T, atol=1e-10)
    np.testing.assert_allclose(A @ features, (A @ features).T, atol=1e-10)


def test_moments_of_relu_features_are_those_of_a_large_sample() -> None:
    problem = relu_features(400_000, 5, 3, 2.0, np.random.default_rng(0))
    assert problem.second_moment is not None
    products = problem.features[:, :, np.newaxis] * problem.features[:, np.newaxis, :]
    crossed = problem.features * problem.target[:, np.newaxis]
    # Twenty different numbers at 5 standard errors: a false alarm once in 80,000.
    for sample, exact in ((products, problem.second_moment), (crossed, problem.cross_moment)):
        assert np.all(np.abs(sample.mean(axis=0) - exact) < 5 * sample.std(axis=0) / np.sqrt(400_000))


def test_the_excess_risk_is_the_error_on_fresh_points() -> None:
    problem = relu_features(400_000, 8, 4, 1.0, np.random.default_rng(1))
    weights = np.random.default_rng(2).standard_normal((8, 3))
    errors = np.square(problem.features @ weights - problem.target[:, np.newaxis])
    # Three numbers at 5 standard errors: a false alarm once in 500,000.
    assert np.all(
        np.abs(errors.mean(axis=0) - problem.excess_risk(weights)) < 5 * errors.std(axis=0) / np.sqrt(400_000)
    )


def test_the_grid_integrates_the_features_of_the_sine() -> None:
    coarse, fine = (sine_relu_features(20, 6, np.random.default_rng(0), quadrature) for quadrature in (400, 40_000))
    weights = np.random.default_rng(1).standard_normal((6, 4))
    np.testing.assert_allclose(coarse.excess_risk(weights), fine.excess_risk(weights), rtol=1e-4)
    np.testing.assert_allclose(fine.excess_risk(np.zeros((6, 1))), 0.5, rtol=1e-9)


@pytest.mark.parametrize("p", [60, 104])
def test_a_run_is_the_average_of_fits_by_lstsq(p: int) -> None:
    params = Params(features="gaussian", p=p)
    outcome, rng = run(params, np.random.default_rng(5)), np.random.default_rng(5)
    risks, sizes, expected, norms = [], [], [], []
    for _ in range(replicates(params)):
        problem = gaussian_features(100, p, 1.0, rng)
        X, beta = problem.features, problem.cross_moment
        noisy = (X @ beta)[:, np.newaxis] + 0.5 * rng.standard_normal((100, NOISE_DRAWS))
        estimates = np.linalg.lstsq(X, noisy)[0]
        risks.extend(np.square(estimates - beta[:, np.newaxis]).sum(axis=0))
        sizes.extend(np.square(estimates).sum(axis=0))
        noiseless = np.linalg.lstsq(X, X @ beta)[0]
        singular = np.linalg.svd(X, compute_uv=False)
        variance = 0.25 * np.sum(singular**-2)
        expected.append(np.sum((noiseless - beta) ** 2) + variance)
        norms.append(np.sum(noiseless**2) + variance)
    assert outcome.metrics["median_excess_risk"] == pytest.approx(np.median(risks), rel=1e-8)
    assert outcome.metrics["log10_norm"] == pytest.approx(np.log10(np.median(sizes)), rel=1e-8)
    assert outcome.metrics["excess_risk"] == pytest.approx(np.mean(expected), rel=1e-8)
    assert outcome.metrics["squared_norm"] == pytest.approx(np.mean(norms), rel=1e-8)


def test_means_that_do_not_exist_are_left_out() -> None:
    for features, p in (("gaussian", 100), ("relu", 98)):
        assert run(Params(features=features, p=p), np.random.default_rng(0)).metrics.keys() == {
            "median_excess_risk",
            "log10_norm",
            "max_residual",
        }


def test_twenty_features_of_the_line_do_not_span_twenty_dimensions() -> None:
    ranks = [
        np.linalg.matrix_rank(sine_relu_features(20, 20, np.random.default_rng(seed)).features) for seed in range(50)
    ]
    assert max(ranks) < 20
    full = sine_relu_features(20, 1000, np.random.default_rng(0)).features
    assert np.linalg.matrix_rank(full) == 20


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(features="relu", p=50)
    first, second = (run(params, np.random.default_rng(3)) for _ in range(2))
    assert first.metrics == second.metrics
    assert np.array_equal(first.curves["risk_quantiles"].y, second.curves["risk_quantiles"].y)


def test_unknown_features_are_refused() -> None:
    with pytest.raises(ValueError, match="gaussian, relu or sine, not 'cubic'"):
        run(Params(features="cubic", p=5), np.random.default_rng(0))


def guide_data() -> tuple[Floats, Floats, np.random.RandomState]:
    """The guide's 20 points of legacy seed 0, and the generator as it is after drawing them."""
    legacy = np.random.RandomState(0)
    x = np.linspace(0, 1, 20)
    return x[:, np.newaxis], np.sin(2 * np.pi * x) + legacy.normal(0, 0.1, 20), legacy


def test_the_snippet_with_the_import_does_not_interpolate() -> None:
    from sklearn.neural_network import MLPRegressor

    X, y, legacy = guide_data()
    noise = np.mean((y - np.sin(2 * np.pi * X[:, 0])) ** 2)
    assert noise == pytest.approx(0.0105, abs=5e-5)

    def fit(random_state: int | np.random.RandomState, solver: str = "adam") -> tuple[int, float]:
        network = MLPRegressor(
            hidden_layer_sizes=(1000,), solver=solver, max_iter=2000, alpha=0, random_state=random_state
        ).fit(X, y)
        assert sum(part.size for part in network.coefs_ + network.intercepts_) == 3001
        return network.n_iter_, float(np.mean((network.predict(X) - y) ** 2))

    # Without random_state scikit-learn draws from NumPy's global generator, which is here `legacy`.
    iterations, error = fit(legacy)
    assert iterations == 83
    assert error == pytest.approx(0.180, abs=5e-4)
    # of random_state 0 to 19 by the ensemble, whose bits are scikit-learn's
    jobs = [FitJob(X=X, y=y, hidden=(1000,), max_iter=2000, alpha=0.0, seed=seed) for seed in range(20)]
    networks = list(fit_many(jobs, workers=1))
    errors = np.mean((predict(networks, X)[..., 0] - y) ** 2, axis=1)
    others = sorted(zip([network.n_iter_ for network in networks], errors.tolist(), strict=True))
    early, late = others[:9], others[9:]
    assert ((early[0][0], early[-1][0]), (late[0][0], late[-1][0])) == ((76, 89), (471, 522))
    assert all(0.1725 < error < 0.1785 for _, error in early)
    assert all(0.01395 < error < 0.01755 for _, error in late)
    assert fit(0, "lbfgs")[1] == pytest.approx(0.0016, abs=5e-5)


def test_least_squares_on_the_hidden_layer_as_drawn_interpolates_the_guides_data() -> None:
    _, y, _ = guide_data()
    problem = sine_relu_features(20, 1000, np.random.default_rng(0))
    weights = minimum_norm_map(problem.features) @ y
    assert np.abs(problem.features @ weights - y).max() < 1e-10
    assert problem.excess_risk(weights[:, np.newaxis])[0] == pytest.approx(0.009, abs=0.001)


@pytest.mark.parametrize("features", ["gaussian", "relu"])
def test_the_descent_is_of_one_data_set_and_peaks_where_features_are_as_many_as_points(features: str) -> None:
    descent = run(Params(features=features, n=30, p=90), np.random.default_rng(0)).curves["descent"]
    assert descent.x[descent.y.argmax()] == pytest.approx(30, abs=1)
    assert "descent" not in run(Params(features=features, n=30, p=20), np.random.default_rng(0)).curves
    rng = np.random.default_rng(0)
    problem = gaussian_features(30, 90, 1.0, rng) if features == "gaussian" else relu_features(30, 90, 20, 1.0, rng)
    y = problem.target + 0.5 * rng.standard_normal((30, NOISE_DRAWS))[:, 0]
    whole = np.linalg.pinv(problem.features) @ y
    assert descent.y[-1] == pytest.approx(problem.excess_risk(whole[:, np.newaxis])[0], rel=1e-8)
