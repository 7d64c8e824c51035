"""ReLU networks in rational arithmetic: their regions on an interval or a polygon, and their affine pieces, exactly.

A network is a sequence of layers, each a list of neurons; a neuron is its weights and its bias, all of them fractions
or integers. relu stands between the layers, not after the last, which has one neuron.

Three counts differ: *regions* of constant activation (where no neuron of any layer changes sign), *pieces* (the fewest
connected sets on which the function is affine: neighbouring regions with one formula are one piece) and formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Neuron = tuple[Sequence[Fraction | int], Fraction | int]
Layers = Sequence[Sequence[Neuron]]
Point = tuple[Fraction, ...]
Formula = tuple[Fraction, ...]
"""An affine function of the inputs: the weights, then the constant."""

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Region:
    """A convex cell and the network's formula on it; its corners are the two ends, or in the plane go round it."""

    corners: tuple[Point, ...]
    formula: Formula

    @property
    def size(self) -> Fraction:
        """Length or area."""
        if len(self.corners[0]) == 1:
            return abs(self.corners[1][0] - self.corners[0][0])
        around = (*self.corners, self.corners[0])
        return abs(sum((a[0] * b[1] - b[0] * a[1] for a, b in pairwise(around)), ZERO)) / 2


def regions(layers: Layers, corners: Sequence[Sequence[Fraction | int]]) -> list[Region]:
    """The regions of constant activation of a network within an interval (two corners) or a convex polygon."""
    inputs = len(corners[0])
    if inputs > 2:
        raise ValueError(f"regions are found on the line and in the plane, and this network has {inputs} inputs")
    identity = tuple(tuple(ONE if i == j else ZERO for j in range(inputs + 1)) for i in range(inputs))
    start = tuple(tuple(Fraction(value) for value in corner) for corner in corners)
    cells: list[tuple[tuple[Point, ...], tuple[Formula, ...]]] = [(start, identity)]
    for layer in layers[:-1]:
        cells = [grown for cell, signal in cells for grown in _through(cell, _composed(layer, signal))]
    return [Region(cell, _composed(layers[-1], signal)[0]) for cell, signal in cells]


def pieces(found: Sequence[Region]) -> list[list[Region]]:
    """The regions grouped into pieces: those of one formula that are connected by common points (on the line) or common
    stretches of sides (in the plane)."""
    groups: list[list[Region]] = []
    by_formula: dict[Formula, list[Region]] = {}
    for region in found:
        by_formula.setdefault(region.formula, []).append(region)
    for alike in by_formula.values():
        open_ = list(alike)
        while open_:
            group, queue = [], [open_.pop()]
            while queue:
                region = queue.pop()
                group.append(region)
                touching = [other for other in open_ if _adjacent(region, other)]
                open_ = [other for other in open_ if other not in touching]
                queue += touching
            groups.append(group)
    return groups


def value(formula: Formula, point: Sequence[Fraction]) -> Fraction:
    return sum((a * x for a, x in zip(formula, point, strict=False)), formula[-1])


def output(layers: Layers, point: Sequence[Fraction]) -> Fraction:
    """The network at a point, by the forward pass."""
    signal = list(point)
    for layer in layers[:-1]:
        signal = [max(_affine(neuron, signal), ZERO) for neuron in layer]
    return _affine(layers[-1][0], signal)


def size(layers: Layers) -> int:
    """The number of weights and biases that are not zero."""
    return sum(sum(1 for value in (*weights, bias) if value) for layer in layers for weights, bias in layer)


def by_steepness(found: Sequence[Region]) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Regions of the plane as polygons to draw, in floating point: vertices (v, 2), offsets (regions + 1,), and as
    value the length of the gradient (regions,)."""
    vertices = [[float(x) for x in corner] for region in found for corner in region.corners]
    lengths = [len(region.corners) for region in found]
    slope = [math.hypot(*map(float, region.formula[:2])) for region in found]
    return {"vertices": np.array(vertices), "offsets": np.cumsum([0, *lengths]), "value": np.array(slope)}


def _affine(neuron: Neuron, signal: Sequence[Fraction]) -> Fraction:
    weights, bias = neuron
    return sum((weight * x for weight, x in zip(weights, signal, strict=True)), Fraction(bias))


def _composed(layer: Sequence[Neuron], signal: Sequence[Formula]) -> tuple[Formula, ...]:
    """The formulas of a layer's neurons where the layer below has the formulas `signal`."""
    composed = []
    for weights, bias in layer:
        total = [ZERO] * (len(signal[0]) - 1) + [Fraction(bias)]
        for weight, formula in zip(weights, signal, strict=True):
            if weight:
                total = [t + weight * a for t, a in zip(total, formula, strict=True)]
        composed.append(tuple(total))
    return tuple(composed)


def _through(
    cell: tuple[Point, ...], formulas: tuple[Formula, ...]
) -> list[tuple[tuple[Point, ...], tuple[Formula, ...]]]:
    """The cell cut where the neurons with these formulas change sign, each part with the formulas after relu."""
    parts = [cell]
    for formula in formulas:
        parts = [part for whole in parts for part in _cut(whole, formula)]
    zero = (ZERO,) * len(formulas[0])
    return [
        (part, tuple(formula if any(value(formula, point) > 0 for point in part) else zero for formula in formulas))
        for part in parts
    ]


def _cut(cell: tuple[Point, ...], formula: Formula) -> list[tuple[Point, ...]]:
    values = [value(formula, corner) for corner in cell]
    if not (min(values) < 0 < max(values)):
        return [cell]
    if len(cell[0]) == 1:
        middle = _between(cell[0], cell[1], values[0], values[1])
        return [(cell[0], middle), (middle, cell[1])]
    above: list[Point] = []
    below: list[Point] = []
    corners = list(zip(cell, values, strict=True))
    for (corner, here), (following, there) in pairwise([*corners, corners[0]]):
        above += [corner] if here >= 0 else []
        below += [corner] if here <= 0 else []
        if here * there < 0:
            crossing = _between(corner, following, here, there)
            above.append(crossing)
            below.append(crossing)
    return [tuple(above), tuple(below)]


def _between(a: Point, b: Point, here: Fraction, there: Fraction) -> Point:
    share = here / (here - there)
    return tuple(x + share * (y - x) for x, y in zip(a, b, strict=True))


def _adjacent(first: Region, second: Region) -> bool:
    if len(first.corners[0]) == 1:
        return bool({*first.corners} & {*second.corners})
    return any(_overlap(side, other) for side in _sides(first) for other in _sides(second))


def _sides(region: Region) -> list[tuple[Point, Point]]:
    return list(pairwise((*region.corners, region.corners[0])))


def _overlap(side: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two sides have a stretch of positive length in common."""
    (a, b), direction = side, (side[1][0] - side[0][0], side[1][1] - side[0][1])
    if any(direction[0] * (p[1] - a[1]) != direction[1] * (p[0] - a[0]) for p in other):
        return False
    along = [direction[0] * p[0] + direction[1] * p[1] for p in (a, b, *other)]
    return max(along[0], min(along[2:])) < min(along[1], max(along[2:]))
