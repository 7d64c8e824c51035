"""Flat minima: counts at zeros of the loss, and a count off by one that is refuted."""

from __future__ import annotations

import dataclasses

import numpy as np

from experiments.claims import Always, Runs
from experiments.networks.tanh_network import fit, hessian, outputs_and_jacobian
from experiments.suite.flat_minima import EXPERIMENT, Params, run


def test_moving_along_a_flat_direction_keeps_the_loss_and_along_a_curved_one_does_not() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    theta, _ = fit(rng.standard_normal(24), X, y, 500, 1e-24)
    values, vectors = np.linalg.eigh(hessian(theta, X, y))
    assert np.sum(values < 1e-10 * values[-1]) == 12

    def loss(direction: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(np.sum((outputs_and_jacobian(theta + 1e-4 * direction, X)[0] - y) ** 2) / 2)

    # quadratic growth is 1e-8 λ/2 along a curved direction, none in second order along a flat one
    assert loss(vectors[:, 0]) < 1e-10 * loss(vectors[:, -1])


def test_a_count_off_by_one_is_refuted_on_the_same_runs() -> None:
    cell = Params(hidden=8, starts=2)
    metrics = run(cell, np.random.default_rng(0)).metrics
    runs = Runs((cell,), {name: np.array([[number]]) for name, number in metrics.items()})
    claim = EXPERIMENT.claims["full_rank"]
    assert isinstance(claim, Always)
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, low=13, high=13).judge(runs).status == "refuted"
    assert metrics["least_flat"] == metrics["flat_directions"] == 20


def test_two_neurons_do_not_interpolate_twelve_points() -> None:
    metrics = run(Params(hidden=2, starts=2), np.random.default_rng(0)).metrics
    assert metrics["interpolated"] == 0
    assert metrics["least_loss"] > 1e-3
    assert "least_rank" not in metrics


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(hidden=6, starts=2)
    first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (3, 3, 4))
    assert first == again
    assert first != other
