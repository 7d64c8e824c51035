"""A network with one hidden layer of sigmoids and one sigmoid output, trained by full-batch gradient descent.

    output(x) = σ(Σ_j w2_j σ(Σ_i x_i W1_ij) + b2),        loss = ½ Σ_samples (output − target)²

Its parameters are one vector θ = (W1 row by row, w2, b2) of length d·h + h + 1 for d inputs and h hidden neurons; a
network without output bias has b2 = 0 and no gradient there. Importing this module imports numba; its loops are
compiled once and kept on disk. One network is trained at a time, so its bits depend on no other network.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.calls import jit_kept

Floats = NDArray[np.float64]


class Descent(NamedTuple):
    """What gradient descent left: `theta` (p,) after the last epoch, `mse` and `gradient_norm` at the recorded epochs,
    and the first epoch at which every error was below the threshold (−1: never)."""

    theta: Floats
    mse: Floats
    gradient_norm: Floats
    first_below: int


def outputs(theta: NDArray[Any], inputs: Floats) -> NDArray[Any]:
    """The outputs of many networks, shape (..., n), for θ of shape (..., p), real or complex, and inputs (n, d)."""
    d = inputs.shape[1]
    hidden = (theta.shape[-1] - 1) // (d + 1)
    first = theta[..., : d * hidden].reshape(*theta.shape[:-1], 1, d, hidden)
    z1 = (inputs[:, :, np.newaxis] * first).sum(axis=-2)
    a1 = 1 / (1 + np.exp(-z1))
    z2 = (a1 * theta[..., np.newaxis, d * hidden : -1]).sum(axis=-1) + theta[..., -1:]
    return np.asarray(1 / (1 + np.exp(-z2)))


def half_squared_error(theta: NDArray[Any], inputs: Floats, targets: Floats) -> NDArray[Any]:
    """½ Σ (output − target)² for θ of shape (..., p): shape (...). Analytic in θ, so a complex step may be taken."""
    return np.asarray(((outputs(theta, inputs) - targets) ** 2).sum(axis=-1) / 2)


@jit_kept
def backpropagate(
    theta: Floats, inputs: Floats, targets: Floats, output_bias: bool, gradient: Floats
) -> tuple[Any, ...]:
    """Write the gradient of ½ Σ (output − target)² into `gradient` (p,); return (Σ error², max |error|)."""
    n, d = inputs.shape
    hidden = (theta.size - 1) // (d + 1)
    second = d * hidden
    activation = np.empty(hidden)
    gradient[:] = 0.0
    squares = 0.0
    largest = 0.0
    for s in range(n):
        z2 = theta[-1]
        for j in range(hidden):
            z1 = 0.0
            for i in range(d):
                z1 += inputs[s, i] * theta[i * hidden + j]
            activation[j] = 1.0 / (1.0 + math.exp(-z1))
            z2 += activation[j] * theta[second + j]
        output = 1.0 / (1.0 + math.exp(-z2))
        error = output - targets[s]
        squares += error * error
        largest = max(largest, abs(error))
        delta = error * output * (1.0 - output)
        if output_bias:
            gradient[-1] += delta
        for j in range(hidden):
            gradient[second + j] += delta * activation[j]
            back = delta * theta[second + j] * activation[j] * (1.0 - activation[j])
            for i in range(d):
                gradient[i * hidden + j] += back * inputs[s, i]
    return squares, largest


@jit_kept
def _descend(
    theta: Floats,
    inputs: Floats,
    targets: Floats,
    output_bias: bool,
    step: float,
    recorded: NDArray[np.int64],
    threshold: float,
) -> tuple[Any, ...]:
    gradient = np.empty(theta.size)
    mse = np.empty(recorded.size)
    norm = np.empty(recorded.size)
    first_below = -1
    nxt = 0
    epoch = 0
    while True:
        squares, largest = backpropagate(theta, inputs, targets, output_bias, gradient)
        if first_below < 0 and largest < threshold:
            first_below = epoch
        if epoch == recorded[nxt]:
            mse[nxt] = squares / targets.size
            total = 0.0
            for k in range(theta.size):
                total += gradient[k] * gradient[k]
            norm[nxt] = math.sqrt(total)
            nxt += 1
            if nxt == recorded.size:
                return mse, norm, first_below
        for k in range(theta.size):
            theta[k] -= step * gradient[k]
        epoch += 1


def descend(
    theta: Floats,
    inputs: Floats,
    targets: Floats,
    *,
    output_bias: bool,
    step: float,
    recorded: NDArray[np.int64],
    threshold: float,
) -> Descent:
    """Full-batch gradient descent from θ (p,) on inputs (n, d) and targets (n,), up to the last recorded epoch.

    Epoch k is the state after k steps; `recorded` (m,) are increasing epochs.
    """
    final = theta.copy()
    mse, norm, first = _descend(final, inputs, targets, bool(output_bias), float(step), recorded, float(threshold))
    return Descent(final, mse, norm, int(first))
