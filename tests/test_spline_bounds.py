"""Orders of interpolation: values for the guide's function, and wrong orders that are refuted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import Always, PowerLaw, Runs
from experiments.suite.spline_bounds import EXPERIMENT, Params, run


def metrics(params: Params, seed: int = 0) -> dict[str, float]:
    return dict(run(params, np.random.default_rng(seed)).metrics)


def test_the_guides_function_breaks_the_bound_with_the_ends_of_scipy() -> None:
    """1.117e-3 against 9.99e-4 at 20 points; with clamped ends a fifth of the bound."""
    found = metrics(Params(points=20, method="cubic", phase="zero"))
    assert found["sup"] == pytest.approx(1.117e-3, abs=5e-7)
    assert found["sup"] / found["over_bound"] == pytest.approx(9.99e-4, abs=5e-7)
    assert metrics(Params(points=1280, method="cubic", phase="zero"))["over_leading"] == pytest.approx(5.9, rel=0.02)
    assert 0.19 < metrics(Params(points=1280, method="clamped"))["over_bound"] < 0.21


def test_errors_are_those_of_numpys_broken_line() -> None:
    phase = np.random.default_rng(3).uniform(0, 2 * np.pi)
    x, grid = np.linspace(0, 10, 40), np.linspace(0, 10, 40 * 39 + 1)
    expected = np.abs(np.interp(grid, x, np.sin(x + phase)) - np.sin(grid + phase)).max()
    assert metrics(Params(points=40, method="line"), 3)["sup"] == pytest.approx(expected, rel=1e-10)


def test_a_wrong_order_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["clamped_slope"]
    assert isinstance(claim, PowerLaw)
    cells = tuple(Params(points=points, method="clamped") for points in (20, 80, 320))
    runs = Runs(cells, {"sup": np.array([[metrics(cell, seed)["sup"] for seed in range(8)] for cell in cells])})
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, theory=None, slope=-3.0).judge(runs).status == "refuted"


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(points=20, method="cubic")
    assert metrics(params) == metrics(params)
    assert metrics(params) != metrics(params, 1)


def test_eulers_function_takes_all_of_the_bound_and_a_lower_bound_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["clamped_bound"]
    assert isinstance(claim, Always)
    cell = Params(points=40, method="clamped", phase="alternating")
    runs = Runs((cell,), {"over_bound": np.array([[metrics(cell)["over_bound"]]])})
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, high=0.999).judge(runs).status == "refuted"
