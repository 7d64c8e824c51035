"""Deep ReLU networks that are built and not trained, as layers of rational neurons (see networks.rational)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from numpy.random import Generator

from experiments.networks.rational import Layers, Neuron, Region, value

HALF = Fraction(1, 2)

Corners = Sequence[Sequence[int]]
"""Of the domain on which a network is looked at: the ends of an interval, or round a polygon."""

UNIT: Corners = ((0,), (1,))
UNIT_SQUARE: Corners = ((0, 0), (1, 0), (1, 1), (0, 1))
GUIDE_SQUARE: Corners = ((-2, -2), (2, -2), (2, 2), (-2, 2))


def construct(name: str, width: int, depth: int) -> tuple[Layers, Corners]:
    """A zigzag, square, folded network or the guide network, and its domain; all but the zigzag have their own width,
    and the guide's network its own depth."""
    match name:
        case "zigzag":
            return zigzag(width, depth), UNIT
        case "square":
            return square(depth), UNIT
        case "folded":
            return folded(depth), UNIT_SQUARE
        case "guide network":
            return guide_network(), GUIDE_SQUARE
    raise ValueError(f"no construction called {name!r}")


def zigzag(width: int, depth: int) -> Layers:
    """`depth` layers of `width` neurons that fold [0, 1] onto itself `width` times each: width**depth pieces there.

    One fold goes 0, 1, 0, 1, … at 0, 1/w, 2/w, …: it is w relu(x) − 2w relu(x − 1/w) + 2w relu(x − 2/w) − …. Width 2 is
    the sawtooth (M. Telgarsky, "Benefits of depth in neural networks", 2016).
    """
    readout = [Fraction(width), *(Fraction(2 * width * (-1) ** i) for i in range(1, width))]
    knots = [Fraction(i, width) for i in range(width)]
    first: list[Neuron] = [((Fraction(1),), -knot) for knot in knots]
    later: list[Neuron] = [(tuple(readout), -knot) for knot in knots]
    return [first, *[later] * (depth - 1), [(tuple(readout), 0)]]


def square(depth: int) -> Layers:
    """A network of width 3 that interpolates x² at the multiples of 2^-depth in [0, 1].

    s_n = x − Σ_{j<=n} h_j/4^j with h_j the sawtooth of depth j (D. Yarotsky, "Error bounds for approximations with deep
    ReLU networks", 2017). In layer j the first two neurons are h_{j−1} and relu(h_{j−1} − 1/2), whence h_j is twice
    the first less four times the second, and the third carries the sum *with a delay*: s_{j−2} − h_{j−1}/4^{j−1} needs
    two weights, where the sum up to date would need three. 7n − 2 weights and biases for n >= 2, not 8n − 3.
    """
    if depth == 0:
        return [[((Fraction(1),), 0)]]
    layers: list[list[Neuron]] = [[((1,), 0), ((1,), -HALF)]]
    for j in range(2, depth + 1):
        carried = (1, 0) if j == 2 else (Fraction(-1, 4 ** (j - 2)), 0, 1)
        rest = (0,) * (j > 2)
        layers.append([((2, -4, *rest), 0), ((2, -4, *rest), -HALF), (carried, 0)])
    # s_n = s_{n−2} − h_{n−1}/4^(n−1) − h_n/4^n, of the last layer's h_{n−1}, relu(h_{n−1} − 1/2) and s_{n−2}
    h = Fraction(1, 4**depth)
    before = Fraction(1, 4 ** (depth - 1)) if depth > 1 else Fraction(-1)
    last = (-before - 2 * h, 4 * h, *((1,) if depth > 1 else ()))
    return [*layers, [(last, 0)]]


def square_error(found: Sequence[Region]) -> Fraction:
    """max |x² − f(x)| of a piecewise affine f, given by its regions on the line: on a piece of slope m it is at an end
    or, if that is inside, at m/2."""
    errors = []
    for region in found:
        (low,), (high,) = sorted(region.corners)
        for x in (low, high, min(max(region.formula[0] / 2, low), high)):
            errors.append(abs(x**2 - value(region.formula, (x,))))
    return max(errors)


Line = tuple[Fraction | int, Fraction | int, Fraction | int]
"""(a, b, c): the line ax + by + c = 0."""

FOLDED_LINES: tuple[Line, ...] = (
    (1, 0, -HALF),
    (0, 1, Fraction(-11, 20)),
    (1, 1, Fraction(-6, 5)),
    (1, -1, Fraction(-3, 20)),
)
"""x = 1/2, y = 11/20, x + y = 6/5 and x − y = 3/20: all six crossings lie inside the unit square."""


def folded(
    depth: int, lines: Sequence[Line] = FOLDED_LINES, readout: Sequence[Fraction | int] = (1, 3, 7, 19)
) -> Layers:
    """`depth` hidden layers of 4 neurons: all but the last fold the unit square onto itself, and the last draws lines.

    A fold is the sawtooth of two neurons in each coordinate: four squares lie on one (G. Montúfar, R. Pascanu, K. Cho
    and Y. Bengio, "On the number of linear regions of deep neural networks", 2014).
    """
    x, y = (2, -4, 0, 0), (0, 0, 2, -4)
    first: list[Neuron] = [((1, 0), 0), ((1, 0), -HALF), ((0, 1), 0), ((0, 1), -HALF)]
    later: list[Neuron] = [(x, 0), (x, -HALF), (y, 0), (y, -HALF)]
    folds = [first, *[later] * (depth - 2)] if depth > 1 else []
    drawn: list[Neuron] = [
        (tuple(a * u + b * v for u, v in zip(x, y, strict=True)) if folds else (a, b), c) for a, b, c in lines
    ]
    return [*folds, drawn, [(tuple(readout), 0)]]


def guide_network() -> Layers:
    """The guide's 2-2-2-1 network. Its relu on the output does nothing, as no value is below 0."""
    return [[((1, 1), 0), ((-1, 1), -1)], [((1, 1), 0), ((-1, 1), 0)], [((1, 1), 0)]]


def random_twin(width: int, depth: int, rng: Generator) -> Layers:
    """A network of one input: integer weights from −8 to 8, biases in sixteenths of them."""

    def layer(units: int, inputs: int) -> list[tuple[tuple[int, ...], Fraction]]:
        weights, biases = rng.integers(-8, 9, (units, inputs)), rng.integers(-128, 129, units)
        return [(tuple(map(int, row)), Fraction(int(bias), 16)) for row, bias in zip(weights, biases, strict=True)]

    sizes = [1, *[width] * depth]
    return [*(layer(units, inputs) for inputs, units in pairwise(sizes)), layer(1, width)]


def randomly_folded(depth: int, rng: Generator) -> Layers:
    """The folded network with other lines: each passes through a random point of the square, in a random direction."""
    lines = []
    for _ in FOLDED_LINES:
        a, b, x, y = (int(k) for k in rng.integers(1, 1000, 4))
        sign = int(rng.choice([-1, 1]))
        lines.append((a, sign * b, -Fraction(a * x + sign * b * y, 1000)))
    readout = [int(k) for k in rng.integers(1, 1000, len(lines))]
    return folded(depth, lines, readout)
