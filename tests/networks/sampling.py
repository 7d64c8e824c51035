"""The naive way to find the pieces of a network along a path: looking at many points of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.networks.relu import ReluNetwork


def pattern_changes(network: ReluNetwork, points: NDArray[np.float64]) -> int:
    """How many times the activation pattern changes from one of the points (n, inputs) to the next."""
    changed = np.zeros(len(points) - 1, dtype=bool)
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        points = points @ weight + bias
        changed |= np.diff(points > 0, axis=0).any(axis=1)
        points = np.maximum(points, 0)
    return int(changed.sum())
