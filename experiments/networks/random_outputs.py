"""Random networks by the scale of their output: given the hidden layers a Gaussian readout makes it N(0, q).

For bias-free networks with hidden weights that keep the variance 1 at every layer, at one input of length 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scales:
    """Of each network: its scale q, and sum_i h_i^4 where q = sum_i h_i^2 over its last layer; both (networks,)."""

    q: Array
    fourth: Array

    def excess_kurtosis(self, readout: str) -> float:
        """Of the output over networks and readouts, which are gaussian, or rademacher: random signs."""
        fourth_moment = 3 * float(np.mean(self.q**2)) - (
            2 * float(self.fourth.mean()) if readout == "rademacher" else 0
        )
        return fourth_moment / float(self.q.mean()) ** 2 - 3


@dataclass(frozen=True)
class Shared:
    """Samples of outputs that share the hidden layers of one network: their variances (networks,), the sample excess
    kurtosis of those that are not all 0, and the sample of the first network."""

    variances: Array
    kurtosis: Array
    first: Array


def activate(activation: str, z: Array) -> Array:
    match activation:
        case "relu":
            return np.maximum(z, 0)
        case "linear":
            return z
        case "tanh":
            return np.tanh(z)
        case _:
            return np.asarray(1 / (1 + np.exp(-z)))


def draw_scales(networks: int, width: int, layers: int, activation: str, second: float, rng: Generator) -> Scales:
    """Draws the networks layer by layer: given the layer below, preactivations are independent N(0, its scale). The
    weights of a layer are scaled by `second`, the mean square of the activation of N(0, 1)."""
    q, fourth = np.empty(networks), np.empty(networks)
    rows = max(1, 2**14 // width)  # blocks that stay in the cache
    for start in range(0, networks, rows):
        part = slice(start, min(start + rows, networks))
        scale = np.ones(part.stop - part.start)
        for _ in range(layers):
            z = rng.standard_normal((len(scale), width))
            z *= np.sqrt(scale)[:, np.newaxis]
            squares = np.square(activate(activation, z))
            scale = squares.sum(axis=1) / (width * second)
        q[part] = scale
        fourth[part] = np.einsum("ij,ij->i", squares, squares) / (width * second) ** 2
    return Scales(q, fourth)


def share_networks(q: Array, outputs: int, rng: Generator) -> Shared:
    """So many outputs of each network of scales q (networks,), with Gaussian readouts."""
    samples = np.sqrt(q[:, np.newaxis]) * rng.standard_normal((len(q), outputs))
    variances = samples.var(axis=1, ddof=1)
    alive = samples[variances > 0]
    squares = np.square(alive - alive.mean(axis=1, keepdims=True))
    kurtosis = np.mean(np.square(squares), axis=1) / np.mean(squares, axis=1) ** 2 - 3
    return Shared(variances, kurtosis, samples[0])


def histogram(values: Array) -> dict[str, Array]:
    """Fifty bins, as in the guide's figure."""
    density, edges = np.histogram(values, bins=50, density=True)
    return {"edges": edges, "density": density}
