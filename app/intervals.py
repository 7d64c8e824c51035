"""Means over seeds with Student's t interval, for many groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """One entry a group, all of shape (groups,); low and high are nan where n is 1, all but n are nan where n is 0."""

    mean: Array
    low: Array
    high: Array
    n: NDArray[np.int64]


def grouped_means(values: ArrayLike, groups: ArrayLike, count: int, level: float = 0.95) -> Means:
    """The mean of the values (shape (k,)) of each group 0 … count − 1 (groups: shape (k,), int), and its t interval.

    Student (1908): mean ± t · s / √n with n − 1 degrees of freedom, s² the unbiased variance.
    """
    from scipy.special import stdtrit

    value = np.asarray(values, dtype=np.float64)
    group = np.asarray(groups, dtype=np.int64)
    n = np.bincount(group, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group, value, minlength=count) / n
        squares = np.bincount(group, (value - mean[group]) ** 2, minlength=count)
        half = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.5 + level / 2) * np.sqrt(squares / (n - 1) / n), np.nan)
    return Means(mean=mean, low=mean - half, high=mean + half, n=n)
