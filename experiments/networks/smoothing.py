"""Cubic smoothing splines on equispaced points, with the penalty that generalized cross-validation chooses.

The spline f minimizes Σ (y_i − f(x_i))² + λ ∫ f''². By C. H. Reinsch, Smoothing by spline functions, 1967, it is
natural, and its second derivatives g at the inner points solve (R + λ QᵀQ) g = Qᵀy, with f(x) = y − λ Q g; Qᵀ takes
second differences over h, and R is the tridiagonal matrix of h/6, 2h/3, h/6. At equispaced points sines diagonalize R,
and QᵀQ but for its first and last entry. These two, taken as sum and difference, touch only the sines of odd or of even
order: a diagonal matrix and one of rank one each, so that a fit and its score take n operations in place of a banded
solution and the trace of its inverse (derived here).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.networks.spline_fits import Fit

Floats = NDArray[np.float64]

PENALTIES = np.logspace(-8, 3, 23)
"""Of which the best is refined; in multiples of the number of points."""


def smoothing_spline(x: Floats, y: Floats) -> Fit:
    """The smoothing splines of the columns of y (n, replicates) at equispaced x, each with its own penalty."""
    from scipy.interpolate import CubicSpline

    h = (x[-1] - x[0]) / (len(x) - 1)
    values = np.column_stack([smoothed(column, h, best_penalty(column, h)) for column in y.T])
    fit: Fit = CubicSpline(x, values, bc_type="natural")
    return fit


def smoothed(y: Floats, h: float, penalty: float) -> Floats:
    """The values of the smoothing spline at the points, (n,)."""
    from scipy.fft import idst

    bends = idst(_bends_and_score(_sines(y, h), h, penalty)[0], type=1, norm="ortho")
    return np.asarray(y - penalty * np.diff(np.pad(bends, 2), 2) / h)


def best_penalty(y: Floats, h: float) -> float:
    """Where the score is least: on a grid, and between the neighbours of the best point of it."""
    from scipy.optimize import minimize_scalar

    sines, grid = _sines(y, h), np.log(PENALTIES * len(y)).tolist()

    def log_score(log_penalty: float) -> float:
        return float(np.log(_bends_and_score(sines, h, np.exp(log_penalty))[1]))

    best = min(range(1, len(grid) - 1), key=lambda i: log_score(grid[i]))
    return float(np.exp(minimize_scalar(log_score, bounds=(grid[best - 1], grid[best + 1]), method="bounded").x))


def score(y: Floats, h: float, penalty: float) -> float:
    """Generalized cross-validation, n |y − f|²/(n − trace of the map from y to f)² (P. Craven and G. Wahba, Smoothing
    noisy data with spline functions, 1979)."""
    return _bends_and_score(_sines(y, h), h, penalty)[1]


def _sines(y: Floats, h: float) -> Floats:
    """Q^T y in the basis of the sines, (n − 2,)."""
    from scipy.fft import dst

    return np.asarray(dst(np.diff(y, 2) / h, type=1, norm="ortho"))


def _bends_and_score(sines: Floats, h: float, penalty: float) -> tuple[Floats, float]:
    """The second derivatives in the basis of the sines, (n − 2,), and the score."""
    m = len(sines)
    angle = np.pi * np.arange(1, m + 1) / (m + 1)
    mass, stiffness = h * (2 + np.cos(angle)) / 3, np.square(2 - 2 * np.cos(angle)) / h**2
    corner = 2 * np.sin(angle) / np.sqrt(m + 1) / h
    diagonal = mass + penalty * stiffness
    bends, freedom, squares = sines / diagonal, float(np.sum(penalty * stiffness / diagonal)), 0.0
    for parity in (slice(0, None, 2), slice(1, None, 2)):
        u = corner[parity] / diagonal[parity]
        weight = penalty / (1 + penalty * (corner[parity] @ u))
        bends[parity] -= weight * (corner[parity] @ bends[parity]) * u
        freedom += weight * (mass[parity] @ np.square(u))
        squares += (corner[parity] @ bends[parity]) ** 2
    squares += float(stiffness @ np.square(bends))
    return bends, (m + 2) * penalty**2 * squares / freedom**2
