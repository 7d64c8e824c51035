"""A network with one hidden tanh layer and one output, f(x) = Σ_j v_j tanh(w_j·x + b_j), with its exact derivatives.

Its parameters are one vector θ (h·(d + 2),), neuron by neuron: w_j (d), b_j, v_j. No output bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def outputs_and_jacobian(theta: Floats, X: Floats) -> tuple[Floats, Floats]:
    """f (m,) at X (m, d), and its Jacobian (m, P) in θ."""
    neurons, inputs = _neurons(theta, X)
    activation = np.tanh(inputs @ neurons[:, :-1].T)  # (m, h)
    v = neurons[:, -1]
    first = (v * (1 - activation**2))[:, :, np.newaxis] * inputs[:, np.newaxis, :]  # in w and b
    jacobian = np.concatenate([first, activation[:, :, np.newaxis]], axis=2)
    return activation @ v, jacobian.reshape(len(X), -1)


def hessian(theta: Floats, X: Floats, y: Floats) -> Floats:
    """The Hessian (P, P) of ½ Σ (f − y)²: JᵀJ plus the residuals times the second derivatives of f, which join
    parameters of one neuron only."""
    neurons, inputs = _neurons(theta, X)
    value, jacobian = outputs_and_jacobian(theta, X)
    residual = value - y
    total = jacobian.T @ jacobian
    size = neurons.shape[1]
    for j, neuron in enumerate(neurons):
        a = np.tanh(inputs @ neuron[:-1])
        slope, bend = 1 - a**2, -2 * a * (1 - a**2)
        at = slice(j * size, (j + 1) * size)
        block = np.zeros((size, size))
        block[:-1, :-1] = (inputs * (residual * neuron[-1] * bend)[:, np.newaxis]).T @ inputs
        block[:-1, -1] = block[-1, :-1] = (residual * slope) @ inputs
        total[at, at] += block
    return np.asarray((total + total.T) / 2)


def fit(theta: Floats, X: Floats, y: Floats, iterations: int, goal: float) -> tuple[Floats, list[float]]:
    """Levenberg and Marquardt's method on ½ Σ (f − y)²: θ at the end, and the loss at the start and after each step.

    It stops when the loss is below `goal`, after `iterations` trial steps, or when no step improves any more. The
    damping is divided by 3 after a success and doubled after a failure (K. Madsen, H. B. Nielsen and O. Tingleff,
    "Methods for non-linear least squares problems", 2004).
    """
    value, jacobian = outputs_and_jacobian(theta, X)
    losses, damping = [float(np.sum((value - y) ** 2) / 2)], 1e-2
    for _ in range(iterations):
        if losses[-1] < goal or damping > 1e12:
            break
        # the damped step by the dual system, of as many unknowns as there are points
        gram = jacobian @ jacobian.T + damping * np.eye(len(y))
        trial = theta - jacobian.T @ np.linalg.solve(gram, value - y)
        trial_value, trial_jacobian = outputs_and_jacobian(trial, X)
        loss = float(np.sum((trial_value - y) ** 2) / 2)
        if loss < losses[-1]:
            theta, value, jacobian = trial, trial_value, trial_jacobian
            losses.append(loss)
            damping = max(damping / 3, 1e-12)
        else:
            damping *= 2
    return theta, losses


def _neurons(theta: Floats, X: Floats) -> tuple[Floats, Floats]:
    """θ as (h, d + 2), and the inputs with their constant 1, (m, d + 1)."""
    return theta.reshape(-1, X.shape[1] + 2), np.column_stack([X, np.ones(len(X))])
