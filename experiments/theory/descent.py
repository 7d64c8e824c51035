r"""First-order methods: exact trajectories on quadratics, worst cases over convex functions, noise of the gradient.

The quadratic of the first part is $f(w)=\tfrac12\sum_i\lambda_iw_i^2$ with $\mu=\lambda_1\le\dots\le\lambda_d=L$,
scaled to L = 1, so that $\mu = 1/\kappa$. Each method here is linear in (w_k, w_{k-1}), coordinate by coordinate:

    w_{k+1} = w_k + β (w_k − w_{k−1}) − h λ (w_k + γ (w_k − w_{k−1})),   w_{−1} = w_0,

with γ = 0 (gradient descent β = 0, heavy ball) or γ = β (Nesterov: the gradient is taken ahead)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METHODS = ("gradient 1/L", "gradient 2/(L+mu)", "heavy ball", "nesterov")


@dataclass(frozen=True)
class Recurrence:
    """Step h (in units of 1/L), momentum β and look-ahead γ."""

    step: float
    momentum: float = 0.0
    ahead: float = 0.0


def recurrence(method: str, kappa: float) -> Recurrence:
    r"""The tuned recurrence at condition number κ.

    Heavy ball: $h = 4/(\sqrt L+\sqrt\mu)^2$, $\beta = ((\sqrt\kappa-1)/(\sqrt\kappa+1))^2$ (B. T. Polyak, "Some methods
    of speeding up the convergence of iteration methods", 1964). Nesterov: h = 1/L, β = (√κ − 1)/(√κ + 1)
    (Y. Nesterov, "Introductory Lectures on Convex Optimization", 2004). `gradient C·2/L` is gradient descent at the
    share C of the largest stable step.
    """
    root = math.sqrt(kappa)
    match method:
        case "gradient 1/L":
            return Recurrence(1.0)
        case "gradient 2/(L+mu)":
            return Recurrence(2 / (1 + 1 / kappa))
        case "heavy ball":
            return Recurrence(4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2)
        case "nesterov":
            return Recurrence(1.0, (root - 1) / (root + 1), (root - 1) / (root + 1))
    share, _, unit = method.removeprefix("gradient ").partition("·")
    if unit != "2/L":
        raise ValueError(f"no method called {method!r}")
    return Recurrence(2 * float(share))


def contraction(method: str, kappa: float) -> float:
    """The limit of (|w_k|/|w_0|)^(1/k): the spectral radius of the recurrence, in closed form.

    1 − 1/κ, (κ − 1)/(κ + 1), (√κ − 1)/(√κ + 1), 1 − 1/√κ in the order of METHODS; |1 − 2C| for `gradient C·2/L` near
    the edge of stability. The heavy ball has double roots at λ = μ and λ = L, Nesterov at λ = μ: there
    |w_k| is about k ρ^k and the contraction is approached from above.
    """
    root = math.sqrt(kappa)
    match method:
        case "gradient 1/L":
            return 1 - 1 / kappa
        case "gradient 2/(L+mu)":
            return (kappa - 1) / (kappa + 1)
        case "heavy ball":
            return (root - 1) / (root + 1)
        case "nesterov":
            return 1 - 1 / root
    step = recurrence(method, kappa).step
    return max(abs(1 - step), abs(1 - step / kappa))


def spectrum(kappa: float, dimension: int) -> Floats:
    """`dimension` eigenvalues, evenly spaced from μ = 1/κ to L = 1."""
    return np.linspace(1 / kappa, 1.0, dimension)


def transfer(method: str, kappa: float, dimension: int) -> Floats:
    """The 2 × 2 matrix that takes (w_k, w_{k−1}) to (w_{k+1}, w_k), for each eigenvalue: (dimension, 2, 2)."""
    rule, eigenvalues = recurrence(method, kappa), spectrum(kappa, dimension)
    matrices = np.zeros((dimension, 2, 2))
    matrices[:, 0, 0] = 1 + rule.momentum - rule.step * eigenvalues * (1 + rule.ahead)
    matrices[:, 0, 1] = -rule.momentum + rule.step * eigenvalues * rule.ahead
    matrices[:, 1, 0] = 1.0
    return matrices


def rms_error(method: str, kappa: float, dimension: int, steps: int) -> float:
    r"""$(E\,|w_k|^2/|w_0|^2)^{1/2}$ after k = steps, for $w_0$ in a uniformly random direction.

    It is the root mean square over the eigenvalues of the polynomial p_k(λ) with w_k = p_k(λ) w_0: a matrix power.
    """
    return _rms(np.linalg.matrix_power(transfer(method, kappa, dimension), steps))


def iterations(method: str, kappa: float, dimension: int, accuracy: float) -> int:
    """The first k at which rms_error is at most `accuracy`, for a method that converges (by powers of two and
    bisection: where the error is so small it falls monotonically)."""
    powers = [transfer(method, kappa, dimension)]
    while _rms(powers[-1]) > accuracy:
        powers.append(powers[-1] @ powers[-1])
    if len(powers) == 1:
        return 1
    reached, k = powers[-2], 1 << (len(powers) - 2)
    for exponent in range(len(powers) - 3, -1, -1):
        further = reached @ powers[exponent]
        if _rms(further) > accuracy:
            reached, k = further, k + (1 << exponent)
    return k + 1


def decay(method: str, kappa: float, dimension: int, first: int, last: int) -> float:
    """Mean fall of ln rms_error in a step, from step `first` to step `last`."""
    ratio = rms_error(method, kappa, dimension, last) / rms_error(method, kappa, dimension, first)
    return -math.log(ratio) / (last - first)


def _rms(powers: Floats) -> float:
    polynomial = powers[:, 0, 0] + powers[:, 0, 1]  # w_{−1} = w_0
    return float(np.sqrt(np.mean(polynomial**2)))


def gradient_bound(smoothness: float, distance: float, steps: int) -> float:
    """f(x_N) − f* ≤ L R²/(4 N + 2) for gradient descent with step 1/L on any convex f with L-Lipschitz gradient, from
    distance R of a minimum; attained (Y. Drori and M. Teboulle, "Performance of first-order methods for smooth convex
    minimization: a novel approach", 2014)."""
    return smoothness * distance**2 / (4 * steps + 2)


def accelerated_bound(smoothness: float, distance: float, steps: int) -> float:
    """f(x_k) − f* ≤ 2 L R²/(k + 1)² for Nesterov's method with t_{k+1} = (1 + √(1 + 4 t_k²))/2, t_1 = 1 (A. Beck and
    M. Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems", 2009)."""
    return 2 * smoothness * distance**2 / (steps + 1) ** 2


def lower_bound(smoothness: float, distance: float, steps: int) -> float:
    """3 L R²/(32 (k + 1)²): some convex quadratic in at least 2 k + 1 dimensions keeps every method whose steps stay
    in the span of the gradients seen so far at least this far above its minimum after k steps (Y. Nesterov,
    "Introductory Lectures on Convex Optimization", 2004, Theorem 2.1.7)."""
    return 3 * smoothness * distance**2 / (32 * (steps + 1) ** 2)


def stationary_variance(step: float, curvature: float, noise: float) -> float:
    r"""Variance at which $w \leftarrow w - h(\lambda w + \xi)$, $E\xi = 0$, $E\xi^2$ = `noise`, comes to rest.

    The variance solves $v = (1-h\lambda)^2v + h^2\,$noise: $v = h\,$noise$/(\lambda(2-h\lambda))$, for hλ < 2.
    """
    return step * noise / (curvature * (2 - step * curvature))


def falling_step_variance(numerator: float, curvature: float, noise: float, steps: int) -> float:
    r"""$E\,w_k^2$ after k = steps of size $c/(\lambda j)$, j = 1 … k, from $w_0 = 1$; c = `numerator`.

    $w_k = \prod_j(1-c/j) - \sum_j \frac c{\lambda j}\prod_{i>j}(1-c/i)\,\xi_j$. For c = 1 the start is forgotten at
    once and $w_k$ is minus the mean of the noise over λ: $E\,w_k^2 = $ noise$/(\lambda^2k)$ exactly. For c < 1/2 the
    start decays as $k^{-c}$ only, for c > 1/2 the variance tends to $c^2$noise$/(\lambda^2(2c-1)k)$.
    """
    kept = 1 - numerator / np.arange(1, steps + 1)
    later = np.append(np.cumprod(kept[:0:-1])[::-1], 1.0)  # the product over i > j
    sizes = numerator / (curvature * np.arange(1, steps + 1))
    return float(np.prod(kept) ** 2 + noise * np.sum((sizes * later) ** 2))
