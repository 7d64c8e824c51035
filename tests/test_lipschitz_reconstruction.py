"""Optimal reconstruction: known radii, what a worse constant would do, and reproducibility."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import Always, Runs
from experiments.suite.lipschitz_reconstruction import EXPERIMENT, Params, run
from experiments.theory import lipschitz as theory


def test_equispaced_zeros_have_the_known_radius_and_no_error() -> None:
    for n, radius in ((5, 0.375), (11, 0.15), (21, 0.075)):
        metrics = run(Params(data="zero", n=n), np.random.default_rng(0)).metrics
        assert metrics["radius"] == pytest.approx(radius, abs=1e-12)
        assert metrics["worst_error"] == pytest.approx(radius, abs=1e-12)
        assert metrics["error"] == 0


def test_the_peaks_between_the_points_are_on_the_grid() -> None:
    metrics = run(Params(data="zero", n=501), np.random.default_rng(0)).metrics
    assert abs(metrics["radius_error"]) < 1e-12
    assert abs(run(Params(data="random", n=30), np.random.default_rng(0)).metrics["radius_error"]) < 1e-12


@pytest.mark.parametrize("dimension", [1, 3])
def test_a_smaller_constant_has_ends_that_are_no_functions_through_the_data(dimension: int) -> None:
    """With half the true constant the two cross: f_up runs below the data, and the claim would be refuted."""
    rng = np.random.default_rng(0)
    points = rng.random((12, dimension))
    values = 3 * np.linalg.norm(points - 0.5, axis=1)
    good, bad = (theory.envelope(points, values, constant, points) for constant in (3.0, 0.5))
    claim = EXPERIMENT.claims["ends_interpolate"]
    verdicts = [
        claim.judge(
            Runs((Params(data="random", n=12),), {"ends_residual": np.array([[np.abs(e.high - values).max()]])})
        )
        for e in (good, bad)
    ]
    assert [verdict.status for verdict in verdicts] == ["supported", "refuted"]


def test_other_interpolants_are_worse_on_some_data_and_the_middle_on_none() -> None:
    found = [run(Params(data="random", n=20), np.random.default_rng(seed)).metrics for seed in range(8)]
    assert max(metrics["nearest_excess"] for metrics in found) > 0.01
    assert max(metrics["broken_line_excess"] for metrics in found) > 0.01
    for metrics in found:
        assert metrics["worst_error"] == pytest.approx(metrics["radius"], abs=1e-12)


def test_a_radius_of_m_over_2n_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["equispaced_radius"]
    assert isinstance(claim, Always)
    cell = Params(data="zero", n=11)
    runs = Runs((cell,), {"radius": np.array([[run(cell, np.random.default_rng(0)).metrics["radius"]]])})
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, low=3 / 22 - 1e-12, high=3 / 22 + 1e-12).judge(runs).status == "refuted"


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(data="random", n=12, dimension=2)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
    assert np.array_equal(first.fields()["uncertainty"]["z"], again.fields()["uncertainty"]["z"])


def test_unknown_data_is_refused() -> None:
    with pytest.raises(ValueError, match="no data called 'sine'"):
        run(Params(data="sine", n=5), np.random.default_rng(0))
