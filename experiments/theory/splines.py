r"""How well splines on n equispaced points approximate a smooth function, and what they make of noise.

h is the distance of the points. Noise is independent at the points, of variance s²; errors are means over the interval.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LINE_NOISE = 2 / 3
"""Mean square over a cell of the broken line through independent noise of variance 1: of (1 − t)² + t²."""


def line_bound(h: float, curvature: float = 1.0) -> float:
    """sup |f − broken line| <= h²/8 max |f''|, with equality for parabolas: Rolle's theorem, twice."""
    return h**2 / 8 * curvature


def hall_meyer(h: float, fourth: float = 1.0) -> float:
    """sup |f − clamped cubic spline| <= (5/384) h⁴ max |f''''|, with the best constant for unequal knots (C. A. Hall
    and W. W. Meyer, Optimal error bounds for cubic spline interpolation, 1976). Not for not-a-knot splines."""
    return 5 / 384 * h**4 * fourth


def euler(x: Floats, h: float) -> Floats:
    """A function that attains that bound: ±h⁴ u (1 − u)(1 + u − u²)/24 in the cells of length h from 0 to x.max(), u
    from 0 to 1 in each and the sign alternating; shape of x (m,).

    Its fourth derivative is ±1, its lower ones are continuous: at the points f = f'' = 0, f' = ±h³/24. In the middle of
    a cell |f| = 5h⁴/384. The cubic spline that is zero at all points and has f's slopes at the ends decays from there
    by a factor of 2 − sqrt 3 a cell. (L. Euler's polynomial of degree 4, cell by cell.)"""
    place = x / h
    cell = np.minimum(np.floor(place + 1e-9), np.round(place.max()) - 1)
    u = np.clip(place - cell, 0, 1)
    return np.asarray((1 - 2 * (cell % 2)) * h**4 / 24 * u * (1 - u) * (1 + u - u**2))


def cubic_leading(h: float, fourth: float = 1.0) -> float:
    """sup |f − clamped cubic spline| ~ (1/384) h⁴ max |f''''| for equispaced knots and smooth f.

    In a cell, with t from 0 to 1, the error of the spline through x⁴/24 is h⁴ t²(1 − t)²/24, at most h⁴/384: its second
    derivative t²/2 less its chord plus 1/12 satisfies the equations of the moments (see end_constant)."""
    return h**4 / 384 * fourth


def end_constant() -> float:
    """What not-a-knot ends make of that: the error near an end is this times (1/384) h⁴ |f''''(end)|; 10.85.

    Derived on the half line for f = x⁴/24, h = 1. The errors d_i of the second derivative at the knots obey
    d_{i-1} + 4 d_i + d_{i+1} = 1/2, so d_i = 1/12 + c z^i with z = sqrt 3 − 2. Not-a-knot means that the third
    derivative does not jump at knot 1, d_0 − 2 d_1 + d_2 = 1, so c = 1/(1 − z)². Integrating twice, in the first cell
    the error is t²(1 − t)²/24 − (c/6) ((1 − t) − (1 − t)³ + z (t − t³)), whose maximum is found on a grid.
    """
    z = math.sqrt(3) - 2
    t = np.linspace(0, 1, 10_001)
    bend = (1 - t) - (1 - t) ** 3 + z * (t - t**3)
    return float(384 * np.abs(t**2 * (1 - t) ** 2 / 24 - bend / (6 * (1 - z) ** 2)).max())


def cubic_noise() -> float:
    r"""Mean square of the cubic spline through noise of variance 1 at all integers: 0.8742307489.

    It is the integral of the cardinal spline squared (I. J. Schoenberg, Cardinal spline interpolation, 1973). Its
    Fourier transform is that of the B-spline over $b_3(w) = \sum_k B_3(k) e^{ikw} = (4 + 2\cos w)/6$, so that by
    Parseval the integral is $\frac1{2\pi}\int_0^{2\pi} b_7/b_3^2$, where $b_7$, the samples of the B-spline of
    degree 7, comes from $B_3 * B_3$. The trapezoidal rule is exact to rounding for periodic analytic functions.
    """
    w = np.arange(200) * 2 * math.pi / 200
    b3 = (4 + 2 * np.cos(w)) / 6
    b7 = (2416 + 2 * (1191 * np.cos(w) + 120 * np.cos(2 * w) + np.cos(3 * w))) / 5040
    return float(np.mean(b7 / b3**2))


DENSE = 40


@functools.cache
def cubic_noise_floor(points: int) -> float:
    """Expected mean square of the not-a-knot cubic spline through noise of variance 1 at n >= 4 points.

    The trace of S^T G S, S the map from data to spline and G the Gram matrix of the mean over the interval, here by
    Gauss's rule in every cell, exact for polynomials of degree 6. Beyond 40 points the value is c + d/(n − 1) up to
    terms that fall like (2 − sqrt 3)^n, since the ends disturb only their neighbourhood: c is that of the whole line
    and d comes from n = 40.
    """
    if points > DENSE:
        whole = cubic_noise()
        return whole + (cubic_noise_floor(DENSE) - whole) * (DENSE - 1) / (points - 1)
    from scipy.interpolate import CubicSpline

    node, weight = np.polynomial.legendre.leggauss(4)
    knots = np.arange(points, dtype=np.float64)
    inside = (knots[:-1, np.newaxis] + (node + 1) / 2).ravel()
    basis = CubicSpline(knots, np.eye(points))(inside)
    return float(np.square(basis).sum(axis=1) @ np.tile(weight / 2, points - 1)) / (points - 1)


def line_mse(h: float, curvature_square: float) -> float:
    """Mean squared error of the broken line without noise, ~ h⁴/120 times the mean of f''²: that of (f''/2) t(1 − t)h²,
    as the integral of t²(1 − t)² is 1/30."""
    return h**4 / 120 * curvature_square


def hinges_mse(cells: int, points: int, length: float, curvature_square: float, noise: float) -> float:
    """Mean squared error of the least-squares broken line with K cells on n >> K points with noise of variance s²:
    ~ h⁴/720 mean f''² + s² (K + 1)/n, h = length/K.

    The best approximation of a parabola is the interpolant moved by its mean error: of (f''/2) h² t(1 − t) it leaves
    the variance (f''²/4) h⁴ (1/30 − 1/36) = f''² h⁴/720. K + 1 coefficients cost s² each over n.
    """
    return (length / cells) ** 4 / 720 * curvature_square + noise * (cells + 1) / points


def untrained_mse(neurons: int, length: float, signal: float) -> float:
    """Mean over [0, length] of E (f(x) − g(x))² for a network f with one hidden layer, all weights and biases N(0, 1):
    E f² = N (x² + 1)/2 + 1 and E f = 0, so N (length²/3 + 1)/2 + 1 + mean of g²."""
    return neurons * (length**2 / 3 + 1) / 2 + 1 + signal
