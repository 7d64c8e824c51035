"""Stochastic gradient descent: runs against a plain loop, laws of the noise, and bad parameters."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.suite.stochastic_gradient import Params, constant, mean_square, run


@pytest.mark.parametrize(("schedule", "step"), [("constant", 0.3), ("falling", 0.7)])
def test_a_run_is_a_plain_loop_over_its_chains(schedule: str, step: float) -> None:
    params = Params(schedule=schedule, step=step, steps=20, curvature=1.5, noise=0.25, chains=5)
    noise = 0.5 * np.random.default_rng(4).standard_normal((20, 5))
    ends = []
    for chain in range(5):
        w = 1.0
        for k in range(20):
            h = step if schedule == "constant" else step / (1.5 * (k + 1))
            w -= h * (1.5 * w + noise[k, chain])
        ends.append(w)
    found = run(params, np.random.default_rng(4))
    assert found.metrics["mean_square"] == pytest.approx(np.mean(np.square(ends)), rel=1e-12)
    assert found.metrics["scaled"] == pytest.approx(20 * np.mean(np.square(ends)), rel=1e-12)
    density, edges = (found.fields()["iterates"][name] for name in ("density", "edges"))
    assert np.sum(density * np.diff(edges)) == pytest.approx(1)


@pytest.mark.parametrize("law", ["normal", "signs"])
def test_the_whole_curve_follows_its_expectation(law: str) -> None:
    params = Params(schedule="constant", step=0.2, steps=40, law=law, chains=200_000)
    curves = run(params, np.random.default_rng(1)).curves
    ratio = curves["mean_square"].y / curves["exact"].y
    # The relative error is at most sqrt(2/200,000) = .0032: 5 of them in at most 40 points, a false alarm in 40,000.
    assert np.abs(ratio - 1).max() < 5 * np.sqrt(2 / 200_000)


def test_constant_cells_have_come_to_rest() -> None:
    for cell in constant(0.0125, 0.4, 1.0, 1.6):
        rest = cell.step / (2 - cell.step)
        assert mean_square(cell, cell.steps) == pytest.approx(rest, rel=1e-5)


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(schedule="falling", step=1.0, steps=30, chains=50)
    first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="no noise called 'cauchy'"):
        run(Params(schedule="constant", step=0.1, steps=5, law="cauchy"), np.random.default_rng(0))
