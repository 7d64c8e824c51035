"""The risk of least squares of least norm on random features, as an expectation over the noise given the features."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Risk:
    """Expected squared error given the features, above the noise floor: from the signal, and from the noise in strong
    and in weak directions; `residual` is the greatest at a training point of one noisy sample."""

    signal: float
    strong: float
    weak: float
    residual: float


def wishart_factor(n: int, p: int, rng: Generator) -> Floats:
    """The lower Cholesky factor (n, n) of Z Zᵀ for Z (n, p) of independent N(0, 1), p ≥ n: Bartlett's decomposition."""
    factor = np.zeros((n, n))
    factor[np.tri(n, k=-1, dtype=bool)] = rng.standard_normal(n * (n - 1) // 2)
    factor[np.diag_indices(n)] = np.sqrt(rng.chisquare(p - np.arange(n)))
    return factor


def spiked_risk(n: int, p: int, total: float, spikes: int, noise: float, rng: Generator) -> Risk:
    """One draw of n points with `spikes` strong features of variance 1 and p weak ones of variance `total` in all, β
    the same in each spike, |β| = 1; `noise` is a variance.

    The weak features have the Gram matrix K = F Fᵀ, all of them K + S Sᵀ, and by Woodbury (K + S Sᵀ)⁻¹ S =
    K⁻¹ S (I + G)⁻¹ with G = Sᵀ K⁻¹ S: F⁻¹, whose squares sum to the trace of K⁻¹, is all that is needed.
    """
    from scipy.linalg.lapack import dtrtri

    rate = total / p
    strong = rng.standard_normal((n, spikes))
    factor = math.sqrt(rate) * wishart_factor(n, p, rng)
    beta = np.full(spikes, 1 / math.sqrt(spikes))
    noisy = strong @ beta + math.sqrt(noise) * rng.standard_normal(n)

    inverse, _ = dtrtri(factor, lower=1)
    half = inverse @ strong
    whole = inverse.T @ half  # K⁻¹ S
    damping = np.linalg.inv(np.eye(spikes) + half.T @ half)
    shrunken = damping @ beta
    in_strong = float(np.sum((whole @ damping) ** 2))
    trace = float(np.sum(np.square(inverse))) - float(np.sum((whole.T @ whole) * damping))
    # tr M K M with M = (K + S Sᵀ)⁻¹ is tr M − tr Sᵀ M² S
    in_weak = trace - in_strong

    dual = inverse.T @ (inverse @ noisy)
    dual -= whole @ (damping @ (strong.T @ dual))
    fitted = factor @ (factor.T @ dual) + strong @ (strong.T @ dual)
    return Risk(
        signal=float(shrunken @ shrunken + rate * np.sum((half @ shrunken) ** 2)),
        strong=noise * in_strong,
        weak=noise * rate * in_weak,
        residual=float(np.abs(fitted - noisy).max()),
    )


def isotropic_risk(n: int, p: int, noise: float, rng: Generator) -> Risk:
    """One draw of n points with p > n features of variance 1, β in a random direction with |β| = 1."""
    features = rng.standard_normal((n, p))
    Q, R = np.linalg.qr(features.T)
    half = np.linalg.solve(R.T, np.eye(n))  # the pseudo-inverse is Q half
    beta = rng.standard_normal(p)
    beta /= np.linalg.norm(beta)
    kept = Q.T @ beta
    noisy = features @ beta + math.sqrt(noise) * rng.standard_normal(n)
    return Risk(
        signal=float(1 - kept @ kept),
        strong=noise * float(np.sum(half**2)),
        weak=0.0,
        residual=float(np.abs(features @ (Q @ (half @ noisy)) - noisy).max()),
    )
