"""How fast a quantity falls or grows with size: the slope of a power law over seeds, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import summaries

Array = NDArray[np.float64]
Centre = Literal["mean", "median"]

SIZES_NEEDED = 3
"""A line through two sizes fits any two numbers."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """The line y = prefactor · x**slope through the centres; nan where there is none, and `reason` says why.

    `seeds` is the number of different seeds that the interval rests on.
    """

    slope: float
    low: float
    high: float
    prefactor: float
    seeds: int
    reason: str = ""


def power_rate(x: Array, table: Array, centre: Centre = "mean", level: float = 0.95) -> Rate:
    """The slope of log(centre over seeds) against log(x), and its interval; x (sizes,), table (sizes, seeds).

    Of the mean: least squares through the logarithms of the means, and the jackknife that leaves out one whole seed,
    all its sizes together, at a time (J. Tukey, Bias and confidence in not quite large samples, 1958), with Student's t
    of one degree of freedom less than the fewest seeds at any size. Of the median: the median over seeds of each seed's
    own slope, between order statistics; only seeds with a run at every size have one.
    """
    if len(x) < SIZES_NEEDED:
        return _none(f"a slope needs {SIZES_NEEDED} sizes")
    if (x <= 0).any():
        return _none("a size is not positive")
    if centre == "median":
        return _median_rate(x, table, level)
    present = np.isfinite(table)
    filled, n = np.where(present, table, 0.0), present.sum(axis=1, keepdims=True)
    total = filled.sum(axis=1, keepdims=True)
    mean = (total / n)[:, 0]
    if not (mean > 0).all():
        return _none(f"the mean at {x[~(mean > 0)][0]:g} is not positive")
    weights = _weights(x)
    slope, prefactor = float(weights @ np.log(mean)), _prefactor(x, mean, float(weights @ np.log(mean)))
    seeds, fewest = int(present.any(axis=0).sum()), int(n.min())
    if fewest < 2:
        return Rate(slope=slope, low=np.nan, high=np.nan, prefactor=prefactor, seeds=seeds, reason="one seed")
    without = (total - filled) / (n - present)  # the means without each seed; where it has no run, the mean itself
    if not (without > 0).all():
        reason = "a mean without one of its seeds is not positive"
        return Rate(slope=slope, low=np.nan, high=np.nan, prefactor=prefactor, seeds=seeds, reason=reason)
    left = weights @ np.log(without[:, present.any(axis=0)])
    half = _student(fewest - 1, level) * math.sqrt((seeds - 1) / seeds * float(np.square(left - left.mean()).sum()))
    return Rate(slope=slope, low=slope - half, high=slope + half, prefactor=prefactor, seeds=seeds)


def _median_rate(x: Array, table: Array, level: float) -> Rate:
    whole = table[:, np.isfinite(table).all(axis=0)]
    if not whole.size:
        return _none("no seed has a run at every size")
    if not (whole > 0).all():
        return _none(f"a run at {x[~(whole > 0).all(axis=1)][0]:g} is not positive")
    seeds = whole.shape[1]
    slopes = summaries(_weights(x) @ np.log(whole), np.zeros(seeds, dtype=int), 1, "median", level=level)
    slope, low, high = (float(end[0]) for end in (slopes.value, slopes.low, slopes.high))
    prefactor = _prefactor(x, np.median(whole, axis=1), slope)
    reason = "" if np.isfinite(low) else f"{seeds} seeds are too few"
    return Rate(slope=slope, low=low, high=high, prefactor=prefactor, seeds=seeds, reason=reason)


def slope_of(x: Array, y: Array) -> float:
    """The least-squares slope of log(y) against log(x); nan where a number has no logarithm or the sizes are few."""
    if len(x) < 2 or not ((x > 0).all() and (y > 0).all()):
        return math.nan
    return float(_weights(x) @ np.log(y))


def _weights(x: Array) -> Array:
    """What the logarithms of y are multiplied by to give the slope."""
    log = np.log(x) - np.log(x).mean()
    weights: Array = log / (log @ log)
    return weights


def _prefactor(x: Array, y: Array, slope: float) -> float:
    return float(np.exp(np.log(y).mean() - slope * np.log(x).mean()))


def _none(reason: str) -> Rate:
    return Rate(slope=np.nan, low=np.nan, high=np.nan, prefactor=np.nan, seeds=0, reason=reason)


def _student(freedom: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))
