"""Signals in random networks: the layer-by-layer draw against explicit matrices, and what twenty networks suggest."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.spec import Outcome
from experiments.suite.signal_propagation import Params, factors, propagate, run


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


@pytest.mark.parametrize(("init", "bias"), [("he", 0.0), ("normal", 1.0), ("lecun", 0.0), ("glorot", 0.0)])
def test_drawn_layers_have_the_moments_of_explicit_matrices(init: str, bias: float) -> None:
    """Mean and mean square of the second layer's q over 4,000 networks each way: five standard errors, 8 numbers."""
    n, count, rng = 5, 4000, np.random.default_rng(1)
    found = propagate(Params(width=n, layers=2, init=init, networks=count), np.random.default_rng(0)).q[1]
    deviation = {"he": np.sqrt(2 / n), "normal": 1.0, "lecun": np.sqrt(1 / n), "glorot": np.sqrt(1 / n)}[init]
    h = np.ones((count, n))
    for _ in range(2):
        if init == "glorot":
            weights = rng.uniform(-1, 1, (count, n, n)) * np.sqrt(3) * deviation
        else:
            weights = rng.standard_normal((count, n, n)) * deviation
        z = np.einsum("kij,kj->ki", weights, h) + np.sqrt(bias) * rng.standard_normal((count, n))
        h = np.maximum(z, 0)
    expected = np.square(z).mean(axis=1)
    for power in (1, 2):
        a, b = found**power, expected**power
        assert abs(a.mean() - b.mean()) < 5 * np.sqrt((a.var() + b.var()) / count)


def test_factors_of_given_lengths_by_hand() -> None:
    found = factors(np.tile([[2.0, 0.5], [1.0, 0.0]], 10), width=8)
    assert found["factor_variance"] == pytest.approx((1 + 0.25 + 0.25 + 1) / 4)
    assert found["product_square"] == pytest.approx((1 + (1 + 0.25) / 2) * (1 + (0.25 + 1) / 2))
    living = 1 / (1 - 2.0**-8)
    assert found["factor_log"] == pytest.approx((np.log(2) + 2 * np.log(0.5) - 3) / 3 + living)
    assert (found["median_product"], found["mean_of_twenty"]) == (0.5, 0.5)


def test_twenty_networks_suggest_a_signal_that_vanishes() -> None:
    deep = outcome(Params(width=16, layers=20, init="he", networks=8000))
    assert deep.metrics["mean_of_twenty"] < 0.8
    assert deep.metrics["median_product"] < 0.1
    assert deep.curves["mean_square"].y[-1] / 2 == pytest.approx(1, abs=0.5)


def test_small_layers_die() -> None:
    """A share 1 − (1 − 1/16)^8 = 0.403 of the networks; five standard errors of 2,000."""
    share = outcome(Params(width=4, layers=8, init="he", networks=2000)).metrics["dead_share"]
    expected = 1 - (1 - 1 / 16) ** 8
    assert abs(share - expected) < 5 * np.sqrt(expected * (1 - expected) / 2000)


def test_the_surface_is_a_density_in_every_layer() -> None:
    params = Params(width=64, layers=3, init="he", networks=500)
    surface = outcome(params).fields()["sizes"]
    assert surface["z"].shape == (len(surface["y"]), 3)
    assert surface["z"].sum(axis=0) * np.diff(surface["y"])[0] == pytest.approx(1)


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=16, layers=4, init="glorot", networks=20)
    assert outcome(params).metrics == outcome(params).metrics
    assert outcome(params).metrics != outcome(params, seed=1).metrics
