"""Plane slices of the loss of a ReLU network, f(x) = v·relu(W x + b) + a, and the rescalings that leave f unchanged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Weights:
    """`neurons` (h, d + 1) holds w_j and b_j in row j, `readout` (h,) is v, `offset` is a. A direction is one, too."""

    neurons: Floats
    readout: Floats
    offset: float

    def moved(self, along: Weights, distance: float) -> Weights:
        return Weights(
            self.neurons + distance * along.neurons,
            self.readout + distance * along.readout,
            self.offset + distance * along.offset,
        )

    def rescaled(self, scales: Floats) -> Weights:
        """(c_j w_j, c_j b_j, v_j/c_j) for c_j > 0 (h,): the same function, since relu(c z) = c relu(z)."""
        return Weights(self.neurons * scales[:, np.newaxis], self.readout / scales, self.offset)

    def outputs(self, X: Floats) -> Floats:
        """f (n,) at X (n, d)."""
        z = X @ self.neurons[:, :-1].T + self.neurons[:, -1]
        return np.asarray(np.maximum(z, 0) @ self.readout + self.offset)

    def loss(self, X: Floats, y: Floats) -> float:
        """Mean squared error."""
        return float(np.mean((self.outputs(X) - y) ** 2))


def random_direction(like: Weights, rng: Generator) -> Weights:
    """Independent N(0, 1) in the shape of `like`."""
    return Weights(
        rng.standard_normal(like.neurons.shape), rng.standard_normal(like.readout.shape), float(rng.standard_normal())
    )


def filter_normalised(direction: Weights, weights: Weights) -> Weights:
    """Each filter of the direction, the weights into one neuron with their bias, is given the length of the same filter
    of the network; the readout is the one filter of the output, its offset another (H. Li, Z. Xu, G. Taylor, C. Studer
    and T. Goldstein, "Visualizing the loss landscape of neural nets", 2018)."""
    lengths = np.linalg.norm(weights.neurons, axis=1) / np.linalg.norm(direction.neurons, axis=1)
    readout = np.linalg.norm(weights.readout) / np.linalg.norm(direction.readout)
    offset = np.sign(direction.offset) * abs(weights.offset)
    return Weights(direction.neurons * lengths[:, np.newaxis], direction.readout * readout, float(offset))


def surface(weights: Weights, first: Weights, second: Weights, places: Floats, X: Floats, y: Floats) -> Floats:
    """The loss at weights + s·first + t·second for s, t in places (k,): (k, k), t in rows."""
    return np.array([[weights.moved(first, s).moved(second, t).loss(X, y) for s in places] for t in places])
