"""Benign overfitting: the run's linear algebra against dense least squares, and a wrong slope that is refuted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import PowerLaw, Runs
from experiments.networks import least_norm_risk
from experiments.networks.least_norm_risk import isotropic_risk, spiked_risk, wishart_factor
from experiments.suite.benign_overfitting import EXPERIMENT, Params, run


def test_wishart_factors_have_the_moments_of_gram_matrices() -> None:
    rng = np.random.default_rng(0)
    draws = [wishart_factor(3, 7, rng) for _ in range(20_000)]
    grams = np.array([factor @ factor.T for factor in draws])
    errors = grams.std(axis=0) / np.sqrt(len(grams))
    # Nine entries at 5 standard errors, and 9 variances at 5: a false alarm once in 90,000.
    assert np.all(np.abs(grams.mean(axis=0) - 7 * np.eye(3)) < 5 * errors)
    expected = 7 * (np.ones((3, 3)) + np.eye(3))
    squares = (grams - 7 * np.eye(3)) ** 2
    assert np.all(np.abs(squares.mean(axis=0) - expected) < 5 * squares.std(axis=0) / np.sqrt(len(grams)))


def test_the_conditional_risk_is_that_of_dense_least_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weak features F, as wide as they are long, have the drawn Gram matrix: fit them by lstsq."""
    n, kept = 12, []

    def remember(n: int, p: int, rng: np.random.Generator) -> np.ndarray:
        kept.append(wishart_factor(n, p, rng))
        return kept[-1]

    monkeypatch.setattr(least_norm_risk, "wishart_factor", remember)
    found = spiked_risk(n, n**2, n**0.5, 3, 1.0, np.random.default_rng(3))
    strong = np.random.default_rng(3).standard_normal((n, 3))
    rate = np.sqrt(n) / n**2
    solve = np.linalg.pinv(np.hstack([strong, np.sqrt(rate) * kept[0]]))  # (3 + n, n)
    beta = np.full(3, 3**-0.5)
    noiseless = solve @ strong @ beta
    assert found.signal == pytest.approx(np.sum((noiseless[:3] - beta) ** 2) + rate * np.sum(noiseless[3:] ** 2))
    assert found.strong == pytest.approx(np.sum(solve[:3] ** 2))
    assert found.weak == pytest.approx(rate * np.sum(solve[3:] ** 2))
    assert found.residual < 1e-12


def test_the_isotropic_risk_is_that_of_the_pseudo_inverse() -> None:
    found = isotropic_risk(6, 9, 1.0, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    features, beta = rng.standard_normal((6, 9)), rng.standard_normal(9)
    beta /= np.linalg.norm(beta)
    solve = np.linalg.pinv(features)
    assert found.signal == pytest.approx(np.sum((solve @ features @ beta - beta) ** 2))
    assert found.strong == pytest.approx(np.sum(solve**2))
    assert found.residual < 1e-12


def test_a_wrong_slope_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["benign_slope"]
    assert isinstance(claim, PowerLaw)
    cells = tuple(Params(family="benign", n=n) for n in (16, 64, 256))
    table = [[run(cell, np.random.default_rng(seed)).metrics["excess_risk"] for seed in range(8)] for cell in cells]
    runs = Runs(cells, {"excess_risk": np.array(table)})
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, slope=-0.8).judge(runs).status == "refuted"


def test_same_seed_gives_the_same_bits() -> None:
    for params in (Params(family="few", n=20), Params(family="isotropic", n=50, p=100)):
        first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (3, 3, 4))
        assert first == again
        assert first != other


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(ValueError, match="no family called 'malign'"):
        run(Params(family="malign", n=20), np.random.default_rng(0))
