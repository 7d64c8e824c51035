"""Laws of the knots and slopes of random shallow nets against scipy, areas and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.networks.pieces import grid_kinks
from experiments.theory import pieces as theory


def test_knots_of_normal_nets_are_cauchy() -> None:
    t = np.array([-7.0, -1.0, 0.0, 0.3, 20.0])
    assert theory.knot_cdf("normal", t) == pytest.approx(stats.cauchy.cdf(t), rel=1e-12)
    assert theory.inside_share("normal", 5.0) == pytest.approx(0.8743340836, abs=1e-10)


def test_knots_of_uniform_nets_are_areas() -> None:
    """P(b/w <= t) by a midpoint sum over w of the length of {b: |b| <= 1, b <= t w}."""
    w = (np.arange(20_000) + 0.5) / 20_000
    for t in (-3.0, -0.5, 0.0, 0.7, 1.0, 5.0):
        area = np.mean(np.clip(t * w + 1, 0, 2) / 2)
        assert theory.knot_cdf("uniform", np.array([t]))[0] == pytest.approx(area, abs=1e-8)
    assert theory.inside_share("uniform", 5.0) == pytest.approx(0.9, rel=1e-14)


def test_an_unknown_initialisation_is_refused() -> None:
    with pytest.raises(ValueError, match="no law of knots"):
        theory.knot_cdf("zero bias", np.zeros(1))


@pytest.mark.parametrize(("init", "neurons"), [("normal", 3), ("normal", 60), ("uniform", 150)])
def test_kinks_seen_on_a_grid(init: str, neurons: int) -> None:
    """The formula against functions with kinks at simulated knots; five standard errors of 400 functions."""
    rng, grid = np.random.default_rng(0), np.linspace(-5, 5, 301)
    draw = rng.standard_normal if init == "normal" else lambda shape: rng.uniform(-1, 1, shape)
    knots = draw((400, neurons)) / draw((400, neurons))
    seen = np.array([grid_kinks(np.maximum(grid[:, None] - t, 0).sum(axis=1)) for t in knots])
    assert abs(seen.mean() - theory.grid_kinks(init, neurons, grid)) < 5 * seen.std() / 20
    assert seen.mean() < 0.99 * neurons


@pytest.mark.parametrize("neurons", [1, 2, 7, 40])
def test_variation_and_path_norm_without_biases(neurons: int) -> None:
    """Five standard errors of 200,000 networks."""
    rng = np.random.default_rng(0)
    w, v = rng.standard_normal((2, 200_000, neurons))
    for values, predicted in [
        (np.abs(np.sum(v * np.abs(w), axis=1)), theory.zero_bias_variation(neurons)),
        (np.sum(np.abs(v * w), axis=1), theory.path_norm("normal", neurons)),
    ]:
        assert abs(values.mean() - predicted) < 5 * values.std() / math.sqrt(200_000)


def test_one_neuron_has_nothing_to_cancel() -> None:
    assert theory.zero_bias_variation(1) == pytest.approx(theory.path_norm("normal", 1), rel=1e-14)
    assert theory.path_norm("uniform", 8) == 2
