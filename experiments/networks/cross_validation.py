"""Cross-validation with growing training sets, as scikit-learn's `learning_curve` does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble import FitResult, predict

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def folds(points: int, curve_sizes: int, count: int = 5) -> tuple[list[list[Rows]], list[Rows]]:
    """For each fold its growing training sets, and its held-out rows, as in scikit-learn's learning_curve(cv=count).

    One fold alone is the first half, held out from the second.
    """
    held_out = np.array_split(np.arange(points), max(count, 2))
    sizes = (np.linspace(1 / curve_sizes, 1, curve_sizes) * (points - len(held_out[0]))).astype(int)
    others = [np.concatenate(held_out[:k] + held_out[k + 1 :]) for k in range(count)]
    return [[rows[:size] for size in sizes] for rows in others], held_out[:count]


def score(y: Floats, guess: Floats) -> float:
    """R² as scikit-learn's regressors have it: 1 − squared error over the variance of y about its own mean."""
    return float(1 - np.square(y - guess).sum() / np.square(y - y.mean()).sum())


def mean_scores(y: Floats, guesses: Iterable[Iterable[Floats]], rows: Iterable[Iterable[Rows]]) -> Floats:
    """One score a training size, the mean over folds: guesses and rows are given fold by fold and size by size."""
    scores = [
        [score(y[part], guess[part]) for guess, part in zip(fold, parts, strict=True)]
        for fold, parts in zip(guesses, rows, strict=True)
    ]
    return np.asarray(np.mean(scores, axis=0))


def mean_squared_distance(networks: Sequence[FitResult], x: Floats, truth: Floats) -> Floats:
    """Of each network's outputs at points x (m,) from the true values there (m,): (len(networks),)."""
    guesses = predict(networks, x[:, np.newaxis])[..., 0]
    return np.asarray(np.square(guesses - truth).mean(axis=1))
