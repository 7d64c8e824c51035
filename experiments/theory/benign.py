r"""Least squares of least norm on a few strong features and many weak ones.

The model: $y = S\beta + e$, n points; S (n, k) has independent N(0, 1) entries (unit spikes, $|\beta| = 1$), e
independent N(0, `noise`); the p weak features have the joint covariance λI with λ = T/p, so that T is their total
variance. All k + p features are fitted. Their Gram matrix is $K + SS^T$ with $K = \lambda W$, W Wishart with p
degrees of freedom in n dimensions: p itself costs nothing.

For large p, K is about T·I: interpolating the weak features is ridge regression with penalty T on the strong ones
(P. L. Bartlett, P. M. Long, G. Lugosi and A. Tsigler, "Benign overfitting in linear regression", 2020)."""

from __future__ import annotations


def excess_risk(n: int, p: int, total: float, spikes: int, noise: float) -> float:
    r"""The expected excess risk at finite n and p, p > n + 3, to second order in the fluctuations of G.

    With $G = S^TK^{-1}S$ and $H = S^TK^{-2}S$ the risk given S and K is, by the identity of Woodbury,

        |(I+G)^{-1}β|² + λ βᵀ(I+G)^{-1}G(I+G)^{-1}β                 the signal: shrunken, and leaked into the tail
        + noise [(1 − λ) tr (I+G)^{-1}H(I+G)^{-1} + λ (tr K^{-1} − tr (I+G)^{-1}H)]        the noise.

    The means are those of the Wishart law of p degrees of freedom in n dimensions, $E W^{-1} = I/(p-n-1)$ and
    $E W^{-2} = (p-1)I/((p-n)(p-n-1)(p-n-3))$: G is about gI and H about (h/g) G, with $g = n/(\lambda(p-n-1))$ and
    $h = n(p-1)/(\lambda^2(p-n)(p-n-1)(p-n-3))$. G itself is g times a matrix I + Δ; a Wishart matrix of k dimensions
    and m degrees of freedom, over m, has $E\Delta^2 = (k+1)I/m$, and G holds two: $S^TS$ with m = n and, inverted, one
    with m = p − n + k (R. J. Muirhead, "Aspects of Multivariate Statistical Theory", 1982, Theorem 3.2.10). So a
    function f of G has the mean $f(g) + \tfrac12g^2f''(g)\,v$, $v = (k+1)(1/n + 1/(p-n+k))$.
    """
    rate = total / p
    g = n / (rate * (p - n - 1))
    h = n * (p - 1) / (rate**2 * (p - n) * (p - n - 1) * (p - n - 3))
    v = (spikes + 1) * (1 / n + 1 / (p - n + spikes))
    shrunken = (1 + 3 * g**2 / (1 + g) ** 2 * v) / (1 + g) ** 2  # of 1/(1 + g)²
    passed = g / (1 + g) ** 2 * (1 + g * (g - 2) / (1 + g) ** 2 * v)  # of g/(1 + g)²
    hidden = g / (1 + g) * (1 - g / (1 + g) ** 2 * v)  # of g/(1 + g)
    in_tail = n / (p - n - 1) - rate * spikes * h / g * hidden
    return shrunken + rate * passed + noise * ((1 - rate) * spikes * h / g * passed + in_tail)
