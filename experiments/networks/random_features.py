r"""Linear regression on fixed features, with populations over which every integral is known.

A network whose hidden layer is left as it was drawn is linear in its output weights; a problem here holds all that is
needed to fit them on n points and to say exactly how well any weights do on the whole population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FeatureProblem:
    r"""n points in p features $\phi$, a target f, and the population's moments.

    features (n, p); target (n,), f at the n points, without noise; second_moment (p, p), $E\,\phi\phi^T$, or None for
    the identity; cross_moment (p,), $E\,\phi f$; signal, $E f^2$.
    """

    features: Floats
    target: Floats
    second_moment: Floats | None
    cross_moment: Floats
    signal: float

    def quadratic(self, weights: Floats) -> Floats:
        """E (phi·w)² for every column w of weights (p, k): shape (k,)."""
        image = weights if self.second_moment is None else self.second_moment @ weights
        return np.asarray(np.einsum("ij,ij->j", weights, image))

    def excess_risk(self, weights: Floats) -> Floats:
        """E (phi·w − f)² for every column w of weights (p, k): shape (k,)."""
        return self.quadratic(weights) - 2 * self.cross_moment @ weights + self.signal


def gaussian_features(n: int, p: int, signal: float, rng: Generator) -> FeatureProblem:
    """Independent N(0, 1) features and f = phi·beta, beta in a random direction with |beta|² = signal."""
    beta = _on_sphere(p, rng) * np.sqrt(signal)
    features = rng.standard_normal((n, p))
    return FeatureProblem(features, features @ beta, None, beta, signal)


def relu_features(n: int, p: int, inputs: int, signal: float, rng: Generator) -> FeatureProblem:
    r"""phi_j = relu(w_j·x), w_j uniform on the unit sphere, x ~ N(0, I) in `inputs` dimensions; f = beta·x linear.

    With t the angle between $w_i$ and $w_j$: $E\,\phi_i\phi_j = (\sin t + (\pi - t)\cos t)/2\pi$ (Y. Cho and
    L. K. Saul, "Kernel Methods for Deep Learning", 2009) and $E\,\phi_j\,\beta\cdot x = w_j\cdot\beta/2$, since relu(z)
    is z/2 plus an even function.
    """
    beta = _on_sphere(inputs, rng) * np.sqrt(signal)
    directions = random_directions(p, inputs, rng)
    points = rng.standard_normal((n, inputs))
    cosines = np.clip(directions @ directions.T, -1, 1)
    angles = np.arccos(cosines)
    second_moment = (np.sqrt(1 - cosines**2) + (np.pi - angles) * cosines) / (2 * np.pi)
    features = np.maximum(points @ directions.T, 0)
    return FeatureProblem(features, points @ beta, second_moment, directions @ beta / 2, signal)


def sine_relu_features(n: int, p: int, rng: Generator, quadrature: int = 400) -> FeatureProblem:
    """phi_j = relu(w_j x + b_j), w_j and b_j uniform on [−1, 1], x equispaced on [0, 1]; f = sin(2 pi x).

    This is scikit-learn's initial hidden layer of MLPRegressor(hidden_layer_sizes=(p,)) but for a common factor, which
    changes no fit of least norm in what it predicts. The population is uniform on [0, 1], its moments by the midpoint
    rule.
    """
    weights, biases = rng.uniform(-1, 1, (2, p))

    def phi(x: Floats) -> Floats:
        return np.asarray(np.maximum(x[:, np.newaxis] * weights + biases, 0))

    x = np.linspace(0, 1, n)
    grid = (np.arange(quadrature) + 0.5) / quadrature
    f = np.sin(2 * np.pi * grid)
    features = phi(grid)
    return FeatureProblem(
        phi(x),
        np.sin(2 * np.pi * x),
        features.T @ features / quadrature,
        f @ features / quadrature,
        float(f @ f) / quadrature,
    )


INPUTS = 20
"""Dimension of the inputs of the random ReLU features, where there is a choice of features."""


def draw_problem(features: str, n: int, p: int, signal: float, rng: Generator) -> FeatureProblem:
    match features:
        case "gaussian":
            return gaussian_features(n, p, signal, rng)
        case "relu":
            return relu_features(n, p, INPUTS, signal, rng)
        case "sine":
            return sine_relu_features(n, p, rng)
    raise ValueError(f"features must be gaussian, relu or sine, not {features!r}")


@dataclass(frozen=True)
class Fits:
    """Least squares of least norm on one problem, for several noise vectors, and the means over the noise.

    labels (n, draws), the target with its noise; risks and norms (draws,), excess risk and squared norm of each fit;
    residual, the greatest at a training point; expected_risk and expected_norm, exact for noise of that variance.
    """

    labels: Floats
    risks: Floats
    norms: Floats
    residual: float
    expected_risk: float
    expected_norm: float


def noisy_fits(problem: FeatureProblem, noise: float, draws: int, rng: Generator) -> Fits:
    """Fits to the target with so many draws of noise of variance `noise`; the mean over the noise of what it adds to
    risk and norm is a trace, noise · tr(A^T M A) and noise · tr(A^T A), of the map A."""
    solve = minimum_norm_map(problem.features)
    noisy = problem.target[:, np.newaxis] + np.sqrt(noise) * rng.standard_normal((len(problem.target), draws))
    weights = solve @ noisy
    noiseless = solve @ problem.target
    bias = problem.excess_risk(noiseless[:, np.newaxis])[0]
    return Fits(
        labels=noisy,
        risks=problem.excess_risk(weights),
        norms=np.square(weights).sum(axis=0),
        residual=float(np.abs(problem.features @ weights - noisy).max()),
        expected_risk=float(bias + noise * problem.quadratic(solve).sum()),
        expected_norm=float(noiseless @ noiseless + noise * np.square(solve).sum()),
    )


def minimum_norm_map(features: Floats) -> Floats:
    """A (p, n) such that A y is the least-squares solution of least norm for every y: the pseudo-inverse of (n, p).

    By QR where the features are of full rank, three times faster than by singular values. Where they are collinear on
    the n points, singular values below 1e-12 of the greatest count as zero.
    """
    n, p = features.shape
    Q, R = np.linalg.qr(features if p <= n else features.T)
    diagonal = np.abs(np.diag(R))
    if diagonal.min() <= 1e-12 * diagonal.max():
        return np.asarray(np.linalg.pinv(features, rcond=1e-12))
    half = np.linalg.solve(R, Q.T)
    return half if p <= n else np.ascontiguousarray(half.T)


def random_directions(p: int, inputs: int, rng: Generator) -> Floats:
    """p independent directions, uniform on the unit sphere: (p, inputs)."""
    directions = rng.standard_normal((p, inputs))
    return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True))


def spectrum(features: Floats) -> dict[str, Floats]:
    """The histogram of log10 of the nonzero eigenvalues of features·featuresᵀ/n: `edges` (31,) and `density` (30,)."""
    values = np.linalg.svd(features, compute_uv=False) ** 2 / len(features)
    density, edges = np.histogram(np.log10(values[values > 1e-14 * values[0]]), bins=30, density=True)
    return {"edges": edges, "density": density}


def _on_sphere(dimension: int, rng: Generator) -> Floats:
    direction = rng.standard_normal(dimension)
    return direction / np.linalg.norm(direction)
