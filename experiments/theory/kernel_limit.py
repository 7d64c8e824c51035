r"""How far the kernels of a random ReLU network of finite width stray from their limits, exactly.

The network is $f(x)=n^{-1/2}\sum_i v_i\,\mathrm{relu}(w_i\cdot x)$ with all weights independent N(0, 1); both kernels
are means of n independent terms, so that their root mean squared errors are sd/sqrt(n) at every n. Inputs have
length 1 and the angle t. P. Petersen and J. Zech, Mathematical theory of deep learning, 2024, on wide networks."""

from __future__ import annotations

import math


def nngp(t: float) -> float:
    """E relu(w·x) relu(w·y) = (sin t + (pi − t) cos t)/2 pi (Y. Cho and L. Saul, Kernel methods for deep learning,
    2009)."""
    return (math.sin(t) + (math.pi - t) * math.cos(t)) / (2 * math.pi)


def ntk(t: float) -> float:
    """nngp + cos t (pi − t)/2 pi (A. Jacot, F. Gabriel, C. Hongler, Neural tangent kernel, 2018)."""
    return nngp(t) + math.cos(t) * (math.pi - t) / (2 * math.pi)


def _second_moment(t: float) -> float:
    """E relu² relu² = (3 sin t cos t + (pi − t)(1 + 2 cos² t))/2 pi (Cho and Saul, 2009, order 2)."""
    return (3 * math.sin(t) * math.cos(t) + (math.pi - t) * (1 + 2 * math.cos(t) ** 2)) / (2 * math.pi)


def nngp_rmse(t: float, width: int) -> float:
    """sqrt(E relu² relu² − nngp²)/sqrt(n)."""
    return math.sqrt(max(0.0, _second_moment(t) - nngp(t) ** 2) / width)  # 0 at pi, up to rounding


def ntk_rmse(t: float, width: int) -> float:
    """The same of relu relu + v² relu' relu' cos t: its mean square is
    E relu² relu² + 2 cos t·nngp + 3 cos² t (pi − t)/2 pi, as E v⁴ = 3 and relu relu relu' relu' = relu relu."""
    cosine = math.cos(t)
    square = _second_moment(t) + 2 * cosine * nngp(t) + 3 * cosine**2 * (math.pi - t) / (2 * math.pi)
    return math.sqrt(max(0.0, square - ntk(t) ** 2) / width)
