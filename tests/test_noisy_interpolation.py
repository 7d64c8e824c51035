"""Noise on the line: a run against a fine grid, and a wrong floor that is refuted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import Equals, Runs
from experiments.suite.noisy_interpolation import EXPERIMENT, GUIDE, Params, replicates, run


def test_a_run_is_the_mean_squared_error_on_a_fine_grid() -> None:
    t, x = np.linspace(0, 10, 20), np.linspace(0, 10, 200_001)
    noise = 0.1 * np.random.default_rng(3).standard_normal((20, replicates(GUIDE)))
    errors = [np.mean((np.interp(x, t, np.sin(t) + noise[:, i]) - np.sin(x)) ** 2) for i in range(replicates(GUIDE))]
    assert run(GUIDE, np.random.default_rng(3)).metrics["excess"] == pytest.approx(np.mean(errors), rel=1e-4)


def test_a_floor_of_one_half_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["noise_floor"]
    assert isinstance(claim, Equals)
    cells = (Params(interpolant="line", n=160), Params(interpolant="cubic", n=160))
    table = [[run(cell, np.random.default_rng(s)).metrics["excess_share"] for s in range(8)] for cell in cells]
    runs = Runs(cells, {"excess_share": np.array(table)})
    assert claim.judge(runs).status != "refuted"
    assert dataclasses.replace(claim, theory=lambda p: 0.5).judge(runs).status == "refuted"


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(interpolant="cubic", n=30)
    first, again, other = (run(params, np.random.default_rng(seed)).metrics for seed in (3, 3, 4))
    assert first == again
    assert first != other
