"""Data sets for regression: drawn from a known law, or real and subsampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """X (n, d) and y (n,); `signal` (n,) is y without its noise, None where nobody knows it."""

    X: Floats
    y: Floats
    signal: Floats | None = None

    def take(self, rows: NDArray[np.int64]) -> Regression:
        """The data set of these rows, in this order."""
        return Regression(self.X[rows], self.y[rows], None if self.signal is None else self.signal[rows])


def noisy_sine(points: int, rng: Generator, noise: float = 0.01) -> Regression:
    """sin(x) + N(0, noise) at uniform x in [0, 5], in ascending order of x; `noise` is a variance."""
    x = np.sort(rng.uniform(0, 5, points))
    signal = np.sin(x)
    return Regression(x[:, np.newaxis], signal + np.sqrt(noise) * rng.standard_normal(points), signal)


def diabetes(points: int, rng: Generator) -> Regression:
    """A random subset, in random order, of the 442 patients of B. Efron, T. Hastie, I. Johnstone and R. Tibshirani,
    "Least Angle Regression", 2004: ten measurements and the progress of the disease a year later, as shipped with
    scikit-learn; every column and y scaled to mean 0 and variance 1 over all patients."""
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    if points > len(y):
        raise ValueError(f"the diabetes data have {len(y)} points, not {points}")
    rows = rng.permutation(len(y))[:points]
    return Regression(((X - X.mean(0)) / X.std(0))[rows], ((y - y.mean()) / y.std())[rows])
