r"""Least squares with Gaussian rows, exact at every finite n and p.

The model of this module: $y = X\beta + e$ with X of shape (n, p), its entries independent N(0, 1), no intercept,
$|\beta|^2 =$ `signal`, e independent N(0, `noise`) (`noise` is a variance), and
$\hat\beta = X^+ y$, which is ordinary least squares for p ≤ n and the interpolating solution of least norm beyond.

Everything below rests on two facts. (a) The inverse Wishart mean: for G of shape (m, k) with independent N(0, 1)
entries, m > k + 1, $E (G^T G)^{-1} = I/(m - k - 1)$; it is infinite for m = k and m = k + 1 (R. J. Muirhead,
"Aspects of Multivariate Statistical Theory", 1982). (b) For p > n the row space of X is a uniformly random
n-dimensional subspace, independent of $X X^T$. The limits n, p → ∞ of T. Hastie, A. Montanari, S. Rosset and R. J.
Tibshirani, "Surprises in high-dimensional ridgeless least squares interpolation", 2022, are far from these values where
p/n is near 1: a fifth too small at n = 100, p = 95 or 105."""

from __future__ import annotations

import math

import numpy as np


def training_error(n: int, p: int, noise: float) -> float:
    """E |y − X beta_hat|² / n = noise · (1 − p/n): the residual is e projected on n − p dimensions; 0 for p ≥ n."""
    return noise * max(0.0, 1 - p / n)


def test_error(n: int, p: int, noise: float) -> float:
    """E (y' − x'·beta_hat)² at a fresh point = noise · (1 + p/(n − p − 1)) for p < n − 1, infinite for n − 1 ≤ p ≤ n.

    E |beta_hat − beta|² = noise · E tr (XᵀX)⁻¹ by (a); the fresh noise adds one more `noise`.
    """
    _require(p <= n, f"ordinary least squares needs p <= n, got p = {p}, n = {n}")
    return noise + excess_risk(n, p, signal=0.0, noise=noise)


def generalization_gap(n: int, p: int, noise: float) -> float:
    """test_error − training_error = noise · p · (1/n + 1/(n − p − 1)), about 2 · noise · p/n for n much above p."""
    return test_error(n, p, noise) - training_error(n, p, noise)


def excess_risk(n: int, p: int, signal: float, noise: float) -> float:
    """E |beta_hat − beta|², the expected squared error at a fresh point above the noise floor.

    p < n − 1: noise · p/(n − p − 1), by (a). p > n + 1: signal · (1 − n/p) + noise · n/(p − n − 1): the part of beta
    outside the row space is lost, by (b), and |X⁺e|² = eᵀ(XXᵀ)⁻¹e has the mean noise · E tr (XXᵀ)⁻¹.
    Infinite for |n − p| ≤ 1 where there is noise.
    """
    lost = signal * max(0.0, 1 - n / p)
    return lost + (noise * _inverse_wishart_trace(n, p) if noise else 0.0)


def squared_norm(n: int, p: int, signal: float, noise: float) -> float:
    """E |beta_hat|²: what the row space holds of `signal`, signal · min(1, n/p), and the variance of excess_risk."""
    kept = signal * min(1.0, n / p)
    return kept + (noise * _inverse_wishart_trace(n, p) if noise else 0.0)


def excess_risk_quantile(q: float, n: int, p: int, signal: float, noise: float) -> float:
    r"""The q-quantile (0 < q < 1) of $|\hat\beta - \beta|^2$, the risk of one fit, which has no mean at |n − p| ≤ 1.

    Its law is that of noise · chi²_p/chi²_{n−p+1} for p ≤ n and of
    signal · Beta((p − n)/2, n/2) + noise · chi²_n/chi²_{p−n+1} for p ≥ n, all independent. Derivation: for p ≤ n,
    $\hat\beta - \beta = X^+ e$ is $(X^T X)^{-1/2}$ times a Gaussian vector z independent of X, and
    $z^T (X^T X)^{-1} z = |z|^2 / \chi^2_{n-p+1}$ whatever the direction of z (Muirhead, 1982, Theorem 3.2.12); likewise
    $e^T (X X^T)^{-1} e$ for p ≥ n. The lost signal is the squared length of a projection on p − n uniformly random
    dimensions, independent of $X X^T$ by (b).
    """
    from scipy import optimize, stats

    small, apart = min(n, p), abs(n - p)
    variance = stats.f(small, apart + 1, scale=noise * small / (apart + 1))
    if p <= n or signal == 0:
        return float(variance.ppf(q))
    lost = stats.beta((p - n) / 2, n / 2, scale=signal)
    # Averaging over equal slices of the Beta law's probability is a midpoint rule for the convolution.
    levels = lost.ppf((np.arange(2000) + 0.5) / 2000)

    def above(risk: float) -> float:
        return float(variance.cdf(risk - levels).mean()) - q

    return float(optimize.brentq(above, 0.0, signal + float(variance.ppf(q)), xtol=1e-12))


def _inverse_wishart_trace(n: int, p: int) -> float:
    """E of the sum of the inverse squared singular values of X."""
    apart = abs(n - p)
    return min(n, p) / (apart - 1) if apart > 1 else math.inf


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)
