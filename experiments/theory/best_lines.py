r"""The guide's function f(x) = sin x + cos(2x)/2 on [-5, 5], and the best that p straight pieces can do for it.

How small can the greatest error of a function with p affine pieces be, whatever its pieces and even if they need not
join? That is the number E_p that no ReLU network with p pieces can beat. It is computed here with a certificate.
"""

from __future__ import annotations

import functools
import math
from bisect import bisect, bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOW, HIGH = -5.0, 5.0
STEEPEST = 3.0
"""max |f''|, at -pi/2."""

_BENDS = tuple(
    sorted(
        base + 2 * math.pi * turn
        for sine in ((1 + math.sqrt(33)) / 8, (1 - math.sqrt(33)) / 8)
        for base in (math.asin(sine), math.pi - math.asin(sine))
        for turn in range(-3, 4)
    )
)
"""Inflections within ±15: f'' = -sin x - 2 cos 2x = 0 where 4 s² - s - 2 = 0 for s = sin x."""


def f(x: float) -> float:
    return math.sin(x) + 0.5 * math.cos(2 * x)


def slope(x: float) -> float:
    return math.cos(x) - math.sin(2 * x)


def values(x: Floats) -> Floats:
    """f at many points."""
    return np.asarray(np.sin(x) + 0.5 * np.cos(2 * x))


def curvature(x: Floats) -> Floats:
    """f'' at many points."""
    return np.asarray(-np.sin(x) - 2 * np.cos(2 * x))


@dataclass(frozen=True)
class Line:
    """c + m x on [a, b]. `error` is the greatest |f - line| there. At the three points of `alternation` f - line has
    size `level` and alternating signs, so that no line at all has a greatest error below `level` on any interval that
    holds them."""

    a: float
    b: float
    m: float
    c: float
    alternation: tuple[float, float, float]
    level: float
    error: float


def level_at(t: tuple[float, float, float]) -> float:
    """Half the distance of f at the middle point from the chord of the outer two: what every line misses at one of the
    three (C.-J. de la Vallée Poussin, Sur la méthode de l'approximation minimum, 1910)."""
    m = (f(t[2]) - f(t[0])) / (t[2] - t[0])
    return abs(f(t[1]) - f(t[0]) - m * (t[1] - t[0])) / 2


def turning_points(a: float, b: float, m: float) -> list[float]:
    """The points of (a, b) where f' = m: at most one between neighbouring inflections, where f' is monotone."""
    ends = [a, *_BENDS[bisect(_BENDS, a) : bisect_left(_BENDS, b)], b]
    found = []
    for left, right in pairwise(ends):
        down, up = slope(left) - m, slope(right) - m
        if down * up >= 0:
            continue
        rising = up > 0
        x = (left + right) / 2
        for _ in range(100):  # Newton's steps, halving where they leave the bracket
            value = slope(x) - m
            if (value > 0) == rising:
                right = x
            else:
                left = x
            step = value / (-math.sin(x) - 2 * math.cos(2 * x) or math.inf)
            following = x - step if left < x - step < right else (left + right) / 2
            last, x = x, following
            if abs(x - last) <= 1e-11:  # f - line is flat there: it is off by the square of that
                break
        found.append(x)
    return found


def best_line(a: float, b: float) -> Line:
    """The line of least greatest error on [a, b], by exchange of three points (E. Remez, 1934).

    Between inflections f is convex or concave: the ends and the point whose tangent is parallel to the chord. Else the
    point of greatest error takes the place of one of the three such that signs alternate still, until error and level
    agree to rounding.
    """
    t = (a, (a + b) / 2, b)
    turning = turning_points(a, b, (f(b) - f(a)) / (b - a))
    if _bends_one_way(a, b):
        t = (a, turning[0], b)
    for _ in range(60):
        m = (f(t[2]) - f(t[0])) / (t[2] - t[0])
        half = (f(t[1]) - f(t[0]) - m * (t[1] - t[0])) / 2
        c = f(t[0]) - m * t[0] + half
        residuals = [(x, f(x) - c - m * x) for x in (a, *turning_points(a, b, m), b)]
        worst, residual = max(residuals, key=lambda pair: abs(pair[1]))
        if abs(residual) <= abs(half) * (1 + 1e-13) + 1e-15:
            break
        t = _exchanged(t, half > 0, worst, residual > 0)
    return Line(a, b, m, c, t, abs(half), abs(residual))


def _bends_one_way(a: float, b: float) -> bool:
    return bisect(_BENDS, a) == bisect_left(_BENDS, b)


def _level(a: float, b: float) -> float:
    """The least greatest error of a line on [a, b]."""
    return _touching(a, b)[0] if _bends_one_way(a, b) else best_line(a, b).level


def _touching(a: float, b: float) -> tuple[float, float]:
    """The same where f bends one way, and what it grows by with b. The chord's slope m is that of f at a t between; the
    error is half of f(t) - f(a) - m (t - a), in which t counts for nothing when b moves, as f' = m there."""
    m = (f(b) - f(a)) / (b - a)
    t = (a + b) / 2
    for _ in range(8):
        step = (slope(t) - m) / (-math.sin(t) - 2 * math.cos(2 * t) or math.inf)
        if not a < t - step < b:
            t = turning_points(a, b, m)[0]
            break
        t -= step
        if abs(step) <= 1e-7 * (b - a):
            break
    return abs(f(t) - f(a) - m * (t - a)) / 2, abs(slope(b) - m) * (t - a) / (b - a) / 2


def _exchanged(t: tuple[float, float, float], middle_up: bool, worst: float, up: bool) -> tuple[float, float, float]:
    """The three points with the worst one in place of one of the same sign beside it; the middle one has its own sign,
    the outer two the other."""
    first, middle, last = t
    if worst < first:
        return (worst, middle, last) if up != middle_up else (worst, first, middle)
    if worst > last:
        return (first, middle, worst) if up != middle_up else (middle, last, worst)
    if up == middle_up:
        return first, worst, last
    return (worst, middle, last) if worst < middle else (first, middle, worst)


@dataclass(frozen=True)
class Oracle:
    """E_p between `lower` and `upper`. The pieces attain `upper`; the cells certify `lower` (see `oracle`)."""

    lower: float
    upper: float
    pieces: tuple[Line, ...]
    cells: tuple[Line, ...]


@functools.cache
def oracle(p: int) -> Oracle:
    """The least greatest error of p affine pieces on [-5, 5], to a relative 2e-9.

    The best error on an interval grows with it. So for an error e one cuts greedily, each piece as long as e allows,
    and E_p is the e at which p pieces just reach 5. A little below it the p greedy cells end before 5, and each holds
    three points that every line misses by e. For any p pieces at all, let the i-th be the first to end at or beyond the
    end of cell i: it begins before cell i does, holds all of it and misses by e. That is the certificate: `lower` is
    the least of these levels. A little above E_p the pieces themselves show `upper`.
    """
    from scipy.optimize import brentq

    guess = limit_constant() / p**2

    def overshoot(e: float) -> float:
        return _greedy(p, e)[-1] - HIGH

    low, high = guess / (1 + 5 / p), guess * (1 + 1e-3)  # it comes from below: a narrow bracket needs few cuts
    while overshoot(low) > 0:
        low /= 2
    while overshoot(high) < 0:
        high *= 2
    e = float(brentq(overshoot, low, high, xtol=1e-11 * guess, rtol=1e-11))
    below, above = _greedy(p, e * (1 - 1e-9)), _greedy(p, e * (1 + 1e-9))
    if below[-1] >= HIGH or above[-1] < HIGH:
        raise ArithmeticError(f"the greedy cut into {p} pieces is not monotone in the error {e}")
    cells = tuple(best_line(a, b) for a, b in pairwise(below))
    pieces = tuple(best_line(a, min(b, HIGH)) for a, b in pairwise(above) if a < HIGH)
    return Oracle(
        min(level_at(cell.alternation) for cell in cells), max(piece.error for piece in pieces), pieces, cells
    )


def _greedy(p: int, e: float) -> list[float]:
    """The ends of p intervals from -5 on, each as long as an error e allows; they stop once they are well beyond 5."""
    ends, width = [LOW], (HIGH - LOW) / p
    while len(ends) <= p and ends[-1] <= HIGH + 1:
        ends.append(_end(ends[-1], width, e))
        width = ends[-1] - ends[-2]
    return ends


def _end(a: float, width: float, e: float) -> float:
    """The b up to which a line can go from a with an error of e; the width is a guess.

    Where f bends one way by Newton's steps on the root of the error, which grows nearly evenly with b.
    """
    from scipy.optimize import brentq

    far = a + 1.3 * width
    if _bends_one_way(a, far):
        b = a + width
        for _ in range(20):
            level, growth = _touching(a, b)
            step = 2 * (level - math.sqrt(e * level)) / growth
            if not a < b - step < far:
                break
            b -= step
            if abs(step) <= 1e-9 * width:  # the next step would be off by about the square of that
                return b
    near = a + 1e-3 * width
    while _level(a, far) < e:
        near, far = far, far + 0.5 * width
    return float(brentq(lambda b: _level(a, b) - e, near, far, xtol=1e-13, rtol=1e-14))


@functools.cache
def root_curvature() -> float:
    """The integral of sqrt|f''| over [-5, 5]: 11.09756."""
    ends = np.array([LOW, *(bend for bend in _BENDS if LOW < bend < HIGH), HIGH])
    s, weight = _gauss(np.linspace(0, 1, 5).tolist())
    # With x = a + (b - a) (3 s² - 2 s³) the square roots at the inflections are smooth in s.
    x = ends[:-1, np.newaxis] + np.diff(ends)[:, np.newaxis] * (3 * s**2 - 2 * s**3)
    return float(np.diff(ends) @ np.sqrt(np.abs(curvature(x))) @ (weight * 6 * s * (1 - s)))


def limit_constant() -> float:
    """p² E_p tends to (the integral of sqrt|f''|)²/16 = 7.697: a line misses by |f''| h²/16, and the pieces share the
    integral evenly (C. de Boor, Good approximation by splines with variable knots, 1973)."""
    return root_curvature() ** 2 / 16


@functools.cache
def mean_square_curvature() -> float:
    """The mean of f''² over [-5, 5]."""
    x, weight = _gauss(np.linspace(LOW, HIGH, 41).tolist())
    return float(weight @ curvature(x) ** 2) / (HIGH - LOW)


def equidistributed(cells: int) -> Floats:
    """Knots (cells + 1,) between which the integral of sqrt|f''| is the same."""
    x = np.linspace(LOW, HIGH, 200_001)
    density = np.sqrt(np.abs(curvature(x)))
    total = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2)))
    return np.interp(np.linspace(0, total[-1], cells + 1), total, x)


def greatest_error(knots: Floats, heights: Floats) -> float:
    """max |f - broken line| through (knots, heights), both (k,), knots ascending: exact, at knots and where the slope
    of f is that of the line."""
    greatest = float(np.abs(values(knots) - heights).max())
    for (a, b), (y, z) in zip(pairwise(knots.tolist()), pairwise(heights.tolist()), strict=True):
        if b > a:
            m = (z - y) / (b - a)
            for x in turning_points(a, b, m):
                greatest = max(greatest, abs(f(x) - y - m * (x - a)))
    return greatest


def mean_squared_error(knots: Floats, heights: Floats) -> float:
    """Mean over the interval from the first knot to the last of (f - broken line)², by Gauss's rule in each cell,
    long ones cut."""
    x, weight = _gauss(np.union1d(knots, np.linspace(knots[0], knots[-1], 41)).tolist())
    return float(weight @ (values(x) - np.interp(x, knots, heights)) ** 2) / float(knots[-1] - knots[0])


def _gauss(ends: list[float]) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss's rule with 12 points in each interval between neighbouring ends."""
    node, weight = np.polynomial.legendre.leggauss(12)
    start, length = np.array(ends[:-1])[:, np.newaxis], np.diff(ends)[:, np.newaxis]
    return (start + (node + 1) / 2 * length).ravel(), (weight / 2 * length).ravel()
