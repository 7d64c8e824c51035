"""Random neurons: sampled errors against closed forms, and the readout of least error."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.suite.barron_rate import Params, average_error, draw_weights, least_squares_error, run
from experiments.theory import barron as theory


def test_the_error_on_directions_is_the_population_error() -> None:
    """Networks of one seed have the same weights in both: the mean of their ratio is 1 within five standard errors."""
    params = Params(dimension=10, neurons=30, networks=1)
    ratios = []
    for seed in range(300):
        weights = draw_weights(params, np.random.default_rng(seed))
        exact = theory.population_error(weights, np.full(30, 1 / 30))
        ratios.append(average_error(params, np.random.default_rng(seed))[0] / exact)
    assert abs(np.mean(ratios) - 1) < 5 * np.std(ratios) / np.sqrt(300)
    assert np.std(ratios) < 0.4


def test_the_best_readout_beats_its_neighbours_and_the_average() -> None:
    params = Params(dimension=10, neurons=40, networks=1)
    best = least_squares_error(params, np.random.default_rng(0))
    weights = draw_weights(params, np.random.default_rng(0))
    solution = np.linalg.lstsq(theory.neuron_products(weights), theory.target_products(weights), rcond=None)
    readout = solution[0].astype(np.float64)
    assert theory.population_error(weights, readout) == pytest.approx(best, rel=1e-6)
    rng = np.random.default_rng(1)
    for _ in range(20):
        assert theory.population_error(weights, readout + 0.01 * rng.standard_normal(40)) > best
    assert best < theory.population_error(weights, np.full(40, 1 / 40))


def test_r2_is_negative_where_the_norm_concentrates() -> None:
    metrics = run(Params(dimension=100, neurons=50, networks=5), np.random.default_rng(0)).metrics
    assert metrics["scaled_error"] == pytest.approx(50 * metrics["squared_error"])
    assert metrics["r2"] < -3


def test_an_unknown_readout_is_refused() -> None:
    with pytest.raises(ValueError, match="average or least squares"):
        run(Params(dimension=2, neurons=3, readout="trained", networks=1), np.random.default_rng(0))
