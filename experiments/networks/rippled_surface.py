"""The guide's surface f(a, b) = A sin 5a cos 5b + a² + b² by its own formula, and Newton's and gradient descent on it.

Nothing here knows that f separates in a + b and a − b: `experiments.theory.landscape` does, and is judged by this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
