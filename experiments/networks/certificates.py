"""Radii within which a ReLU network provably keeps its decision: cheap lower bounds on the distance to its boundary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.networks.distances import Norm
from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]


def lipschitz_constant(network: ReluNetwork, norm: Norm) -> float:
    """An upper bound on |f(x) − f(y)| / |x − y| in the given norm of the inputs.

    relu moves no coordinate by more than its argument moves. In L2 that gives the product of the layers' spectral
    norms (Szegedy et al., Intriguing properties of neural networks, 2014); in Linf, coordinate by coordinate, the sum
    of the entries of |W_1| |W_2| … |w_L|.
    """
    if norm == "l2":
        return float(np.prod([np.linalg.norm(weight, 2) for weight in network.weights]))
    bound = np.abs(network.weights[-1])
    for weight in reversed(network.weights[:-1]):
        bound = np.abs(weight) @ bound
    return float(bound.sum())


def lipschitz_radius(network: ReluNetwork, x: Floats, norm: Norm) -> Floats:
    """|f(x)| / Lipschitz constant at points x (n, inputs): shape (n,)."""
    return np.asarray(np.abs(network(x)) / lipschitz_constant(network, norm))


def interval_margin(network: ReluNetwork, x: Floats, radius: Floats) -> Floats:
    """A lower bound on sign(f(x))·f over the cube of half-width radius (n,) around x (n, inputs), by interval
    arithmetic layer by layer (Gowal et al., On the effectiveness of interval bound propagation, 2018)."""
    centre, spread = x, np.broadcast_to(radius[:, np.newaxis], x.shape)
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        middle, reach = centre @ weight + bias, spread @ np.abs(weight)
        low, high = np.maximum(middle - reach, 0.0), np.maximum(middle + reach, 0.0)
        centre, spread = (low + high) / 2, (high - low) / 2
    middle = (centre @ network.weights[-1] + network.biases[-1])[:, 0]
    reach = (spread @ np.abs(network.weights[-1]))[:, 0]
    return np.asarray(np.where(network(x) > 0, middle, -middle) - reach)


def interval_radius(network: ReluNetwork, x: Floats, steps: int = 60) -> Floats:
    """The largest Linf radius (n,) at which interval arithmetic still proves the decision, from below, by bisection."""
    low = np.zeros(x.shape[0])
    high = lipschitz_radius(network, x, "linf")
    growing = interval_margin(network, x, high) > 0
    while growing.any():
        low, high = np.where(growing, high, low), np.where(growing, 2 * high, high)
        growing &= interval_margin(network, x, high) > 0
    for _ in range(steps):
        middle = (low + high) / 2
        proved = interval_margin(network, x, middle) > 0
        low, high = np.where(proved, middle, low), np.where(proved, high, middle)
    return low
