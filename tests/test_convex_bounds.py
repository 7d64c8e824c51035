"""Worst cases: the known gaps, a sandwich that breaks when its constant is wrong, and the trap of the dimension."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import Always, Runs
from experiments.suite.convex_bounds import EXPERIMENT, TRAP, Params, run


def metrics(params: Params, seed: int = 0) -> dict[str, float]:
    return dict(run(params, np.random.default_rng(seed)).metrics)


def test_the_sandwich_at_one_hundred_steps() -> None:
    found = metrics(Params(function="tridiagonal", steps=100))
    low, middle, high = found["lower_bound"], found["accelerated_gap"], found["accelerated_bound"]
    assert (low, middle, high) == pytest.approx((0.0024569, 0.0079095, 0.0524138), abs=5e-8)
    assert found["gradient_gap"] == pytest.approx(0.0372949, abs=5e-8)
    assert found["gradient_bound"] == pytest.approx(0.6650, abs=5e-5)


@pytest.mark.parametrize("steps", [1, 7, 50])
def test_the_huber_function_attains_the_bound_after_its_own_number_of_steps(steps: int) -> None:
    found = metrics(Params(function="huber worst case", steps=steps, dimension=3))
    assert found["gradient_gap"] == pytest.approx(4 / (4 * steps + 2), rel=1e-12)
    # each step is of length R/(2N + 1): from 1 to 1 − N/(2N + 1), still beyond the kink
    kink = 1 / (2 * steps + 1)
    assert 4 * kink * (1 - steps * kink - kink / 2) == pytest.approx(4 / (4 * steps + 2), rel=1e-12)


def test_a_constant_one_percent_too_small_is_refuted_on_the_same_runs() -> None:
    cell = Params(function="huber worst case", steps=10, dimension=4)
    runs = Runs((cell,), {"gradient_share": np.array([[metrics(cell, seed)["gradient_share"] for seed in range(3)]])})
    for name in ("gradient_bound", "gradient_bound_is_attained"):
        claim = EXPERIMENT.claims[name]
        assert isinstance(claim, Always)
        assert claim.judge(runs).status == "supported"
        assert dataclasses.replace(claim, high=0.99).judge(runs).status == "refuted"


def test_the_lower_bound_needs_its_dimension() -> None:
    found = metrics(TRAP)
    assert (found["accelerated_gap"], found["lower_bound"]) == pytest.approx((0.085, 2.07), abs=5e-3)
    assert metrics(Params(function="tridiagonal", steps=10))["accelerated_over_lower"] > 1


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(function="ln cosh", steps=20, dimension=8)
    assert metrics(params, 3) == metrics(params, 3) != metrics(params, 4)
