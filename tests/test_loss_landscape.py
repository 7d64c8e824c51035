"""The landscape experiment: derivatives by complex steps, counts that can fail, and the guide's picture."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.claims import Always, Runs
from experiments.suite.loss_landscape import EXPERIMENT, GUIDE, Params, run


def test_too_few_starts_are_found_out() -> None:
    """The counts can fail: a sparse search misses critical points, and the claim is refuted."""
    sparse = Params(amplitude=1.0, newton=5, descents=4, steps=4)
    metrics = run(sparse, np.random.default_rng(0)).metrics
    verdict = EXPERIMENT.claims["minima"].judge(Runs((sparse,), {"minima": np.array([[metrics["minima"]]])}))
    assert verdict.status == "refuted"


def test_a_count_off_by_one_is_refuted_on_the_same_runs() -> None:
    metrics = run(GUIDE, np.random.default_rng(0)).metrics
    runs = Runs((GUIDE,), {name: np.array([[number]]) for name, number in metrics.items()})
    for name in ("minima", "saddles", "maxima"):
        claim = EXPERIMENT.claims[name]
        assert isinstance(claim, Always)
        assert claim.judge(runs).status == "supported"
        assert dataclasses.replace(claim, low=metrics[name] + 1, high=metrics[name] + 1).judge(runs).status == "refuted"


def test_the_guides_surface_has_one_steep_minimum() -> None:
    metrics = run(GUIDE, np.random.default_rng(0)).metrics
    assert (metrics["minima"], metrics["saddles"], metrics["maxima"]) == (1, 0, 0)
    assert metrics["lowest_a"] == pytest.approx(-0.222102100717, abs=1e-7)
    assert metrics["lowest_b"] == pytest.approx(0, abs=1e-7)
    assert metrics["flattest"] == pytest.approx(6.47962785, abs=1e-6)
    assert "mean_saddles" not in metrics


def test_values_rise_with_the_index_at_amplitude_one() -> None:
    metrics = run(Params(amplitude=1.0, newton=81), np.random.default_rng(0)).metrics
    assert metrics["index_correlation"] == pytest.approx(0.419, abs=5e-4)


def test_the_snippet_as_written_out() -> None:
    """The guide's grid with its one missing import: no point of it is at the minimum."""
    w = np.linspace(-2, 2, 100)
    W1, W2 = np.meshgrid(w, w)
    Z = np.sin(5 * W1) * np.cos(5 * W2) / 5 + W1**2 + W2**2
    assert Z.min() == pytest.approx(-0.128534, abs=5e-7)
    spacing = w[1] - w[0]
    nearest = np.hypot(W1 + 0.22210210071622, W2).min()
    assert 0.4 * spacing < nearest < spacing
    # b = 0 is between two rows, which are equal: the lowest points of the grid are a pair, and no others are as low
    lowest = np.argwhere(np.isclose(Z, Z.min(), rtol=0, atol=1e-12))
    assert lowest.tolist() == [[49, 44], [50, 44]]
    around = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
    as_low = [Z[1:-1, 1:-1] <= Z[1 + i : 99 + i, 1 + j : 99 + j] + 1e-12 for i, j in around]
    assert (np.argwhere(np.all(as_low, axis=0)) + 1).tolist() == lowest.tolist()
    (snippet,) = EXPERIMENT.snippets
    assert f"{Z.min():.6f}".replace("-", "−") in snippet.measured


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(amplitude=0.5, newton=21, descents=10, steps=50)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
    assert np.array_equal(first.fields()["descents"]["x1"], again.fields()["descents"]["x1"])
