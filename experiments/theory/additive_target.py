r"""Least squares for the guide's function y = sin x_1 + ½ cos x_2 + 0.1 Σ_{j>2} x_j of x ~ N(0, I_d).

With s = e^(−1/2): E x sin x = s, E cos x = s, E sin² x = (1 − e^(−2))/2, E cos² x = (1 + e^(−2))/2.
"""

from __future__ import annotations

import math


def variance(d: int) -> float:
    """Var y = (1 − e^(−2))/2 + ¼((1 + e^(−2))/2 − e^(−1)) + 0.01 (d − 2): 0.9622794 at d = 50."""
    return (1 - math.exp(-2)) / 2 + ((1 + math.exp(-2)) / 2 - math.exp(-1)) / 4 + 0.01 * (d - 2)


def linear_variance(d: int) -> float:
    """What the best linear predictor s x_1 + 0.1 Σ x_j + s/2 explains: e^(−1) + 0.01 (d − 2). The cosine is even and
    has no linear part."""
    return math.exp(-1) + 0.01 * (d - 2)


def linear_ceiling(d: int) -> float:
    """R² of the best linear predictor: 0.8811156 at d = 50."""
    return linear_variance(d) / variance(d)


def linear_risk(intercept: float, slopes: list[float]) -> float:
    """E (y − a − b·x)² exactly: the residual of the best linear predictor, and its distance |b − b*|² + (a − a*)², as x
    has the covariance I."""
    d, s = len(slopes), math.exp(-0.5)
    best = [s, 0.0] + [0.1] * (d - 2)
    distance = sum((b - c) ** 2 for b, c in zip(slopes, best, strict=True)) + (intercept - s / 2) ** 2
    return variance(d) - linear_variance(d) + distance


def least_squares_r2(n: int, d: int) -> float:
    """Expected population R² of least squares with an intercept on n points, to first order.

    With Gaussian inputs and a residual of variance r that does not depend on them the expected error at a fresh point
    is r (n + 1)(n − 2)/(n (n − d − 2)) (L. Breiman and D. Freedman, "How many variables should be entered in a
    regression equation?", 1983). Here the residual is a function of x_1 and x_2, which changes the excess by a term of
    the order of r/n, one part in d of it.
    """
    residual = variance(d) - linear_variance(d)
    return 1 - residual * (n + 1) * (n - 2) / (n * (n - d - 2)) / variance(d)
