"""Readout paths: where they end, checked by rank in rational arithmetic, and what cannot be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from experiments.claims import Runs
from experiments.suite.readout_paths import EXPERIMENT, Params, features, run


def exact_rank(rows: list[list[Fraction]]) -> int:
    """By elimination, without rounding."""
    rank = 0
    for column in range(len(rows[0])):
        pivot = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][column] / rows[rank][column]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rank


def test_the_rank_of_relu_features_is_that_of_exact_arithmetic() -> None:
    """Points and weights rounded to 1/64, so that activations are exact: the singular values see the same rank."""
    rng, agreements, full = np.random.default_rng(0), 0, 0
    for _ in range(40):
        X, W = (np.round(64 * rng.standard_normal(shape)) / 64 for shape in ((6, 2), (2, 6)))
        b = np.round(64 * rng.standard_normal(6)) / 64
        phi = np.maximum(X @ W + b, 0)
        singular = np.linalg.svd(phi, compute_uv=False)
        rank = exact_rank([[Fraction(float(x)) for x in row] for row in phi])
        agreements += int(np.sum(singular > 1e-9 * singular[0])) == rank
        full += rank == 6
    assert agreements == 40
    assert 0 < full < 40


def test_the_path_ends_at_least_squares() -> None:
    outcome = run(Params(hidden=5, activation="tanh", layers=1), np.random.default_rng(1))
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((10, 2)), rng.standard_normal(10)
    phi = features(Params(hidden=5, activation="tanh"), X, rng)
    residual = y - phi @ np.linalg.pinv(phi) @ y
    path = outcome.curves["path"].y
    assert path[-1] == pytest.approx(residual @ residual / 2, rel=1e-9)
    assert np.all(np.diff(path) < 0)


def test_relu_as_wide_as_points_breaks_a_claim_made_for_tanh() -> None:
    relu, tanh = (Params(hidden=10, activation=name, layers=50) for name in ("relu", "tanh"))
    found = {cell: run(cell, np.random.default_rng(0)).metrics["reached"] for cell in (relu, tanh)}
    assert found[tanh] == 1
    assert 0.05 < found[relu] < 0.6
    claim = EXPERIMENT.claims["tanh_width"]
    assert claim.judge(Runs((tanh,), {"reached": np.array([[found[tanh]]])})).status == "supported"
    # the same claim on the runs of ReLU, put in the place of tanh's, is refuted
    assert claim.judge(Runs((tanh,), {"reached": np.array([[found[relu]]])})).status == "refuted"


def test_biases_are_drawn_to_scale() -> None:
    near, wide = (Params(hidden=200, activation="relu", bias=bias) for bias in (0.5, 1.0))
    X = np.zeros((1, 2))  # at the origin the activations are the biases
    one, two = (features(params, X, np.random.default_rng(0)) for params in (near, wide))
    assert two == pytest.approx(2 * one)
    assert one.max() > 0


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(hidden=12, activation="relu", layers=10)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.metrics == again.metrics
    assert not np.array_equal(first.curves["path"].y, other.curves["path"].y)


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(ValueError, match="no activation called 'sine'"):
        run(Params(hidden=3, activation="sine", layers=1), np.random.default_rng(0))
