r"""The error of interpolating noisy values of a sine on the line, exactly.

n equispaced points of [0, length], values sin(x_i) + e_i, e_i independent of variance s². An interpolant is linear in
the values, so its expected mean squared error is that of the sine itself plus s² times the floor of noise alone
(`experiments.theory.splines`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.theory import splines

Floats = NDArray[np.float64]

INTERPOLANTS = ("line", "cubic")


def quadrature(n: int, length: float) -> tuple[Floats, Floats]:
    """Points (6(n − 1),) and weights, of sum 1, of Gauss's rule in each of the n − 1 cells of [0, length]: exact for
    polynomials of degree 11 in each."""
    nodes, weights = np.polynomial.legendre.leggauss(6)
    x = (np.arange(n - 1)[:, np.newaxis] + (1 + nodes) / 2) * length / (n - 1)
    return x.ravel(), np.tile(weights / 2 / (n - 1), n - 1)


def interpolate(interpolant: str, n: int, length: float, values: Floats, x: Floats) -> Floats:
    """The broken line, or scipy's cubic spline (not-a-knot), through values (n, k) at n equispaced points: (m, k)."""
    from scipy.interpolate import CubicSpline

    t = np.linspace(0, length, n)
    if interpolant == "cubic":
        return np.asarray(CubicSpline(t, values)(x))
    if interpolant != "line":
        raise ValueError(f"no interpolant called {interpolant!r}")
    place = np.clip(np.floor(x / length * (n - 1)).astype(int), 0, n - 2)
    share = (x / length * (n - 1) - place)[:, np.newaxis]
    return np.asarray(values[place] * (1 - share) + values[place + 1] * share)


def bias(interpolant: str, n: int, length: float) -> float:
    """Mean of (I sin − sin)² over [0, length]."""
    x, weights = quadrature(n, length)
    values = np.sin(np.linspace(0, length, n))[:, np.newaxis]
    return float(weights @ (interpolate(interpolant, n, length, values, x)[:, 0] - np.sin(x)) ** 2)


def excess(interpolant: str, n: int, length: float, noise: float) -> float:
    """E of the mean squared error of the interpolant of sin + noise against sin on [0, length], `noise` a variance."""
    floor = splines.LINE_NOISE if interpolant == "line" else splines.cubic_noise_floor(n)
    return bias(interpolant, n, length) + noise * floor
