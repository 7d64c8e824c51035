"""Counting what a fully connected network is made of.

`sizes` is (n_0, …, n_{L+1}): inputs, the widths of L hidden layers, outputs. Every neuron that is not an input has a
weight for each unit of the layer before and one bias.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def edges(sizes: Sequence[int]) -> int:
    """Weights: the sum of n_l n_{l+1}."""
    return sum(a * b for a, b in pairwise(sizes))


def biases(sizes: Sequence[int]) -> int:
    """One for every neuron that is not an input."""
    return sum(sizes[1:])


def parameters(sizes: Sequence[int]) -> int:
    """The sum of (n_l + 1) n_{l+1}: the size of a network none of whose weights and biases is 0 (P. Petersen and
    J. Zech, Mathematical theory of deep learning, 2024, where the size counts what is not 0)."""
    return sum((a + 1) * b for a, b in pairwise(sizes))


def hidden_permutations(sizes: Sequence[int]) -> int:
    """The orders in which the hidden neurons can be listed, layer by layer: the product of n_l!; an exact integer."""
    return math.prod(math.factorial(n) for n in sizes[1:-1])


def log10_hidden_permutations(sizes: Sequence[int]) -> float:
    """Its logarithm to base 10, for layers whose factorials would fill a page."""
    return sum(math.lgamma(n + 1) for n in sizes[1:-1]) / math.log(10)


def log10_pieces_bound(sizes: Sequence[int]) -> float:
    """log10 of the product of n_l + 1 over the hidden layers, at most so many affine pieces has a ReLU network along
    any line through its inputs: a layer of n neurons cuts each piece before it into at most n + 1 (M. Telgarsky,
    Benefits of depth in neural networks, 2016)."""
    return sum(math.log10(n + 1) for n in sizes[1:-1])


def width_for(budget: int, depth: int, inputs: int, outputs: int) -> int:
    """The greatest n for which `depth` hidden layers of n neurons have at most `budget` parameters.

    The count is a n² + b n + outputs with a = depth − 1, b = inputs + depth + outputs. ValueError where not even n = 1
    fits.
    """
    a, b, c = depth - 1, inputs + depth + outputs, outputs - budget
    if a + b + c > 0:
        raise ValueError(
            f"{budget} parameters are too few for {depth} hidden layers: one neuron each takes {a + b + outputs}"
        )
    if a == 0:
        return -c // b
    return (math.isqrt(b * b - 4 * a * c) - b) // (2 * a)
