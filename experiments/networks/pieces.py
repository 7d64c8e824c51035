"""The affine pieces of a ReLU network on the real line, counted exactly.

A shallow net is x -> sum_i v_i relu(w_i x + b_i), given by three arrays (neurons,). It is affine but for kinks at the
knots -b_i/w_i, where its slope jumps by v_i |w_i|.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Kinks:
    """The points where a piecewise affine function changes slope, ascending, and the change there; both (kinks,).

    Which points there are is exact for the weights as floating-point numbers; `at` and `jump` are rounded.
    """

    at: Array
    jump: Array

    def inside(self, low: float, high: float) -> Kinks:
        """The kinks with low < at < high; one that rounds to an end lies outside."""
        chosen = (low < self.at) & (self.at < high)
        return Kinks(self.at[chosen], self.jump[chosen])

    @property
    def pieces(self) -> int:
        """The number of maximal intervals on which the function is affine."""
        return len(self.at) + 1


def shallow_kinks(w: Array, b: Array, v: Array) -> Kinks:
    """The kinks of a shallow net.

    Rounding a quotient keeps the order, so only knots whose floating-point values are equal can be confused. Those are
    told apart, and their jumps added up, in rational arithmetic: neurons that share a knot make one kink, or none where
    their jumps cancel.
    """
    live = (w != 0) & (v != 0)
    w, b, v = w[live], b[live], v[live]
    at = 0.0 - b / w  # never -0.0
    order = np.argsort(at)
    at, w, b, v = at[order], w[order], b[order], v[order]
    jump = v * np.abs(w)
    new = at[1:] != at[:-1]
    if new.all():
        return Kinks(at, jump)
    starts = np.flatnonzero(np.concatenate(([True], new)))
    merged = [
        (float(at[start]), total)
        for start, end in zip(starts, np.append(starts[1:], len(at)), strict=True)
        for total in _jumps(w[start:end], b[start:end], v[start:end])
    ]
    return Kinks(np.array([knot for knot, _ in merged]), np.array([total for _, total in merged]))


def _jumps(w: Array, b: Array, v: Array) -> list[float]:
    """The jumps of slope, in the order of their knots, of neurons whose knots have one floating-point value."""
    if not b.any():  # all at 0: the jump is certain where it exceeds what rounding can do to the sum
        terms = v * np.abs(w)
        if abs(terms.sum()) > len(terms) * np.finfo(np.float64).eps * np.abs(terms).sum():
            return [float(terms.sum())]
    totals: dict[Fraction, Fraction] = {}
    for weight, bias, readout in zip(w.tolist(), b.tolist(), v.tolist(), strict=True):
        knot = -Fraction(bias) / Fraction(weight)
        totals[knot] = totals.get(knot, Fraction(0)) + Fraction(readout) * abs(Fraction(weight))
    return [float(total) for _, total in sorted(totals.items()) if total]


def shallow_output(w: Array, b: Array, v: Array, x: Array) -> Array:
    """The net at the points x; (points,)."""
    return np.maximum(np.outer(x, w) + b, 0) @ v


def shallow_slope(w: Array, b: Array, v: Array, x: Array) -> Array:
    """The net's derivative at the points x, from the neurons that are active there; (points,)."""
    return (np.outer(x, w) + b > 0) @ (v * w)


def between(at: Array) -> Array:
    """One point inside each piece between knots: left of all, between neighbours, right of all; (knots + 1,)."""
    if not len(at):
        return np.zeros(1)
    return np.concatenate(([at[0] - 1 - abs(at[0])], (at[:-1] + at[1:]) / 2, [at[-1] + 1 + abs(at[-1])]))


def grid_kinks(y: Array) -> int:
    """How many kinks second differences see in values on an even grid: runs of neighbours that are not 0.

    A difference is taken for 0 below 1e-11 of the greatest value. Knots in the same cell of the grid, or in cells that
    are neighbours or have one cell between them, run together and are counted once.
    """
    bent = np.abs(np.diff(y, 2)) > 1e-11 * np.abs(y).max()
    return int(np.count_nonzero(bent[1:] & ~bent[:-1]) + bent[0])
