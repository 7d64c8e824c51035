"""The sigmoid network's loops against a plain matrix form, and its gradient against three independent differences."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.gradient_check import STEPS, gradient_errors, order_of
from experiments.networks.sigmoid_network import backpropagate, descend, half_squared_error, outputs

Floats = NDArray[np.float64]
SHAPES = [(3, 1, 4), (3, 4, 4), (2, 5, 7)]


def problem(inputs: int, hidden: int, samples: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(hidden)
    theta = rng.standard_normal((inputs + 1) * hidden + 1)
    return theta, rng.standard_normal((samples, inputs)), rng.random(samples)


def matrix_form(theta: Floats, x: Floats) -> Floats:
    d = x.shape[1]
    hidden = (theta.size - 1) // (d + 1)
    first, second = theta[: d * hidden].reshape(d, hidden), theta[d * hidden : -1]
    return np.asarray(1 / (1 + np.exp(-(1 / (1 + np.exp(-(x @ first))) @ second + theta[-1]))))


@pytest.mark.parametrize("shape", SHAPES)
def test_outputs_are_those_of_the_matrix_form(shape: tuple[int, int, int]) -> None:
    theta, x, _ = problem(*shape)
    np.testing.assert_allclose(outputs(theta, x), matrix_form(theta, x), rtol=1e-14)
    stacked = outputs(np.stack([theta, -theta]), x)
    np.testing.assert_array_equal(stacked[0], outputs(theta, x))


@pytest.mark.parametrize("shape", SHAPES)
def test_backpropagation_agrees_with_the_complex_step(shape: tuple[int, int, int]) -> None:
    theta, x, y = problem(*shape)
    gradient = np.empty_like(theta)
    squares, largest = backpropagate(theta, x, y, True, gradient)
    error = matrix_form(theta, x) - y
    assert squares == pytest.approx(error @ error, rel=1e-13)
    assert largest == pytest.approx(np.abs(error).max(), rel=1e-13)
    errors = gradient_errors(lambda t: half_squared_error(t, x, y), theta, gradient)
    assert errors.complex_step < 1e-13
    assert order_of(errors.central) == pytest.approx(2, abs=0.05)
    assert order_of(errors.forward) == pytest.approx(1, abs=0.05)


def test_a_network_without_output_bias_has_no_gradient_there() -> None:
    theta, x, y = problem(3, 4, 4)
    with_bias, without = np.empty_like(theta), np.empty_like(theta)
    backpropagate(theta, x, y, True, with_bias)
    backpropagate(theta, x, y, False, without)
    assert with_bias[-1] != 0
    assert without[-1] == 0
    np.testing.assert_array_equal(without[:-1], with_bias[:-1])


def test_a_gradient_with_one_wrong_term_is_found_out() -> None:
    theta, x, y = problem(3, 4, 4)
    gradient = np.empty_like(theta)
    backpropagate(theta, x, y, True, gradient)
    gradient[0] += 1e-3 * np.linalg.norm(gradient)
    errors = gradient_errors(lambda t: half_squared_error(t, x, y), theta, gradient)
    assert errors.complex_step == pytest.approx(1e-3, rel=0.01)
    assert order_of(errors.central) < 1.5
    assert errors.central[-1] == pytest.approx(1e-3, rel=0.01)


def test_orders_of_a_known_function_are_one_and_two() -> None:
    theta = np.array([0.3, -0.7])
    errors = gradient_errors(lambda t: np.exp(t).sum(axis=-1), theta, np.exp(theta))
    np.testing.assert_allclose(errors.forward, STEPS / 2, rtol=0.04)
    np.testing.assert_allclose(errors.central, STEPS**2 / 6, rtol=2e-3)


def test_descent_takes_the_steps_of_the_matrix_form() -> None:
    theta, x, y = problem(3, 4, 4)
    recorded = np.array([1, 10, 50])
    descent = descend(theta, x, y, output_bias=True, step=0.5, recorded=recorded, threshold=0.0)
    walker, mse = theta.copy(), {}
    for epoch in range(51):
        a1 = 1 / (1 + np.exp(-(x @ walker[:12].reshape(3, 4))))
        out = 1 / (1 + np.exp(-(a1 @ walker[12:16] + walker[16])))
        mse[epoch] = np.mean((out - y) ** 2)
        if epoch == 50:
            break
        delta = (out - y) * out * (1 - out)
        hidden = np.outer(delta, walker[12:16]) * a1 * (1 - a1)
        walker -= 0.5 * np.concatenate([(x.T @ hidden).ravel(), a1.T @ delta, [delta.sum()]])
    np.testing.assert_allclose(descent.theta, walker, rtol=1e-10)
    np.testing.assert_allclose(descent.mse, [mse[k] for k in recorded], rtol=1e-10)
    assert descent.first_below == -1


def test_the_first_epoch_below_the_threshold_is_the_first() -> None:
    theta, x, _ = problem(3, 4, 4)
    y = matrix_form(theta, x)
    here = descend(theta, x, y, output_bias=True, step=1.0, recorded=np.array([3]), threshold=0.1)
    assert here.first_below == 0
