"""Networks with one hidden ReLU layer that are built, not trained, to run through given points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hinges:
    """f(t) = bias + Σ_i jumps_i relu(t − knots_i), `knots` (N,) increasing: N hidden neurons.

    For inputs in R^d, t = w·x with one direction w for all neurons. Numbers are float64, or Fractions in object arrays.
    """

    knots: NDArray[Any]
    jumps: NDArray[Any]
    bias: Any

    def __call__(self, t: NDArray[Any]) -> NDArray[Any]:
        """f at points t (n,): shape (n,)."""
        return np.asarray(self.bias + np.maximum(t[:, np.newaxis] - self.knots, 0) @ self.jumps)


def through(t: NDArray[Any], y: NDArray[Any]) -> Hinges:
    """The network of n − 1 neurons through n points, t (n,) strictly increasing, y (n,): a hinge at each point but the
    last, and jumps that make the slope that of the chord."""
    slopes = np.diff(y) / np.diff(t)
    return Hinges(t[:-1], np.concatenate([slopes[:1], np.diff(slopes)]), y[0])


def exact_residual(t: Sequence[float], y: Sequence[float]) -> Fraction:
    """The greatest |f(t_i) − y_i| of `through`, in rational arithmetic on the floats as they are."""
    exact_t, exact_y = (np.array([Fraction(float(x)) for x in values], dtype=object) for values in (t, y))
    return Fraction(max(abs(through(exact_t, exact_y)(exact_t) - exact_y)))


def best_fit(t: Floats, y: Floats, knots: Floats) -> Floats:
    """Values (n,) at t of the best least-squares fit to y (n,) by an affine function plus hinges at `knots`."""
    design = np.column_stack([np.ones_like(t), t, np.maximum(t[:, np.newaxis] - knots, 0)])
    return np.asarray(design @ np.linalg.lstsq(design, y)[0])
