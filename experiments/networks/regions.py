"""The exact linear regions of a ReLU network of any depth on a rectangle of the plane, by clipping polygons.

On a polygon where the activation pattern of the layers before is constant, the next layer is affine. Each of its
neurons is zero on a line that cuts some of the polygons in two; when all have cut, the pattern of this layer is
constant too. So the layers are taken one after the other, and all polygons are cut at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

ON_THE_LINE = 1e-13
"""A vertex is on a line if its value there is below this fraction of the largest value in the rectangle could be."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Convex polygons on each of which f(x) = gradient·x + intercept.

    Polygon r has the vertices[offsets[r]:offsets[r + 1]], counter-clockwise; vertices (v, 2), offsets (regions + 1,),
    gradient (regions, 2), intercept (regions,).
    """

    vertices: Floats
    offsets: Indices
    gradient: Floats
    intercept: Floats

    def __len__(self) -> int:
        return int(self.offsets.size - 1)

    def areas(self) -> Floats:
        """The area of each polygon, by the shoelace formula."""
        here, there = self.vertices, self.vertices[_following(self.offsets)]
        return np.asarray(np.add.reduceat(here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0], self.offsets[:-1]) / 2)

    def centres(self) -> Floats:
        """The mean of each polygon's vertices, shape (regions, 2): a point inside it."""
        return _centres(self.vertices, self.offsets)

    def values(self) -> Floats:
        """Each polygon's affine formula at its vertices, shape (v,)."""
        owner = _owner(self.offsets)
        return np.asarray((self.gradient[owner] * self.vertices).sum(axis=1) + self.intercept[owner])

    def formula_error(self, network: ReluNetwork) -> float:
        """The largest difference between the affine formulas and the forward pass, at all vertices and centres,
        relative to the largest |f| there. The vertices show a line in the wrong place, the centres a missing one."""
        centres = self.centres()
        points = np.concatenate([self.vertices, centres])
        formula = np.concatenate([self.values(), (self.gradient * centres).sum(axis=1) + self.intercept])
        return float(np.abs(formula - network(points)).max() / np.abs(formula).max())

    def by_steepness(self) -> dict[str, Floats | Indices]:
        """The polygons to draw, each with the length of its gradient as value (regions,)."""
        return {
            "vertices": self.vertices,
            "offsets": self.offsets,
            "value": np.asarray(np.linalg.norm(self.gradient, axis=1)),
        }

    def boundary(self) -> tuple[Floats, Floats]:
        """The set {f = 0} as segments: their ends, two arrays (segments, 2). Ends may coincide.

        Where f vanishes on a whole polygon, those of its sides that are shared with a polygon where it does not.
        """
        owner = _owner(self.offsets)
        value = self.values()
        size = np.abs(self.gradient).sum(axis=1) * np.abs(self.vertices).max() + np.abs(self.intercept)
        value = np.where(np.abs(value) <= ON_THE_LINE * size[owner], 0.0, value)
        points, owners, side = _with_crossings(self.vertices, self.offsets, value)
        points, owners = points[side == 0], owners[side == 0]
        first = np.flatnonzero(np.diff(owners, prepend=-1))
        last = np.append(first[1:], owners.size) - 1
        return points[first], points[last[: first.size]]


def linear_regions(network: ReluNetwork, low: tuple[float, float], high: tuple[float, float]) -> Regions:
    """The linear regions of `network` (two inputs) that meet the rectangle [low, high]."""
    if network.inputs != 2:
        raise ValueError(f"linear regions are enumerated in the plane, and this network has {network.inputs} inputs")
    (x0, y0), (x1, y1) = low, high
    vertices = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)
    offsets = np.array([0, 4])
    reach = float(np.abs(vertices).max())
    # The layer's inputs as affine functions of the plane, one set a polygon: (polygons, units, 3), last the constant.
    signal = np.eye(2, 3)[np.newaxis]
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        if layer > 0:
            centres = _centres(vertices, offsets)
            on = (signal[:, :, :2] * centres[:, np.newaxis]).sum(axis=2) + signal[:, :, 2] > 0
            signal = signal * on[:, :, np.newaxis]
        signal = np.einsum("rik,ij->rjk", signal, weight)
        signal[:, :, 2] += bias
        if layer < len(network.weights) - 1:
            for unit in range(weight.shape[1]):
                vertices, offsets, parents = _cut(vertices, offsets, signal[:, unit], reach)
                signal = signal[parents]
    return Regions(vertices, offsets, signal[:, 0, :2], signal[:, 0, 2])


def _cut(vertices: Floats, offsets: Indices, line: Floats, reach: float) -> tuple[Floats, Indices, Indices]:
    """Cut polygon r where line[r] = (a, b, c) has a·x + b·y + c = 0; also returns each new polygon's parent."""
    owner = _owner(offsets)
    own = line[owner]
    value = own[:, 0] * vertices[:, 0] + own[:, 1] * vertices[:, 1] + own[:, 2]
    size = np.abs(own[:, :2]).sum(axis=1) * reach + np.abs(own[:, 2])
    value = np.where(np.abs(value) <= ON_THE_LINE * size, 0.0, value)
    above = np.maximum.reduceat(value, offsets[:-1]) > 0
    below = np.minimum.reduceat(value, offsets[:-1]) < 0
    if not (above & below).any():
        return vertices, offsets, np.arange(offsets.size - 1)
    points, owners, side = _with_crossings(vertices, offsets, value)
    # A polygon that is not cut stays whole, even if a side of it lies on the line.
    upper = (side >= 0) & above[owners] | ~(above | below)[owners]
    lower = (side <= 0) & below[owners]
    kept = np.concatenate([points[upper], points[lower]])
    child = np.concatenate([owners[upper], owners[lower] + offsets.size])
    starts = np.flatnonzero(np.diff(child, prepend=-1))
    return kept, np.append(starts, child.size), child[starts] % offsets.size


def _with_crossings(vertices: Floats, offsets: Indices, value: Floats) -> tuple[Floats, Indices, Indices]:
    """All vertices in order, and between two of opposite sign the point where the value crosses zero.

    Returns the points, the polygon that each belongs to, and the sign of the value there.
    """
    following = _following(offsets)
    ahead = value[following]
    crossing = np.sign(value) * np.sign(ahead) < 0
    share = value[crossing] / (value[crossing] - ahead[crossing])
    between = vertices[crossing] + share[:, np.newaxis] * (vertices[following[crossing]] - vertices[crossing])
    # Each vertex moves back by the number of crossings before it.
    count = np.cumsum(crossing)
    place = np.arange(value.size) + count - crossing
    points = np.empty((value.size + between.shape[0], 2))
    side = np.zeros(points.shape[0], dtype=np.int64)
    owners = np.empty(points.shape[0], dtype=np.int64)
    points[place], points[place[crossing] + 1] = vertices, between
    side[place] = np.sign(value)
    owners[place] = _owner(offsets)
    owners[place[crossing] + 1] = owners[place[crossing]]
    return points, owners, side


def _owner(offsets: Indices) -> Indices:
    return np.repeat(np.arange(offsets.size - 1), np.diff(offsets))


def _following(offsets: Indices) -> Indices:
    """The index of the next vertex around each vertex's polygon."""
    following = np.arange(1, offsets[-1] + 1)
    following[offsets[1:] - 1] = offsets[:-1]
    return following


def _centres(vertices: Floats, offsets: Indices) -> Floats:
    return np.asarray(np.add.reduceat(vertices, offsets[:-1]) / np.diff(offsets)[:, np.newaxis])
