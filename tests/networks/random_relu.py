"""ReLU networks with random weights and biases, for tests."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from experiments.networks.relu import ReluNetwork


def random_network(*units: int, seed: int = 0) -> ReluNetwork:
    """Layers of the given sizes, inputs first, and one output; weights and biases of the usual scale."""
    rng = np.random.default_rng([seed, *units])
    layers = list(pairwise((*units, 1)))
    return ReluNetwork(
        tuple(rng.standard_normal(shape) * np.sqrt(2 / shape[0]) for shape in layers),
        tuple(0.5 * rng.standard_normal(shape[1]) for shape in layers),
    )
