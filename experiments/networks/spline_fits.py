"""Curves through points and near them on [0, 10], and the means over the interval by which they are judged.

A fit maps points (m,) to values (m,), or to (m, replicates) where it was made of several columns of data.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks.pieces import shallow_output

Floats = NDArray[np.float64]
Fit = Callable[[Floats], Floats]

LENGTH = 10.0


def interpolant(method: str, x: Floats, y: Floats, ends: tuple[float, float] = (0.0, 0.0)) -> Fit:
    """The curve through y (n,) or (n, replicates) at x: line, cubic (not-a-knot, scipy's default) or clamped, which has
    the slopes `ends` at the two ends."""
    from scipy.interpolate import CubicSpline, make_interp_spline

    match method:
        case "line":
            line: Fit = make_interp_spline(x, y, k=1)
            return line
        case "clamped":
            first, last = (np.broadcast_to(slope, y.shape[1:]) for slope in ends)
            clamped: Fit = CubicSpline(x, y, bc_type=((1, first), (1, last)))
            return clamped
        case "cubic":
            cubic: Fit = CubicSpline(x, y)
            return cubic
    raise ValueError(f"no interpolation called {method!r}: line, clamped or cubic")


def hinges(x: Floats, y: Floats, cells: int) -> Fit:
    """The least-squares broken lines with equispaced kinks, for the columns of y (n, replicates)."""
    kinks = np.linspace(0, LENGTH, cells + 1)

    def hats(points: Floats) -> Floats:
        return np.maximum(0, 1 - np.abs(points[:, np.newaxis] - kinks) * cells / LENGTH)

    heights = np.linalg.lstsq(hats(x), y)[0]
    return lambda points: np.asarray(hats(points) @ heights)


def quadrature(cells: int) -> tuple[Floats, Floats]:
    """Nodes of Gauss's rule in each of so many equal cells of [0, 10], and weights that make it a mean."""
    node, weight = np.polynomial.legendre.leggauss(max(4, 64 // cells))
    starts = np.arange(cells)[:, np.newaxis]
    return ((starts + (node + 1) / 2) * LENGTH / cells).ravel(), np.tile(weight / 2, cells) / cells


def network_output(x: Floats, y: Floats) -> Fit:
    """The broken line as a ReLU network: a hinge relu(x − t) at each inner point, and an affine part, which right of
    the first point is one more of them."""
    slopes = np.diff(y) / np.diff(x)
    w, b = np.ones(len(x) - 1), -x[:-1]
    v = np.concatenate((slopes[:1], np.diff(slopes)))
    return lambda points: shallow_output(w, b, v, points) + y[0]


def untrained_networks(neurons: int, count: int, nodes: Floats, rng: Generator) -> tuple[Floats, Floats]:
    """Networks of one hidden layer with all weights and biases N(0, 1), at the nodes: their outputs, and the mean of
    their squares over the readout and the output bias, both (count, nodes)."""
    outputs, squares = [], []
    for _ in range(count):
        w, b, v = rng.standard_normal((3, neurons))
        outputs.append(shallow_output(w, b, v, nodes) + rng.standard_normal())
        squares.append(np.square(np.maximum(np.outer(nodes, w) + b, 0)).sum(axis=1) + 1)
    return np.array(outputs), np.array(squares)


def trained_network(x: Floats, y: Floats, neurons: int, seed: int) -> Fit:
    """A ReLU network with one hidden layer, after 500 iterations of L-BFGS at most."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    network = MLPRegressor(hidden_layer_sizes=(neurons,), solver="lbfgs", alpha=1e-4, max_iter=500, random_state=seed)
    with warnings.catch_warnings():
        # It may use up its iterations; where it ends is what is measured.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(x[:, np.newaxis], y)
    return lambda points: np.asarray(network.predict(points[:, np.newaxis]))
