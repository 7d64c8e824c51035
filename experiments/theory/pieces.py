"""The kinks of random shallow ReLU nets x -> sum_i v_i relu(w_i x + b_i) on the line.

Initialisations: `normal` has w, b, v independent N(0, 1); `uniform` has them uniform on (-1, 1), as PyTorch draws a
layer of one input; `zero bias` is normal with b = 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def knot_cdf(init: str, t: Array) -> Array:
    """Distribution function of a knot -b/w; (k,) to (k,).

    Normal: the quotient of two independent N(0, 1) is standard Cauchy. Uniform: P(|b/w| <= t) is t/2 for t <= 1 and
    1 - 1/(2t) above, from the area of |b| <= t |w| in the square.
    """
    if init == "normal":
        return 0.5 + np.arctan(t) / math.pi
    if init == "uniform":
        size = np.abs(t)
        within = np.where(size <= 1, size / 2, 1 - 1 / (2 * np.maximum(size, 1)))
        return (1 + np.sign(t) * within) / 2
    raise ValueError(f"no law of knots for {init!r}: normal or uniform")


def inside_share(init: str, half: float) -> float:
    """Probability that a knot lies in [-half, half]: (2/pi) arctan(half) for normal, 1 - 1/(2 half) for uniform and
    half >= 1. Zero bias has all its knots at 0, inside."""
    low, high = knot_cdf(init, np.array([-half, half]))
    return float(high - low)


def grid_kinks(init: str, neurons: int, grid: Array) -> float:
    """Expected number of kinks that second differences see on a grid of the interval; see networks.pieces.grid_kinks.

    With p_c the probability of a knot in cell c of the grid, a run of bent neighbours begins in cell c if c has a knot
    and neither of the two cells before it has one. Of N independent knots that is
    sum_c (1 - p_{c-1} - p_{c-2})^N - (1 - p_c - p_{c-1} - p_{c-2})^N.
    """
    p = np.diff(knot_cdf(init, grid))
    before = np.concatenate(([0], p[:-1])) + np.concatenate(([0, 0], p[:-2]))
    return float(np.sum((1 - before) ** neurons - (1 - before - p) ** neurons))


def path_norm(init: str, neurons: int) -> float:
    """E sum_i |v_i| |w_i|: N (2/pi) for normal weights and N/4 for uniform ones."""
    return neurons * (1 / 4 if init == "uniform" else 2 / math.pi)


def zero_bias_variation(neurons: int) -> float:
    """E TV(f') without biases, (2/sqrt(pi)) Gamma((N+1)/2) / Gamma(N/2), about sqrt(2N/pi).

    All knots coincide, so that TV(f') = |sum_i v_i |w_i||. Given w the sum is N(0, |w|^2): its mean size is
    sqrt(2/pi) |w|, and |w| has the mean of a chi variable, sqrt(2) Gamma((N+1)/2) / Gamma(N/2).
    """
    return 2 / math.sqrt(math.pi) * math.exp(math.lgamma((neurons + 1) / 2) - math.lgamma(neurons / 2))
