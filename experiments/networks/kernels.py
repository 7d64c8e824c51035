"""The two kernels of infinitely wide ReLU networks, in closed form for whole Gram matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 256
"""Rows of a Gram matrix made at once, so that the temporaries of a block stay in the cache."""


class Kernels(NamedTuple):
    """Covariance of the outputs (NNGP) and inner product of their gradients by the weights (NTK), both (n, m)."""

    nngp: Floats
    ntk: Floats


def limit_kernels(X: Floats, Y: Floats, layers: int = 1) -> Kernels:
    r"""The kernels between the rows of X (n, d) and Y (m, d), for `layers` hidden layers.

    f(x) = n^{-1/2} v·relu(z_L), z_1 = W_1 x for one hidden layer, all weights N(0, 1); with more, every hidden layer
    has variance 2/fan-in (2 at the first, not divided by d). With t the angle of two preactivations of covariances
    S(x,x), S(x,y), S(y,y) and r = sqrt(S(x,x) S(y,y)):
    E relu relu = r (sin t + (pi − t) cos t)/2 pi, E relu' relu' = (pi − t)/2 pi (Y. Cho and L. Saul, Kernel methods for
    deep learning, 2009). Each layer adds its own covariance to the NTK of those below times E relu' relu' (A. Jacot,
    F. Gabriel, C. Hongler, Neural tangent kernel, 2018); for one layer
    NTK = NNGP + x·y (pi − t)/2 pi.
    """
    nngp, ntk = np.empty((len(X), len(Y))), np.empty((len(X), len(Y)))
    hidden_gain = 1.0 if layers == 1 else 2.0
    sizes_X, sizes_Y = np.einsum("ij,ij->i", X, X), np.einsum("ij,ij->i", Y, Y)
    for start in range(0, len(X), BLOCK):
        rows = slice(start, start + BLOCK)
        # relu halves the mean square, which the gain 2 restores: r is the same in every hidden layer.
        r = hidden_gain * np.sqrt(np.outer(sizes_X[rows], sizes_Y))
        covariance = hidden_gain * (X[rows] @ Y.T)
        tangent = covariance.copy()
        for layer in range(layers):
            gain = hidden_gain if layer < layers - 1 else 1.0
            cosine = np.clip(np.divide(covariance, r, out=np.zeros_like(r), where=r > 0), -1, 1)
            angle = np.arccos(cosine)
            covariance = gain * r * (np.sqrt(1 - cosine**2) + (np.pi - angle) * cosine) / (2 * np.pi)
            tangent = covariance + tangent * gain * (np.pi - angle) / (2 * np.pi)
        nngp[rows], ntk[rows] = covariance, tangent
    return Kernels(nngp, ntk)


def shallow_kernels(X: Floats, Y: Floats, w: Floats, v: Floats) -> Kernels:
    """The same two kernels of one network n^{-1/2} sum v_i relu(w_i·x) of finite width, w (width, d) and v (width,);
    the NNGP given its hidden layer, averaged over the readout."""
    z, other = X @ w.T, Y @ w.T
    nngp = np.maximum(z, 0) @ np.maximum(other, 0).T / len(v)
    return Kernels(nngp, nngp + ((z > 0) * v**2) @ (other > 0).T / len(v) * (X @ Y.T))


def deep_kernels(X: Floats, weights: Sequence[Floats], v: Floats) -> Kernels:
    """The same two kernels of one network n^{-1/2} sum v_i relu(z_L) of finite width, between the rows of X (m, d).

    z_1 = sqrt(2) W_1 x and z_l = sqrt(2/n) W_l relu(z_{l-1}) with the `weights` W_1 (n, d), W_2 … W_L (n, n). The
    gradient by an entry of W_l is a product of a signal from above and one from below, so that each layer adds the
    product of two Gram matrices to the NTK.
    """
    scales = [np.sqrt(2.0)] + [np.sqrt(2 / weight.shape[1]) for weight in weights[1:]]
    below, on = [X.T], []
    for weight, scale in zip(weights, scales, strict=True):
        z = scale * (weight @ below[-1])
        on.append(z > 0)
        below.append(np.maximum(z, 0))
    nngp = below[-1].T @ below[-1] / len(v)
    ntk = nngp.copy()
    above = v[:, np.newaxis] / np.sqrt(len(v)) * on[-1]
    for layer in reversed(range(len(weights))):
        ntk += scales[layer] ** 2 * (below[layer].T @ below[layer]) * (above.T @ above)
        if layer:
            above = scales[layer] * (weights[layer].T @ above) * on[layer - 1]
    return Kernels(nngp, ntk)
