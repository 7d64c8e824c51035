"""Data sets: drawn from a known law, those that scikit-learn carries, and a table of one's own.

A data set is named by one string, the value of an experiment's parameter: `diabetes`, `wine`, `breast cancer`,
`digits`, or what `experiments.networks.own_table` makes of a file, which holds a hash of its content.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks import own_table

Floats = NDArray[np.float64]

LOADERS = {
    "diabetes": "load_diabetes",
    "wine": "load_wine",
    "breast cancer": "load_breast_cancer",
    "digits": "load_digits",
}
REAL = tuple(LOADERS)
"""The real data sets that scikit-learn carries, all of which are read offline.

diabetes (442 patients, 10 measurements, the disease's progress in a year: B. Efron, T. Hastie, I. Johnstone and
R. Tibshirani, Least Angle Regression, 2004), wine (178 wines, 13 chemical measurements, three growers: M. Forina et
al., 1991), breast cancer (569 tumours, 30 measurements, malignant or benign: W. H. Wolberg, W. N. Street and O. L.
Mangasarian, 1995), digits (1797 images of 8 × 8 pixels: E. Alpaydin and C. Kaynak, 1998).
"""


@dataclass(frozen=True)
class Regression:
    """X (n, d) and y (n,); `signal` (n,) is y without its noise, None where nobody knows it."""

    X: Floats
    y: Floats
    signal: Floats | None = None

    def take(self, rows: NDArray[np.int64]) -> Regression:
        """The data set of these rows, in this order."""
        return Regression(self.X[rows], self.y[rows], None if self.signal is None else self.signal[rows])

    @property
    def labels(self) -> NDArray[np.int64]:
        """Two classes, 0 and 1: y above its mean or not; the first class against the others where y are classes."""
        return np.asarray(self.y > self.y.mean()).astype(np.int64)


@dataclass(frozen=True)
class Shape:
    """A data set by its name, its points and the inputs of each."""

    name: str
    points: int
    inputs: int


def noisy_sine(points: int, rng: Generator, noise: float = 0.01) -> Regression:
    """sin(x) + N(0, noise) at uniform x in [0, 5], in ascending order of x; `noise` is a variance."""
    x = np.sort(rng.uniform(0, 5, points))
    signal = np.sin(x)
    return Regression(x[:, np.newaxis], signal + np.sqrt(noise) * rng.standard_normal(points), signal)


@lru_cache(maxsize=8)
def load(name: str) -> Regression:
    """A real data set or an own table, whole and in its own order, every column and y scaled to mean 0 and variance 1;
    a column that is constant is 0. Classes are ±1 before the scaling, the first against the others.

    Raises OwnTableError where an own table is not there, is not the one that the name is of, or cannot be used.
    """
    X, y = _raw(name)
    y = own_table.numbers_or_sides(y)
    spread = X.std(0)
    return Regression((X - X.mean(0)) / np.where(spread > 0, spread, 1), (y - y.mean()) / y.std())


def labelled_plane(name: str, points: int, noise: float, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """So many points of the plane (points, 2) and their classes, 0 or 1: on two moons, with N(0, noise²) about them, or
    a random subset of a real data set or an own table in its first two principal components."""
    if name == "moons":
        from sklearn.datasets import make_moons

        x, label = make_moons(points, noise=noise, random_state=seed)
        return x, label
    whole = load(name)
    rows = np.random.default_rng(seed).permutation(len(whole.y))[:points]
    return plane(whole.X)[rows], whole.labels[rows]


def _raw(name: str) -> tuple[Floats, NDArray[np.float64]]:
    if own_table.is_own(name):
        return own_table.read(name)
    if name not in LOADERS:
        raise ValueError(f"no data set called {name!r}: {', '.join(REAL)} or a table of one's own")
    from sklearn import datasets

    X, y = getattr(datasets, LOADERS[name])(return_X_y=True)
    return np.asarray(X, np.float64), np.asarray(y, np.float64)


def sample(name: str, points: int, rng: Generator) -> Regression:
    """A random subset, in random order, of a real data set or an own table; the scaling is that of the whole."""
    whole = load(name)
    if points > len(whole.y):
        raise ValueError(f"the data set {name} has {len(whole.y)} points, not {points}")
    return whole.take(rng.permutation(len(whole.y))[:points])


def shape(name: str) -> Shape:
    whole = load(name)
    return Shape(name, *map(int, whole.X.shape))


def plane(X: Floats) -> Floats:
    """The first two principal components of points (n, d), d ≥ 2, each scaled to variance 1: (n, 2). The sign of each
    is such that its largest loading is positive."""
    _, _, axes = np.linalg.svd(X - X.mean(0), full_matrices=False)
    top = axes[:2] * np.sign(axes[np.arange(2), np.abs(axes[:2]).argmax(axis=1)])[:, np.newaxis]
    projected = (X - X.mean(0)) @ top.T
    return np.asarray(projected / projected.std(0))
