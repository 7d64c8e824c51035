"""Splines: runs against scipy and the guide's snippet with legacy seeds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from experiments.networks.spline_fits import interpolant
from experiments.spec import Outcome
from experiments.suite.splines import EXPERIMENT, GUIDE, Params, run

Floats = NDArray[np.float64]


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


def snippet(seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """The guide's 200 points, its spline, the broken line through its data, and its network, of a legacy seed."""
    legacy = np.random.RandomState(seed)
    x, xs = np.linspace(0, 10, 20), np.linspace(0, 10, 200)
    y = np.sin(x) + legacy.normal(0, 0.1, x.shape)
    w1, b1, w2, b2 = legacy.randn(1, 20), legacy.randn(20), legacy.randn(20, 1), legacy.randn(1)
    network = np.dot(np.maximum(0, np.dot(xs.reshape(-1, 1), w1) + b1), w2) + b2
    return xs, CubicSpline(x, y)(xs), np.interp(xs, x, y), network.ravel()


def test_the_snippets_network_is_worse_than_nothing_and_its_spline_worse_than_a_line() -> None:
    errors = []
    for seed in range(200):
        xs, *fits = snippet(seed)
        errors.append([np.mean((fit - np.sin(xs)) ** 2) for fit in (*fits, 0 * xs)])
    spline, line, network, zero = np.transpose(errors)
    assert spline.mean() == pytest.approx(0.00889, abs=5e-6)
    assert line.mean() == pytest.approx(0.00690, abs=5e-6)
    assert network.mean() == pytest.approx(344.5, abs=0.05)
    assert np.median(network) == pytest.approx(152, abs=0.5)
    assert network.min() == pytest.approx(0.85, abs=0.005)
    assert zero.max() == pytest.approx(0.476, abs=5e-4)
    assert np.all(network > zero)


def test_the_guides_spline_is_scipys_default() -> None:
    assert EXPERIMENT.guide == GUIDE
    x = np.linspace(0, 10, 20)
    fit = interpolant(GUIDE.method, x, np.sin(x))
    grid = np.linspace(0, 10, 77)
    assert np.array_equal(fit(grid), CubicSpline(x, np.sin(x))(grid))


def test_a_noisy_run_is_the_mean_of_single_interpolations() -> None:
    params = Params(points=20, method="line")
    found = outcome(params).metrics
    x = np.linspace(0, 10, 20)
    noise = 0.1 * np.random.default_rng(0).standard_normal((20, 400))
    grid = (np.arange(19_000) + 0.5) / 1900
    errors = [np.mean((np.interp(grid, x, np.sin(x) + e) - np.sin(grid)) ** 2) for e in noise.T]
    assert found["mse"] == pytest.approx(np.mean(errors), rel=1e-4)
    assert found["over_noise"] == pytest.approx(100 * found["mse"])


def test_the_trained_network_fits_and_the_untrained_does_not() -> None:
    """L-BFGS ends in a poor local minimum now and then, hence a median."""
    found = [outcome(Params(points=20, method="network"), seed).metrics for seed in range(5)]
    assert np.median([metrics["mse"] for metrics in found]) < 0.05
    assert min(metrics["untrained_mse"] for metrics in found) > 100
    assert min(metrics["untrained_worse"] for metrics in found) > 0.97


def test_fields_hold_the_data_and_curves_the_fit() -> None:
    found = outcome(Params(points=40, method="hinges", cells=8))
    data = found.fields()["data"]
    assert data["value"] == pytest.approx(data["y"] - np.sin(data["x"]))
    assert found.curves["error"].y == pytest.approx(found.curves["fit"].y - np.sin(found.curves["fit"].x))


def test_same_seed_gives_the_same_bits() -> None:
    for method in ("cubic", "smoothing", "network"):
        params = Params(points=20, method=method)
        assert outcome(params).metrics == outcome(params).metrics
        assert outcome(params).metrics != outcome(params, seed=1).metrics


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="no interpolation called 'quintic': line, clamped or cubic"):
        outcome(Params(points=20, method="quintic"))
