"""A fully connected ReLU network with any number of outputs, and what can be done to its weights unseen.

Weights are (units of layer l + 1, units of layer l), so that a row is a neuron; biases (units of layer l + 1,).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layers:
    """The parameters of a network: one matrix and one vector for each layer but the inputs."""

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def __call__(self, x: Floats) -> Floats:
        """Outputs at the columns of x: (inputs, points) to (outputs, points)."""
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.maximum(weight @ x + bias[:, np.newaxis], 0)
        return np.asarray(self.weights[-1] @ x + self.biases[-1][:, np.newaxis])

    @property
    def hidden(self) -> tuple[int, ...]:
        return tuple(len(bias) for bias in self.biases[:-1])

    @property
    def numbers(self) -> int:
        """All weights and biases, counted in the arrays."""
        return sum(array.size for array in (*self.weights, *self.biases))

    def permuted(self, orders: Sequence[NDArray[np.intp]]) -> Layers:
        """The hidden neurons of each layer listed in another order."""
        weights, biases = list(self.weights), list(self.biases)
        for layer, order in enumerate(orders):
            weights[layer], biases[layer] = weights[layer][order], biases[layer][order]
            weights[layer + 1] = np.ascontiguousarray(weights[layer + 1][:, order])
        return Layers(tuple(weights), tuple(biases))

    def rescaled(self, factors: Sequence[Floats]) -> Layers:
        """Each hidden neuron's incoming weights and bias times a factor, its outgoing weights divided by it.

        relu(c z) = c relu(z) for c > 0, so positive factors leave the function as it is.
        """
        weights, biases = list(self.weights), list(self.biases)
        for layer, factor in enumerate(factors):
            weights[layer], biases[layer] = weights[layer] * factor[:, np.newaxis], biases[layer] * factor
            weights[layer + 1] = weights[layer + 1] / factor
        return Layers(tuple(weights), tuple(biases))

    def twins(self) -> int:
        """Hidden neurons whose incoming weights and bias are those of another of their layer.

        Without twins no permutation but the identity leaves the parameters as they are: it must fix every neuron of
        the first hidden layer, hence of the second, and so on.
        """
        rows = [np.column_stack(layer) for layer in zip(self.weights[:-1], self.biases[:-1], strict=True)]
        return sum(len(row) - len({neuron.tobytes() for neuron in row}) for row in rows)

    def orders(self) -> int:
        """The different listings of every hidden layer's neurons by their incoming weights and bias, n! over the
        factorials of the sizes of groups of twins, multiplied over layers: at least so many different parameters make
        the same function, and exactly so many where there are no twins."""
        count = 1
        for layer in zip(self.weights[:-1], self.biases[:-1], strict=True):
            groups = Counter(neuron.tobytes() for neuron in np.column_stack(layer))
            count *= math.factorial(len(layer[1]))
            count //= math.prod(math.factorial(twins) for twins in groups.values())
        return count

    def listed_orders(self) -> int:
        """How many different parameters they are, by trying every order: for small networks."""
        choices = [[np.array(order) for order in itertools.permutations(range(n))] for n in self.hidden]
        seen = set()
        for orders in itertools.product(*choices):
            other = self.permuted(orders)
            seen.add(b"".join(array.tobytes() for array in (*other.weights, *other.biases)))
        return len(seen)


def he_layers(sizes: Sequence[int], rng: Generator) -> Layers:
    """Weights N(0, 2/fan in) (He et al., Delving deep into rectifiers, 2015) and biases N(0, 1)."""
    weights = [rng.standard_normal((b, a)) * np.sqrt(2 / a) for a, b in pairwise(sizes)]
    return Layers(tuple(weights), tuple(rng.standard_normal(n) for n in sizes[1:]))
