r"""Averages of N random ReLU neurons as approximations of their mean.

Weights w ~ N(0, I/d), inputs x ~ N(0, I_d), f(x) = E relu(w·x) and f_N(x) = (1/N) Σ_i relu(w_i·x). Since w·x given x is
N(0, |x|²/d), f(x) = |x|/√(2πd) and the variance of a neuron is (|x|²/d)(1/2 − 1/2π): averaging N of them leaves
that over N (the argument of B. Maurey, in G. Pisier, "Remarques sur un résultat non publié de B. Maurey", 1981, and of
A. R. Barron, "Universal approximation bounds for superpositions of a sigmoidal function", 1993).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEURON_VARIANCE = 1 / 2 - 1 / (2 * math.pi)
"""E_x Var_w relu(w·x) = 1/2 − 1/(2π) = 0.34085 in every dimension, since E|x|²/d = 1."""


def mean_squared_error(neurons: int) -> float:
    """E |f_N − f|² = (1/2 − 1/2π)/N: the neurons are independent with the mean f."""
    return NEURON_VARIANCE / neurons


def target_variance(d: int) -> float:
    """Var f(x) = Var|x|/(2πd), with E|x| = √2 Γ((d+1)/2)/Γ(d/2): about 1/(4πd), since |x| concentrates."""
    return (d - mean_norm(d) ** 2) / (2 * math.pi * d)


def mean_norm(d: int) -> float:
    """E|x| for x ~ N(0, I_d): √2 Γ((d+1)/2)/Γ(d/2)."""
    return math.sqrt(2) * math.exp(math.lgamma((d + 1) / 2) - math.lgamma(d / 2))


def neuron_products(weights: Array) -> Array:
    """E_x relu(w_i·x) relu(w_j·x) for weights (N, d): (N, N).

    |w||w'| (sin θ + (π − θ) cos θ)/2π with θ the angle between them (Y. Cho and L. K. Saul, "Kernel methods for deep
    learning", 2009, the kernel of order 1).
    """
    norms = np.linalg.norm(weights, axis=1)
    cosine = np.clip(weights @ weights.T / np.outer(norms, norms), -1, 1)
    np.fill_diagonal(cosine, 1.0)
    angle = np.arccos(cosine)
    return np.asarray(np.outer(norms, norms) * (np.sqrt(1 - cosine**2) + (math.pi - angle) * cosine) / (2 * math.pi))


def target_products(weights: Array) -> Array:
    """E_x relu(w_i·x) f(x) for weights (N, d): (N,).

    With x = |x|u, E |x| relu(w·x) = E|x|² E relu(w·u), and E relu(w·x) = |w|/√2π = E|x| E relu(w·u); so the
    product with f is |w| d/(√2π E|x|) / √(2πd) = |w| √d/(2π E|x|).
    """
    d = weights.shape[1]
    return np.asarray(np.linalg.norm(weights, axis=1) * math.sqrt(d) / (2 * math.pi * mean_norm(d)))


def population_error(weights: Array, readout: Array) -> float:
    """E_x (Σ_i readout_i relu(w_i·x) − f(x))² for weights (N, d) and a readout (N,), in closed form; E f² = 1/2π."""
    quadratic = readout @ neuron_products(weights) @ readout
    return float(quadratic - 2 * readout @ target_products(weights) + 1 / (2 * math.pi))
