"""Random features of real data: a run against scikit-learn's least squares, and a peak elsewhere that is refuted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import PeakAt, Runs
from experiments.networks.datasets import load
from experiments.suite.features_on_data import DIVISIONS, EXPERIMENT, HELD_OUT, Params, run


def test_errors_are_those_of_plain_least_squares() -> None:
    from sklearn.linear_model import LinearRegression

    params = Params(data="wine", p=7, n=60)
    rng, whole, expected = np.random.default_rng(2), load("wine"), []
    for _ in range(DIVISIONS):
        rows = rng.permutation(178)
        directions = rng.standard_normal((7, 13))
        directions /= np.sqrt((directions**2).sum(axis=1))[:, np.newaxis]
        features = np.maximum(whole.X @ directions.T, 0)
        training, others = rows[:60], rows[60 : 60 + HELD_OUT]
        fit = LinearRegression(fit_intercept=False).fit(features[training], whole.y[training])
        expected.append(np.mean((fit.predict(features[others]) - whole.y[others]) ** 2))
    outcome = run(params, np.random.default_rng(2))
    np.testing.assert_allclose(outcome.curves["error_quantiles"].y, np.sort(expected), rtol=1e-8)
    assert outcome.metrics["median_error"] == pytest.approx(np.median(expected), rel=1e-8)


def test_a_peak_elsewhere_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["peak_on_real_data"]
    assert isinstance(claim, PeakAt)
    cells = tuple(Params(data="diabetes", p=p, n=40) for p in (10, 40, 400))
    table = [[run(cell, np.random.default_rng(s)).metrics["median_error"] for s in range(16)] for cell in cells]
    runs = Runs(cells, {"median_error": np.array(table)})
    assert dataclasses.replace(claim, at=40).judge(runs).status == "supported"
    assert dataclasses.replace(claim, at=400).judge(runs).status == "refuted"


def test_too_few_points_are_refused_and_same_seed_gives_the_same_bits() -> None:
    with pytest.raises(ValueError, match="wine has 178 points: 178 leave none"):
        run(Params(data="wine", p=5, n=178), np.random.default_rng(0))
    params = Params(data="breast cancer", p=20, n=30)
    first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (0, 0, 1))
    assert first == again
    assert first != other
