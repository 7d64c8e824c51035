r"""The surface $f(a, b) = A \sin 5a \cos 5b + a^2 + b^2$ and all its critical points.

In $u = a + b$, $v = a - b$ it separates: $\sin 5a\cos 5b = \tfrac12(\sin 5u + \sin 5v)$ and
$a^2+b^2 = \tfrac12(u^2+v^2)$, so that $f = g(u) + g(v)$ with $g(t) = \tfrac A2\sin 5t + \tfrac12t^2$. A critical
point of f is a pair of critical points of g; its Hessian in (a, b) has the eigenvalues $2g''(u)$, $2g''(v)$, and its
Morse index is the number of maxima of g in the pair. The derivations are ours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """The critical points of g in increasing order: minima (k,) and the maxima between them (k − 1,)."""

    minima: Floats
    maxima: Floats


def g(t: Floats, amplitude: float) -> Floats:
    return np.asarray(amplitude / 2 * np.sin(5 * t) + t**2 / 2)


def slope(t: Floats, amplitude: float) -> Floats:
    """g'(t)."""
    return np.asarray(5 * amplitude / 2 * np.cos(5 * t) + t)


def bend(t: Floats, amplitude: float) -> Floats:
    """g''(t)."""
    return np.asarray(1 - 25 * amplitude / 2 * np.sin(5 * t))


def profile(amplitude: float) -> Profile:
    """Every critical point of g, none missed: g' is monotone between the zeros of g'', which are known in closed form
    (sin 5t = 2/(25 A)), and vanishes only where |t| ≤ 5A/2."""
    from scipy.optimize import brentq

    reach = 5 * amplitude / 2 + 1
    share = 2 / (25 * amplitude)
    turns = np.empty(0)
    if share < 1:
        period, first = 2 * math.pi / 5, math.asin(share) / 5
        count = math.ceil(reach / period) + 1
        shifts = period * np.arange(-count, count + 1)
        turns = np.concatenate([first + shifts, math.pi / 5 - first + shifts])
    edges = np.unique(np.concatenate([[-reach, reach], turns[np.abs(turns) < reach]]))
    values = slope(edges, amplitude)
    crossed = np.flatnonzero(values[:-1] * values[1:] < 0)
    roots = np.array(
        [
            brentq(lambda t: 5 * amplitude / 2 * math.cos(5 * t) + t, edges[i], edges[i + 1], xtol=1e-15, rtol=1e-15)
            for i in crossed
        ]
    )
    rising = values[crossed] < 0
    return Profile(minima=roots[rising], maxima=roots[~rising])


def counts(amplitude: float) -> tuple[int, int, int]:
    """Minima, saddles and maxima of f on the plane: k², 2k(k − 1), (k − 1)² with k minima of g. Their alternating sum
    is 1 for every k, as it must be for a function that tends to infinity (Poincaré and Hopf)."""
    k = len(profile(amplitude).minima)
    return k**2, 2 * k * (k - 1), (k - 1) ** 2


def counts_inside(amplitude: float, half: float) -> tuple[int, int, int]:
    """Minima, saddles and maxima of f in the square |a|, |b| ≤ half."""
    found = profile(amplitude)

    def inside(us: Floats, vs: Floats) -> int:
        u, v = np.meshgrid(us, vs)
        return int(np.sum((np.abs(u + v) <= 2 * half) & (np.abs(u - v) <= 2 * half)))

    return (
        inside(found.minima, found.minima),
        2 * inside(found.minima, found.maxima),
        inside(found.maxima, found.maxima),
    )


def lowest_value(amplitude: float) -> float:
    """f at its global minimum, u = v = the lowest minimum of g: b = 0."""
    return float(2 * g(profile(amplitude).minima, amplitude).min())


def mean_values(amplitude: float) -> tuple[float, float, float]:
    """Mean of f over its minima, its saddles and its maxima (needs k ≥ 2): evenly spaced, 2m, m + M, 2M for the means
    m and M of g over its minima and maxima."""
    found = profile(amplitude)
    low, high = float(g(found.minima, amplitude).mean()), float(g(found.maxima, amplitude).mean())
    return 2 * low, low + high, 2 * high


def smoothness(amplitude: float) -> float:
    """L, the greatest eigenvalue of the Hessian: 2 + 25 A."""
    return 2 + 25 * amplitude


def polyak_lojasiewicz(amplitude: float) -> float:
    r"""The greatest μ with $|\nabla f|^2 \ge 2\mu(f-f^*)$ where f has one critical point: the infimum of
    $g'(t)^2/(g(t)-g^*)$, since $|\nabla f|^2 = 2(g'(u)^2+g'(v)^2)$. By a fine grid and refinement; 0 where g has more
    than one critical point. The infimum is not at infinity, where the ratio tends to 2."""
    from scipy.optimize import minimize_scalar

    found = profile(amplitude)
    if len(found.minima) > 1:
        return 0.0
    bottom = float(found.minima[0])
    least = float(g(found.minima, amplitude)[0])

    def ratio(t: float) -> float:
        here = np.array(t)
        return float(slope(here, amplitude) ** 2 / (g(here, amplitude) - least))

    grid = bottom + np.concatenate([-np.linspace(10, 0.01, 4000), np.linspace(0.01, 10, 4000)])
    values = slope(grid, amplitude) ** 2 / (g(grid, amplitude) - least)
    best = int(np.argmin(values))
    around = (float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)]))
    return float(minimize_scalar(ratio, bounds=around, method="bounded", options={"xatol": 1e-12}).fun)


def critical_amplitude() -> float:
    """The A at which g' first has a double root, 2/(25 sin s) with tan s = −1/s: from g' = g'' = 0 at s = 5t, that is
    cos s = −2s/(25 A) and sin s = 2/(25 A)."""
    from scipy.optimize import brentq

    s = float(brentq(lambda s: math.sin(s) * s + math.cos(s), math.pi / 2, math.pi, xtol=1e-15))
    return 2 / (25 * math.sin(s))


def basin_share(amplitude: float, half: float) -> float:
    """Share of the square |a|, |b| ≤ half from which gradient descent with step at most 1/L ends in the global minimum.

    In (u, v) it is descent on g in each coordinate with a step at most 1/max g'', which moves monotonically towards
    the minimum of the interval between two maxima: the basin is the square of that interval.
    """
    found = profile(amplitude)
    place = int(np.argmin(g(found.minima, amplitude)))
    walls = np.concatenate([[-math.inf], found.maxima, [math.inf]])
    return square_share(float(walls[place]), float(walls[place + 1]), half)


def square_share(low: float, high: float, half: float) -> float:
    """Share of the square |a|, |b| ≤ half, that is of |u| + |v| ≤ 2 half, in which low < u, v < high; low < 0 < high.

    The exact integral of the width of a slice, which is linear between the knots below.
    """
    reach = 2 * half
    knots = np.array([low, high, 0.0, reach - high, high - reach, reach + low, -reach - low])
    left, right = max(low, -reach), min(high, reach)
    u = np.unique(np.concatenate([knots[(knots > left) & (knots < right)], [left, right]]))
    room = reach - np.abs(u)
    width = np.minimum(high, room) - np.maximum(low, -room)
    return float(np.trapezoid(width, u) / (2 * reach**2))
