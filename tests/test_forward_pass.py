"""The forward pass: the guide's classes as they stand, and the run that studies them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from experiments.spec import Outcome
from experiments.suite.forward_pass import GUIDE, Params, run


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


def printed(seed: int) -> list[float]:
    """The guide's network of a legacy seed at [1, 2]: its loops and its order of draws, weights before the bias."""
    legacy = np.random.RandomState(seed)
    layers = [[(legacy.randn(a), legacy.randn()) for _ in range(b)] for a, b in pairwise([2, 3, 1])]
    inputs: list[float] = [1, 2]
    for layer in layers:
        inputs = [max(0, np.dot(weights, inputs) + bias) for weights, bias in layer]
    return inputs


def test_the_snippet_with_the_import_prints_what_is_recorded() -> None:
    assert f"Output: {printed(0)}" == "Output: [np.float64(3.727216751135568)]"
    assert sum(printed(seed) == [0] for seed in range(1000)) == 489


def test_its_relu_takes_one_number_only() -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        max(0, np.ones(2))


def test_the_guides_network_has_the_moments_of_many_loops() -> None:
    """5,000 networks of a run against 4,000 of the guide's loops: five standard errors of the latter's share."""
    found = outcome(GUIDE).metrics
    outputs = np.array([printed(seed)[0] for seed in range(4000)])
    assert abs(found["zero_share"] - np.mean(outputs == 0)) < 5 * 0.5 * np.sqrt(1 / 4000 + 1 / 5000)
    squares = outputs**2
    assert abs(found["output_square"] - squares.mean()) < 5 * squares.std() / np.sqrt(4000)
    assert found["last_square"] == pytest.approx(2 * found["output_square"], rel=0.2)


def test_integers_are_exact_and_normal_weights_are_not() -> None:
    integer = outcome(Params(width=32, layers=3, weights="integer", networks=10)).metrics
    assert (integer["difference"], integer["integer_error"], integer["equal_share"]) == (0, 0, 1)
    assert 0 < integer["log2_sum"] < 53
    normal = outcome(Params(width=32, layers=5, weights="normal", networks=10)).metrics
    assert normal["equal_share"] < 1
    assert 0 < normal["over_bound"] < 1e-3


def test_same_seed_gives_the_same_bits() -> None:
    assert outcome(GUIDE).metrics == outcome(GUIDE).metrics
    assert outcome(GUIDE).metrics != outcome(GUIDE, seed=1).metrics
