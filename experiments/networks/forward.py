"""One forward pass computed twice, neuron by neuron and layer by layer, and how far rounding can part the two.

A network is a list of (weights (outputs, inputs), biases (outputs,)): a ReLU after every layer but the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Layer = tuple[Floats, Floats]


def normal_network(sizes: Sequence[int], rng: Generator) -> list[Layer]:
    """The guide's: weights and biases N(0, 1)."""
    return [(rng.standard_normal((b, a)), rng.standard_normal(b)) for a, b in pairwise(sizes)]


def integer_network(sizes: Sequence[int], largest: int, rng: Generator) -> list[Layer]:
    """Weights and biases uniform over the integers from −largest to largest."""
    return [
        (
            rng.integers(-largest, largest + 1, (b, a)).astype(np.float64),
            rng.integers(-largest, largest + 1, b).astype(np.float64),
        )
        for a, b in pairwise(sizes)
    ]


def looped(network: Sequence[Layer], inputs: Floats) -> Floats:
    """The outputs neuron by neuron, each a dot product, as the guide computes them."""
    values = list(inputs)
    for weights, biases in network[:-1]:
        values = [max(0.0, np.dot(row, values) + bias) for row, bias in zip(weights, biases, strict=True)]
    weights, biases = network[-1]
    return np.array([np.dot(row, values) + bias for row, bias in zip(weights, biases, strict=True)])


def vectorised(network: Sequence[Layer], inputs: Floats) -> Floats:
    """The outputs by one matrix product a layer."""
    for weights, biases in network[:-1]:
        inputs = np.maximum(weights @ inputs + biases, 0)
    weights, biases = network[-1]
    return np.asarray(weights @ inputs + biases)


def magnitudes(network: Sequence[Layer], inputs: Floats) -> Floats:
    """|W_L| (… |W_1| |x| + |b_1| …) + |b_L|: no intermediate sum for the same output exceeds it; (outputs,)."""
    inputs = np.abs(inputs)
    for weights, biases in network:
        inputs = np.abs(weights) @ inputs + np.abs(biases)
    return inputs


def rounding_bound(network: Sequence[Layer], inputs: Floats) -> Floats:
    """How far two ways of summing can part: 2 gamma_k times the magnitudes, gamma_k = k u/(1 − k u), u = 2^−53.

    A layer with n inputs multiplies each term by at most n + 1 factors 1 + d, |d| <= u (a product, n − 1 sums and the
    bias), in whatever order it sums; ReLU adds no error. k is the sum of n + 1 over the layers, and each computation is
    within gamma_k of the exact value (N. J. Higham, Accuracy and stability of numerical algorithms, 2002, Lemma 3.3 on
    products of gammas).
    """
    k = sum(weights.shape[1] + 1 for weights, _ in network)
    gamma = Fraction(k, 2**53) / (1 - Fraction(k, 2**53))
    return 2 * float(gamma) * magnitudes(network, inputs)


def exact_integers(network: Sequence[Layer], inputs: Floats) -> NDArray[np.int64]:
    """The outputs of a network of integers at integer inputs, in integer arithmetic."""
    whole = [(weights.astype(np.int64), biases.astype(np.int64)) for weights, biases in network]
    values = inputs.astype(np.int64)
    for weights, biases in whole[:-1]:
        values = np.maximum(weights @ values + biases, 0)
    return np.asarray(whole[-1][0] @ values + whole[-1][1])
