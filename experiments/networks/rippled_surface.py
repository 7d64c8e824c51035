"""The guide's surface f(a, b) = A sin 5a cos 5b + a² + b² by its own formula, and Newton's and gradient descent on it.

Nothing here knows that f separates in a + b and a − b: `experiments.theory.landscape` does, and is judged by this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KINDS = ("minima", "saddles", "maxima")
"""Of critical points, by their Morse index: 0, 1, 2."""
SHOWN = 10
"""Descents drawn along each side of the square."""


@dataclass(frozen=True, eq=False)
class Surface:
    """f of one amplitude at points a, b of one shape; every sine and cosine is taken once."""

    a: Floats
    b: Floats
    amplitude: float

    @cached_property
    def _sines(self) -> tuple[Floats, Floats]:
        return np.sin(5 * self.a), np.sin(5 * self.b)

    @cached_property
    def _cosines(self) -> tuple[Floats, Floats]:
        return np.cos(5 * self.a), np.cos(5 * self.b)

    def value(self) -> Floats:
        return np.asarray(self.amplitude * self._sines[0] * self._cosines[1] + self.a**2 + self.b**2)

    def gradient(self) -> tuple[Floats, Floats]:
        """The derivatives by a and by b."""
        slope = 5 * self.amplitude
        return (
            np.asarray(slope * self._cosines[0] * self._cosines[1] + 2 * self.a),
            np.asarray(2 * self.b - slope * self._sines[0] * self._sines[1]),
        )

    def hessian(self) -> tuple[Floats, Floats]:
        """The two equal diagonal entries and the off-diagonal one."""
        bend = 25 * self.amplitude
        return (
            np.asarray(2 - bend * self._sines[0] * self._cosines[1]),
            np.asarray(-bend * self._cosines[0] * self._sines[1]),
        )


def critical_points(starts: Floats, amplitude: float) -> Floats:
    """The different limits (m, 2) of Newton's iteration on the gradient from starts (n, 2), each step at most 0.1."""
    points, found = starts, []
    for _ in range(100):
        here = Surface(points[:, 0], points[:, 1], amplitude)
        p, q = here.gradient()
        diagonal, off = here.hessian()
        determinant = diagonal**2 - off**2
        determinant = np.where(np.abs(determinant) < 1e-12, 1e-12, determinant)
        step = np.stack([off * q - diagonal * p, off * p - diagonal * q], axis=1) / determinant[:, np.newaxis]
        length = np.maximum(np.abs(step).max(axis=1), 1e-300)
        points = points + step * np.minimum(1.0, 0.1 / length)[:, np.newaxis]
        settled = (length < 1e-9) & (np.hypot(p, q) < 1e-8)
        found.append(points[settled])
        points = points[~settled & (np.abs(points).max(axis=1) < 2 * np.abs(starts).max())]
    return distinct(np.concatenate(found))


def distinct(points: Floats) -> Floats:
    """One of each cluster of points (n, 2) that agree to 1e-6."""
    rounded = np.unique(np.round(points, 7), axis=0)
    kept = np.empty((0, 2))
    for point in rounded:
        if not (np.abs(point - kept).max(axis=1) < 1e-6).any():
            kept = np.vstack([kept, point])
    return kept


@dataclass(frozen=True, eq=False)
class Classified:
    """Points (n, 2), and at each the value of f, the number of negative eigenvalues of the Hessian, which is the Morse
    index of a critical point, and the least eigenvalue, (n,) each."""

    points: Floats
    values: Floats
    index: NDArray[np.int64]
    curvature: Floats


def classify(points: Floats, amplitude: float) -> Classified:
    here = Surface(points[:, 0], points[:, 1], amplitude)
    diagonal, off = here.hessian()
    index = (diagonal - off < 0).astype(int) + (diagonal + off < 0)
    return Classified(points, here.value(), index, diagonal - np.abs(off))


def census(found: Classified, half: float) -> dict[str, float]:
    """Of critical points, by name: how many of each of KINDS there are, on the plane and in the square |a|, |b| ≤ half,
    and their mean height (if any); the alternating sum of the counts; value and place of the lowest; the least
    curvature of a minimum; and the correlation of height and index, if there are two points or more."""
    index, values = found.index, found.values
    inside = np.abs(found.points).max(axis=1) <= half
    counted = {name: float(np.sum(index == i)) for i, name in enumerate(KINDS)}
    counted |= {f"{name}_inside": float(np.sum((index == i) & inside)) for i, name in enumerate(KINDS)}
    counted |= {f"mean_{name}": float(values[index == i].mean()) for i, name in enumerate(KINDS) if np.any(index == i)}
    lowest = int(np.argmin(values))
    counted |= {
        "alternating_sum": counted["minima"] - counted["saddles"] + counted["maxima"],
        "lowest": float(values[lowest]),
        "lowest_a": float(found.points[lowest, 0]),
        "lowest_b": float(found.points[lowest, 1]),
        "flattest": float(found.curvature[index == 0].min()),
    }
    if len(values) > 1:
        counted["index_correlation"] = float(np.corrcoef(index, values)[0, 1])
    return counted


def jittered(side: int, half: float, rng: Generator) -> Floats:
    """A point at random in each of side × side equal cells of the square |a|, |b| ≤ half: (side², 2)."""
    a, b = np.meshgrid(np.arange(side), np.arange(side))
    corners = np.stack([a.ravel(), b.ravel()], axis=1)
    return (corners + rng.random(corners.shape)) * (2 * half / side) - half


def descend(starts: Floats, amplitude: float, steps: int, rate: float) -> tuple[Floats, Floats]:
    """Where gradient descent from starts (n, 2) ends, (n, 2), and f after 0 … steps steps, (steps + 1, n)."""
    a, b = starts.T
    values = np.empty((steps + 1, len(starts)))
    for k in range(steps + 1):
        here = Surface(a, b, amplitude)
        values[k] = here.value()
        if k < steps:
            p, q = here.gradient()
            a, b = a - p * rate, b - q * rate
    return np.stack([a, b], axis=1), values


def pictures(
    found: Classified, starts: Floats, ends: Floats, amplitude: float, half: float
) -> dict[str, Mapping[str, NDArray[Any]]]:
    """The fields surface, on the square |a|, |b| ≤ half, critical_points, and descents: of those from jittered starts
    to ends (side², 2) about SHOWN a side."""
    across = np.linspace(-half, half, 60)
    side = round(len(starts) ** 0.5)
    every = max(1, side // SHOWN)
    (x0, y0), (x1, y1) = (points.reshape(side, side, 2)[::every, ::every].reshape(-1, 2).T for points in (starts, ends))
    return {
        "surface": {"x": across, "y": across, "z": Surface(*np.meshgrid(across, across), amplitude).value()},
        "critical_points": {"x": found.points[:, 0], "y": found.points[:, 1], "value": found.index},
        "descents": {"x0": x0, "y0": y0, "x1": x1, "y1": y1},
    }
