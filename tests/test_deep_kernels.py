"""Kernels of deep networks: the recursion in the text, and a wrong limit that is refuted."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from experiments.claims import Equals, Runs
from experiments.suite.deep_kernels import EXPERIMENT, Params, limits, run


def test_the_limits_are_those_of_the_recursion_in_the_text() -> None:
    t, tangent = math.radians(60), 2 * math.cos(math.radians(60))
    for layer in range(3):
        on = (math.pi - t) / math.pi
        cosine = (math.sin(t) + (math.pi - t) * math.cos(t)) / math.pi
        readout = 0.5 if layer == 2 else 1.0
        # The signal of every hidden layer has mean square 2, which the last ReLU halves.
        tangent = 2 * readout * cosine + tangent * readout * on
        t = math.acos(cosine)
    assert limits(Params(width=8)) == pytest.approx((math.cos(t), tangent))
    assert limits(Params(width=8)) == pytest.approx((0.738128192301, 1.737844679215))
    assert math.degrees(t) == pytest.approx(42.4, abs=0.05)


def test_a_wrong_limit_is_refuted_on_the_same_runs() -> None:
    """A quarter off: the strict interval of 8 runs at width 128 reaches 6 % from their mean, the tolerance 5 %."""
    cell = Params(width=128)
    table = np.array([[run(cell, np.random.default_rng(seed)).metrics["ntk"] for seed in range(8)]])
    claim = EXPERIMENT.claims["ntk_mean"]
    assert isinstance(claim, Equals)
    assert claim.judge(Runs((cell,), {"ntk": table})).status == "supported"
    wrong = dataclasses.replace(claim, theory=lambda cell: 1.25 * limits(cell)[1])
    assert wrong.judge(Runs((cell,), {"ntk": table})).status == "refuted"


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=16)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
    assert np.array_equal(first.fields()["ntk"]["z"], again.fields()["ntk"]["z"])
