"""The XOR experiment: the guide's own run, the impossibility at one neuron, and reproducibility."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.sigmoid_network import Descent, descend, outputs
from experiments.suite.xor_training import INPUTS, TARGETS, Params, run

Floats = NDArray[np.float64]
PRINTED = [0.00755696, 0.98976405, 0.98799854, 0.01314541]


def guide_start(seed: int, hidden: int) -> Floats:
    legacy = np.random.RandomState(seed)
    return np.concatenate([legacy.randn(3, hidden).ravel(), legacy.randn(hidden, 1).ravel(), [0.0]])


def guide_descent(seed: int, hidden: int) -> Descent:
    return descend(
        guide_start(seed, hidden),
        INPUTS,
        TARGETS,
        output_bias=False,
        step=1.0,
        recorded=np.array([10_000]),
        threshold=0.1,
    )


def test_the_snippet_with_the_import_prints_the_recorded_outputs() -> None:
    theta = guide_start(0, 4)
    first, second, target = theta[:12].reshape(3, 4), theta[12:16].reshape(4, 1), TARGETS[:, np.newaxis]
    for _ in range(10_000):
        hidden = 1 / (1 + np.exp(-(INPUTS @ first)))
        output = 1 / (1 + np.exp(-(hidden @ second)))
        delta = (target - output) * output * (1 - output)
        back = (delta @ second.T) * hidden * (1 - hidden)
        second += hidden.T @ delta
        first += INPUTS.T @ back
    output = 1 / (1 + np.exp(-(1 / (1 + np.exp(-(INPUTS @ first))) @ second)))
    np.testing.assert_allclose(output.ravel(), PRINTED, atol=5e-9)


def test_our_descent_ends_where_the_snippet_does() -> None:
    np.testing.assert_allclose(outputs(guide_descent(0, 4).theta, INPUTS), PRINTED, atol=5e-9)


@pytest.mark.parametrize(("hidden", "successes"), [(2, 26), (3, 87), (4, 99), (8, 100), (16, 100)])
def test_success_over_the_legacy_seeds_0_to_99_is_as_the_snippet_record_says(hidden: int, successes: int) -> None:
    errors = np.array([np.abs(outputs(guide_descent(s, hidden).theta, INPUTS) - TARGETS).max() for s in range(100)])
    assert np.sum(errors < 0.5) == successes
    if hidden == 4:
        assert errors.argmax() == 54
        assert errors.max() == pytest.approx(0.5003, abs=5e-5)


def test_no_single_neuron_gets_below_one_sixth() -> None:
    rng = np.random.default_rng(0)
    theta = rng.standard_normal((200_000, 5)) * rng.choice([1.0, 5.0, 30.0], size=(200_000, 1))
    error = outputs(theta, INPUTS) - TARGETS
    mse = (error**2).mean(axis=1)
    assert mse.min() >= 1 / 6
    assert mse.min() < 0.18
    assert np.abs(error).max(axis=1).min() >= 0.5


def test_two_neurons_are_enough() -> None:
    # x1 or x2, and not both: the hidden neurons are the two thresholds 1/2 and 3/2 of x1 + x2.
    first = 40 * np.array([[1.0, 1.0], [1.0, 1.0], [-0.5, -1.5]])
    theta = np.concatenate([first.ravel(), [40.0, -40.0], [-20.0]])
    np.testing.assert_allclose(outputs(theta, INPUTS), TARGETS, atol=1e-6)


def test_same_seed_gives_the_same_bits_whatever_ran_before() -> None:
    cell = Params(hidden=4, output_bias=True, epochs=500)
    first = run(cell, np.random.default_rng(3))
    run(Params(hidden=8, epochs=300), np.random.default_rng(1))
    again = run(cell, np.random.default_rng(3))
    assert first.metrics == again.metrics
    for name in first.curves:
        np.testing.assert_array_equal(first.curves[name].y, again.curves[name].y)
    for name, arrays in first.fields().items():
        for part, values in arrays.items():
            np.testing.assert_array_equal(values, again.fields()[name][part])


def test_arms_with_and_without_output_bias_start_from_the_same_weights() -> None:
    with_bias, without = (
        run(Params(hidden=4, output_bias=bias, epochs=10), np.random.default_rng(0)).fields()["network"]["weights"]
        for bias in (True, False)
    )
    np.testing.assert_allclose(with_bias, without, atol=0.5)
    assert not np.array_equal(with_bias, without)


def test_a_run_that_never_learns_has_no_epochs_to_learn() -> None:
    outcome = run(Params(hidden=1, epochs=1000), np.random.default_rng(0))
    assert "epochs_to_learn" not in outcome.metrics
    assert outcome.metrics["success"] == 0


@pytest.mark.parametrize("epochs", [1, 7, 10_000, 1_000_000])
def test_curves_end_at_the_last_epoch_and_stay_short(epochs: int) -> None:
    from experiments.suite.xor_training import _recorded

    x = _recorded(epochs)
    assert x[0] == 1
    assert x[-1] == epochs
    assert np.all(np.diff(x) > 0)
    assert x.size <= 122


def test_the_output_field_has_the_outputs_at_its_corners() -> None:
    outcome = run(Params(hidden=4), np.random.default_rng(0))
    surface = outcome.fields()["output"]["z"]
    corners = np.array([surface[0, 0], surface[-1, 0], surface[0, -1], surface[-1, -1]])
    assert np.abs(corners - TARGETS).max() == pytest.approx(outcome.metrics["max_error"], rel=1e-12)
