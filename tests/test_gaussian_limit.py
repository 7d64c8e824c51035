"""The Gaussian limit: runs against whole networks and naive statistics, and the guide's snippet as it stands."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.networks.random_outputs import draw_scales
from experiments.spec import Outcome
from experiments.suite.gaussian_limit import EXPERIMENT, GUIDE, Params, run
from experiments.theory.gaussian_limit import mixture_density, mixture_gap, moments


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_scales_have_the_law_of_whole_networks(activation: str) -> None:
    """20,000 networks with every weight drawn, against as many drawn layer by layer: two-sample Kolmogorov-Smirnov at
    level 1e-4, on a fixed seed."""
    rng = np.random.default_rng(1)
    networks, width = 20_000, 8
    gain = 2.0 if activation == "relu" else 1.0

    def act(z: np.ndarray) -> np.ndarray:
        return np.maximum(z, 0) if activation == "relu" else z

    hidden = np.tile(np.ones(3) / math.sqrt(3), (networks, 1))
    fan_in, variance = 3, 3.0  # an input of length 1: first preactivations are N(0, 1)
    for _ in range(3):
        weights = rng.standard_normal((networks, width, fan_in)) * math.sqrt(variance / fan_in)
        hidden = act(np.einsum("kij,kj->ki", weights, hidden))
        fan_in, variance = width, gain
    whole = gain * np.mean(hidden**2, axis=1)
    drawn = draw_scales(networks, width, 3, activation, 1 / gain, np.random.default_rng(2))
    assert stats.ks_2samp(whole, drawn.q).pvalue > 1e-4
    fourth = np.sum((hidden * math.sqrt(gain / width)) ** 4, axis=1)
    assert stats.ks_2samp(fourth, drawn.fourth).pvalue > 1e-4


def test_one_layer_of_any_activation_is_what_the_formula_says() -> None:
    """The same normal numbers, network by network, in plain Python."""
    for activation, function in [("tanh", math.tanh), ("sigmoid", lambda z: 1 / (1 + math.exp(-z)))]:
        second, _ = moments(activation)
        found = draw_scales(7, 5, 1, activation, second, np.random.default_rng(0)).q
        z = np.random.default_rng(0).standard_normal((7, 5))
        squares = np.array([[function(value) ** 2 for value in row] for row in z]).mean(axis=1)
        assert found / found[0] == pytest.approx(squares / squares[0], rel=1e-12)
        many = draw_scales(4000, 64, 1, activation, second, np.random.default_rng(0)).q
        assert abs(many.mean() - 1) < 5 * many.std() / math.sqrt(4000)  # five standard errors


def test_kurtosis_agrees_with_sampled_outputs() -> None:
    """The estimate from the scales against the fourth moment of outputs drawn from them, one readout at a time; within
    five standard errors, where that of the estimate is at most that of the sampled moment (Rao-Blackwell)."""
    for readout in ("gaussian", "rademacher"):
        params = Params(width=4, readout=readout, networks=200_000)
        estimate = outcome(params).metrics["excess_kurtosis"]
        rng = np.random.default_rng(3)
        hidden = np.maximum(rng.standard_normal((200_000, 4)), 0) * math.sqrt(2 / 4)
        signs = rng.integers(0, 2, hidden.shape) * 2.0 - 1
        y = np.sum(hidden * (rng.standard_normal(hidden.shape) if readout == "gaussian" else signs), axis=1)
        fourth = y**4
        assert abs(3 + estimate - fourth.mean()) < 5 * math.sqrt(2) * fourth.std() / math.sqrt(200_000)


def test_mixture_gap_and_density_are_averages_of_normal_laws() -> None:
    q = np.array([0.5, 1.0, 0.0, 2.5])
    x = np.array([0.0, 0.3, 4.0])
    expected = np.mean([np.ones(3) if scale == 0 else stats.norm.cdf(x, scale=math.sqrt(scale)) for scale in q], axis=0)
    assert mixture_gap(q, x) == pytest.approx(expected - stats.norm.cdf(x), abs=1e-15)
    grid = np.linspace(-2, 2, 5)
    density = sum((stats.norm.pdf(grid, scale=math.sqrt(scale)) for scale in q if scale), np.zeros(5)) / 4
    assert mixture_density(q, grid) == pytest.approx(density, rel=1e-14)


def test_distances_see_what_an_empirical_distribution_function_cannot() -> None:
    """At width 1024 the distance from the scales is within 20 % of 0.344117/n (about six times the spread of a run),
    where that of as many sampled outputs is more than twenty times too large."""
    params = Params(width=1024, networks=2048)
    law = 0.344117 / 1024
    assert outcome(params).metrics["ks"] == pytest.approx(law, rel=0.2)
    rng = np.random.default_rng(0)
    sampled = np.sqrt(draw_scales(2048, 1024, 1, "relu", 0.5, rng).q) * rng.standard_normal(2048)
    assert stats.kstest(sampled, "norm").statistic > 20 * law


def test_the_guides_statistic_is_that_of_scipy() -> None:
    """The normal numbers of the outputs are those that follow the preactivations."""
    params = Params(width=3, activation="linear", networks=6, outputs=20)
    found = outcome(params, seed=5).metrics
    rng = np.random.default_rng(5)
    q = np.mean(rng.standard_normal((6, 3)) ** 2, axis=1)
    outputs = np.sqrt(q)[:, None] * rng.standard_normal((6, 20))
    assert found["variance_rmse"] == pytest.approx(math.sqrt(np.mean((np.var(outputs, axis=1, ddof=1) - 1) ** 2)))
    assert found["shared_kurtosis"] == pytest.approx(np.mean(stats.kurtosis(outputs, axis=1)))
    assert found["scale_rmse"] == pytest.approx(math.sqrt(np.mean((q - 1) ** 2)))


def test_dead_networks_leave_every_number_finite() -> None:
    """A quarter of the networks of two neurons are dead."""
    found = outcome(Params(width=2, networks=400))
    assert found.metrics["dead_share"] == pytest.approx(0.25, abs=0.11)  # five standard errors
    assert all(np.isfinite(value) for value in found.metrics.values())
    assert all(np.isfinite(curve.y).all() for curve in found.curves.values())


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=16, layers=2, networks=300)
    first, again, other = outcome(params), outcome(params), outcome(params, seed=1)
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
    assert all(np.array_equal(first.curves[name].y, again.curves[name].y) for name in first.curves)
    fields = first.fields()
    assert fields["outputs"]["density"].tolist() == again.fields()["outputs"]["density"].tolist()
    assert first.fields()["scales"]["edges"].tolist() == fields["scales"]["edges"].tolist()  # drawing changes nothing


def test_the_guides_widths_are_cells_of_every_profile() -> None:
    assert EXPERIMENT.guide == GUIDE
    for grid in EXPERIMENT.profiles.values():
        widths = {cell.width for cell in grid.cells if cell.activation == "linear"}
        assert widths == {10, 100, 1000, 10_000}
        assert all(cell.outputs == 1000 for cell in grid.cells)


def test_the_snippet_as_written_out() -> None:
    """The guide's loop with its one missing import, on the legacy seed 0: the numbers told of it, and that its outputs
    are |v|/sqrt(n) times exactly normal numbers."""
    legacy = np.random.RandomState(0)
    variances, kurtoses = [], []
    for width in (10, 100, 1000, 10_000):
        weights = legacy.randn(width, 1000) / np.sqrt(width)
        v = legacy.randn(width)
        outputs = np.dot(weights.T, v)
        variances.append(round(float(outputs.var(ddof=1)), 3))
        kurtoses.append(round(float(stats.kurtosis(outputs)), 2))
        assert outputs.std() == pytest.approx(np.linalg.norm(v) / math.sqrt(width), rel=0.1)
    assert weights.nbytes == 80_000_000
    assert variances == [0.827, 0.971, 0.966, 0.923]
    assert kurtoses == [-0.02, 0.20, -0.15, 0.22]
    (snippet,) = EXPERIMENT.snippets
    assert all(f"{value:.3f}" in snippet.measured for value in variances)
    assert all(f"{value:.2f}".replace("-", "−") in snippet.measured for value in kurtoses)
