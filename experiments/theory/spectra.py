r"""The spectrum of noise: eigenvalues of the sample covariance of N + 1 points with independent N(0, 1) coordinates.

After centring, N times the covariance is a Wishart matrix of N degrees of freedom and dimension p. Throughout
N > p, and an eigenvalue is one of the covariance (the mean of all is 1).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRACY_WIDOM_MEAN = -1.2065335745820
TRACY_WIDOM_SD = 1.2679855713
TRACY_WIDOM_SECOND_MEAN = -3.2624279028
"""Mean and standard deviation of the Tracy-Widom law F_1, and the mean of the second eigenvalue's law (C. Tracy and H.
Widom, On orthogonal and symplectic matrix ensembles, 1996; the numbers: F. Bornemann, On the numerical evaluation of
distributions in random matrix theory, 2010)."""


def marchenko_pastur_edges(freedom: int, dimension: int) -> tuple[float, float]:
    """(1 ∓ sqrt(p/N))², the ends of the limiting spectrum (V. Marchenko and L. Pastur, Distribution of eigenvalues for
    some sets of random matrices, 1967)."""
    root = math.sqrt(dimension / freedom)
    return (1 - root) ** 2, (1 + root) ** 2


def marchenko_pastur_density(x: Floats, freedom: int, dimension: int) -> Floats:
    """sqrt((b − x)(x − a))/(2 pi (p/N) x) between the edges a and b, 0 elsewhere."""
    low, high = marchenko_pastur_edges(freedom, dimension)
    inside = np.clip((high - x) * (x - low), 0.0, None)
    return np.asarray(np.sqrt(inside) / (2 * math.pi * dimension / freedom * x))


def marchenko_pastur_cdf(x: Floats, freedom: int, dimension: int) -> Floats:
    """The distribution function of the law above, in closed form.

    With c = p/N and x = 1 + c − 2 sqrt(c) cos(t) its density is (2/pi) sin²(t)/(1 + c − 2 sqrt(c) cos(t)) in t, whose
    integral is elementary: (sin t)/(pi sqrt(c)) + (1 + c) t/(2 pi c) − (1 − c)/(pi c)·atan((1 + r)/(1 − r)·tan(t/2)),
    r = sqrt(c).
    """
    c = dimension / freedom
    r = math.sqrt(c)
    t = np.arccos(np.clip((1 + c - x) / (2 * r), -1, 1))
    angle = np.arctan2((1 + r) * np.sin(t / 2), (1 - r) * np.cos(t / 2))
    return np.asarray(np.sin(t) / (math.pi * r) + (1 + c) * t / (2 * math.pi * c) - (1 - c) / (math.pi * c) * angle)


def top_eigenvalue(freedom: int, dimension: int) -> tuple[float, float]:
    """Mean and standard deviation of the greatest eigenvalue, by the Tracy-Widom law.

    (mu + sigma·W)/N with mu = (sqrt(N − 1/2) + sqrt(p − 1/2))², sigma = (sqrt(N − 1/2) + sqrt(p − 1/2))·
    (1/sqrt(N − 1/2) + 1/sqrt(p − 1/2))^(1/3) (I. Johnstone, On the distribution of the largest eigenvalue in principal
    components analysis, 2001, with the centring of Z. Ma, Accuracy of the Tracy-Widom limits for the extreme
    eigenvalues in white Wishart matrices, 2012, whose error is of order N^(-2/3) in law).
    """
    centre, scale = edge_scaling(freedom, dimension)
    return (centre + TRACY_WIDOM_MEAN * scale) / freedom, TRACY_WIDOM_SD * scale / freedom


def edge_scaling(freedom: int, dimension: int) -> tuple[float, float]:
    """mu and sigma of the greatest eigenvalues, mu + sigma·W, of the Wishart matrix (see `top_eigenvalue`)."""
    n, p = math.sqrt(freedom - 0.5), math.sqrt(dimension - 0.5)
    return (n + p) ** 2, (n + p) * (1 / n + 1 / p) ** (1 / 3)


def top_share(freedom: int, dimension: int) -> float:
    """Mean of the greatest eigenvalue over the sum of all: E lambda_1/p, as shares and sum are independent."""
    return top_eigenvalue(freedom, dimension)[0] / dimension


def second_share(freedom: int, dimension: int) -> float:
    """Mean of the second eigenvalue over the sum of all, in the same limit."""
    centre, scale = edge_scaling(freedom, dimension)
    return (centre + TRACY_WIDOM_SECOND_MEAN * scale) / (freedom * dimension)


def second_moment(freedom: int, dimension: int) -> float:
    """E of the mean squared eigenvalue, exact: 1 + (p + 1)/N.

    E W² = (N² + N + N p) I for a Wishart matrix W (R. J. Muirhead, Aspects of multivariate statistical theory, 1982).
    """
    return 1 + (dimension + 1) / freedom


def bidiagonal_wishart(freedom: int, dimension: int, rng: Generator) -> tuple[Floats, Floats]:
    """Diagonal (p,) and off-diagonal (p − 1,) of a tridiagonal matrix whose eigenvalues have exactly the joint law of
    the covariance's, in 2p random numbers instead of N p.

    Householder reflections turn a normal matrix into a bidiagonal one B of independent chi variables: N, N − 1, …
    degrees of freedom down the diagonal, p − 1, p − 2, … beside it; the matrix is B Bᵀ/N (I. Dumitriu and A. Edelman,
    Matrix models for beta ensembles, 2002).
    """
    main = rng.chisquare(freedom - np.arange(dimension))
    side = rng.chisquare(np.arange(dimension - 1, 0, -1)) if dimension > 1 else np.empty(0)
    diagonal = main.copy()
    diagonal[1:] += side
    return diagonal / freedom, np.sqrt(main[:-1] * side) / freedom
