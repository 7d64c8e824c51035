"""Networks as functions: the run against networks evaluated by hand, and modes of known functions."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.suite.function_space import ANGLES, MODES, Params, draw_functions, mode_power, run
from experiments.theory import function_space as theory


def test_values_are_those_of_the_networks() -> None:
    values = draw_functions(Params(width=3, networks=2), np.random.default_rng(0))
    rng = np.random.default_rng(0)
    w, v = rng.standard_normal((2, 3, 2)), rng.standard_normal((2, 1, 3))
    for j in (0, 17, 100):
        x = np.array([np.cos(2 * np.pi * j / ANGLES), np.sin(2 * np.pi * j / ANGLES)])
        by_hand = [sum(v[k, 0, i] * max(0.0, w[k, i] @ x) for i in range(3)) / np.sqrt(3) for k in range(2)]
        assert values[:, j] == pytest.approx(by_hand, abs=1e-12)


def test_the_power_of_known_functions() -> None:
    angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
    power = mode_power((3 + np.cos(angles) - 2 * np.sin(4 * angles))[np.newaxis])
    assert power[[0, 1, 2, 4]] == pytest.approx([9, 0.5, 0, 2], abs=1e-12)
    assert power.sum() == pytest.approx(11.5)


def test_one_neuron_has_the_modes_of_a_rectified_cosine() -> None:
    """On 120 angles mode k takes what belongs to 120 ± k, k²/(120 ± k)² of its own amplitude: 12 % of its power at
    k = 20, up or down with the phase."""
    angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
    power = mode_power(np.maximum(np.cos(angles - 0.4), 0)[np.newaxis])
    expected = [theory.mode_share(mode) / 4 for mode in range(MODES)]  # E |w|² = 2, and shares are of 1/2
    assert power[:MODES] == pytest.approx(expected, rel=0.13, abs=1e-12)


def test_components_and_modes_are_the_same_space() -> None:
    found = run(Params(width=20), np.random.default_rng(0)).metrics
    modes = found["constant_share"] + found["linear_share"]
    assert found["components_1_to_3"] == pytest.approx(modes, rel=0.01)
    assert found["split"] > 0


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=4, networks=100)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
