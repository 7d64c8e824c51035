"""The law of crossings against simulation of its step and of dense sampling, and the bound against a construction."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.theory import random_depth as theory


def test_one_layer_is_exact() -> None:
    assert theory.expected_crossings([7], 2 * math.pi) == pytest.approx(14)
    assert theory.expected_crossings([7], math.pi / 2) == pytest.approx(3.5)
    assert theory.expected_crossings([64] * 8, math.pi) == pytest.approx(512, rel=1e-12)


@pytest.mark.parametrize("width", [2, 3, 8])
def test_a_layer_keeps_the_rate_of_turning(width: int) -> None:
    """|u'| after a layer for |u'| = 1 before, from 400,000 layers by finite differences; five standard errors."""
    rng = np.random.default_rng(0)
    step = 1e-6
    along, across = rng.standard_normal((2, 400_000, width))
    on = along > 0
    some = on.any(axis=1)
    u, v = (np.where(on, z, 0)[some] for z in (along, along + step * across))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    rate = np.zeros(400_000)
    rate[some] = np.linalg.norm(v - u, axis=1) / step
    low, high = 1 - (width + 1) * 2.0**-width, rate.std() / math.sqrt(400_000)
    if width == 2:  # two active neurons: a heavy tail, cut by the step
        assert abs(np.minimum(rate, 100).mean() - low) < 0.05
    else:
        assert abs(rate.mean() - low) < 5 * high
    ratio = theory.expected_crossings([width, width], math.pi) / theory.expected_crossings([width], math.pi) - 1
    assert ratio == pytest.approx(low)


def test_crossings_of_two_layers_by_sampling() -> None:
    """300 networks of widths 4 and 3 at 4,001 points of the circle: five standard errors, and what sampling misses."""
    rng = np.random.default_rng(0)
    angle = np.linspace(0, 2 * math.pi, 4001)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    counts = []
    for _ in range(300):
        first = circle @ rng.standard_normal((2, 4))
        second = np.maximum(first, 0) @ rng.standard_normal((4, 3))
        sign = np.sign(np.concatenate([first, second], axis=1))
        counts.append(np.count_nonzero(sign[1:] * sign[:-1] < 0))
    expected = theory.expected_crossings([4, 3], 2 * math.pi)
    assert abs(np.mean(counts) - expected) < 5 * np.std(counts) / math.sqrt(300) + 0.01 * expected


def test_a_layer_with_biases_is_exact() -> None:
    """A neuron w s + b changes sign on (−1, 1) if |b| < |w|: 1,000,000 neurons, five standard errors."""
    w, b = np.random.default_rng(0).standard_normal((2, 1_000_000))
    for spread in (0.1, 1.0, 3.0):
        share = np.mean(spread * np.abs(b) < np.abs(w))
        assert abs(theory.biased_crossings(1, 1, spread) - share) < 5 * 0.5 / 1000


def test_wide_layers_with_biases_by_sampling() -> None:
    """The third of three layers of 400 neurons at 2,001 points, 12 networks: five standard errors, and 1 % for what
    sampling misses and the width."""
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(12):
        signal = np.stack([np.linspace(-1, 1, 2001), np.zeros(2001)], axis=1)
        for inputs in (2, 400, 400):
            weights = rng.standard_normal((inputs, 400)) * math.sqrt(2 / inputs)
            signal = np.maximum(signal @ weights + 0.5 * rng.standard_normal(400), 0)
        counts.append(np.count_nonzero(np.diff(signal > 0, axis=0)))
    expected = theory.biased_crossings(400, 3, 0.5) - theory.biased_crossings(400, 2, 0.5)
    assert abs(np.mean(counts) - expected) < 5 * np.std(counts) / math.sqrt(12) + 0.01 * expected


def test_the_most_pieces() -> None:
    assert theory.most_pieces([5]) == 6
    assert theory.most_pieces([2, 3]) == 12
