"""Least-squares fits of least norm on the first p of many features, for a whole sweep of p at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.networks.random_features import FeatureProblem, minimum_norm_map

Floats = NDArray[np.float64]

TRUSTED = 1e-6
"""How much one refinement may change a fit, relative to it, for the fit to be taken: the next would change it by the
square of that. Beyond, next to p = n or where features are collinear, it is solved anew by QR."""


def ridgeless_sweep(features: Floats, y: Floats, sizes: Sequence[int]) -> list[Floats]:
    """The weights (p,) of least norm among the least-squares solutions on the first p columns of features (n, P), for
    every p of the ascending `sizes`; y (n,).

    Up to p = n the Cholesky factor of the normal equations serves all p, as the factor of a leading block is the
    leading block of the factor. Beyond, the Gram matrix of the rows grows by the columns that are new. Both have the
    square of the condition number, which one step of refinement with the residual of the equations makes good
    (Å. Björck, "Stability analysis of the method of seminormal equations for linear least squares problems", 1987).
    """
    n = len(y)
    largest = max((p for p in sizes if p <= n), default=0)
    factor = _factor(features[:, :largest].T @ features[:, :largest])
    gram, added = np.zeros((n, n)), 0
    fits = []
    for p in sizes:
        phi = features[:, :p]
        if p <= n:
            fits.append(_refined(phi, y, None if factor is None else factor[:p, :p]))
        else:
            gram += features[:, added:p] @ features[:, added:p].T
            added = p
            fits.append(_refined(phi, y, _factor(gram)))
    return fits


def nested_risks(problem: FeatureProblem, y: Floats, sizes: Sequence[int]) -> Floats:
    """The excess risk of the fit of least norm to y (n,) on the first p of a problem's features, for every p of the
    ascending `sizes`: shape (sizes,)."""
    weights = np.zeros((problem.features.shape[1], len(sizes)))
    for column, fit in enumerate(ridgeless_sweep(problem.features, y, sizes)):
        weights[: len(fit), column] = fit
    return problem.excess_risk(weights)


def _factor(matrix: Floats) -> Floats | None:
    """The lower Cholesky factor, or None where the matrix is not positive definite in floating point."""
    try:
        return np.asarray(np.linalg.cholesky(matrix), np.float64)
    except np.linalg.LinAlgError:
        return None


def _refined(phi: Floats, y: Floats, factor: Floats | None) -> Floats:
    """The fit by a factor of phiᵀ phi or phi phiᵀ, whichever is smaller, and one refinement."""
    from scipy.linalg import cho_solve

    if factor is not None:

        def fit(target: Floats) -> Floats:
            if phi.shape[1] <= len(phi):
                return np.asarray(cho_solve((factor, True), phi.T @ target))
            return np.asarray(phi.T @ cho_solve((factor, True), target))

        weights = fit(y)
        correction = fit(y - phi @ weights)
        if np.linalg.norm(correction) <= TRUSTED * np.linalg.norm(weights):
            return weights + correction
    return np.asarray(minimum_norm_map(phi) @ y)
