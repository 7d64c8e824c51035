r"""How often the neurons of a random deep ReLU network change sign along a path.

Weights are independent normal with mean 0 and one variance a layer; without biases unless something else is said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def expected_crossings(widths: Sequence[int], angle: float) -> float:
    r"""E of the sign changes of all hidden neurons along a path in a plane that turns about the origin by `angle`
    (radians), without turning back, in any input dimension >= 2:

    (angle/π) Σ_l n_l Π_{j<l} (1 − (n_j + 1) 2^(−n_j)).

    Derivation. A neuron of layer l is zero where its normal weights are orthogonal to h, the output of the layers
    before. As h moves it crosses zero at the rate |u'|/π with u = h/|h|: only turning counts (S. O. Rice, 1944). For
    layer 1 that is the angle over π. Passing a layer, h becomes relu(Wh); of its n neurons k ~ Bin(n, 1/2) are on. On
    those the entries of Wu and of Wu' are independent normal vectors, as u' is orthogonal to u. The new direction turns
    at the rate |the part of Wu' orthogonal to Wu|/|Wu|, which is |u'| times the quotient of two independent variables,
    chi with k − 1 and with k degrees of freedom. E χ_(k−1) · E 1/χ_k = 1 for every k >= 2, and with k <= 1
    nothing turns: the rate is kept but for the factor P(k >= 2) = 1 − (n + 1) 2^(−n). So depth adds crossings in
    proportion to its neurons; it does not multiply them.
    """
    total, kept = 0.0, 1.0
    for width in widths:
        total += width * kept
        kept *= 1 - (width + 1) * 2.0**-width
    return angle / math.pi * total


def biased_crossings(width: int, depth: int, spread: float) -> float:
    r"""E of the sign changes of all hidden neurons along the segment from (−1, 0) to (1, 0), for weights of variance
    2/(inputs of the layer) and normal biases of standard deviation `spread`, as the width goes to infinity:

    width Σ_l (2/π) arctan(1/(spread √l)),

    for layer 1 exactly and at every width. Derivation. At the point (s, 0) the preactivations z of wide layers are
    normal, and a relu halves the mean square that the weights double: E z² = s² + l spread² in layer l, and likewise
    E z'² = 1 for the derivative in s, and E zz' = s. By S. O. Rice, 1944, a normal process has
    sqrt(E z² E z'² − (E zz')²)/(π E z²) zeros a length, here spread √l/(π (s² + l spread²)), whose integral is the
    arctangent.
    """
    return width * sum(2 / math.pi * math.atan2(1, spread * math.sqrt(layer)) for layer in range(1, depth + 1))


def most_pieces(widths: Sequence[int]) -> int:
    """Π (n_l + 1): the most pieces that a ReLU network can have along a line, for a neuron of layer l can bend each
    piece of the layers before once: n_l + 1 pieces in place of each."""
    return math.prod(width + 1 for width in widths)
