"""Statistics over seeds with their bands, for many groups of values at once: no loop over groups, no resampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

STATISTICS = {"mean": "mean", "median": "median", "iqm": "interquartile mean"}
QUANTILES = {"q10": (0.1, 0.9), "q25": (0.25, 0.75), "range": (0.0, 1.0)}
BANDS = {
    "ci": "95 % interval",
    "se": "standard error",
    "sd": "standard deviation",
    "q10": "10–90 % of runs",
    "q25": "25–75 % of runs",
    "range": "all runs",
    "none": "no band",
}


def bands_of(statistic: str) -> list[str]:
    """The bands that a statistic has: standard deviation and standard error belong to the mean."""
    return [band for band in BANDS if statistic == "mean" or band not in ("se", "sd")]


@dataclass(frozen=True)
class Means:
    """One entry a group, all of shape (groups,); low and high are nan where n is 1, all but n are nan where n is 0."""

    mean: Array
    low: Array
    high: Array
    n: Counts


@dataclass(frozen=True)
class Summary:
    """A statistic of each group and its band, all of shape (groups,).

    `low` and `high` are nan where the group has no such band, `value` is nan where n is 0.
    """

    value: Array
    low: Array
    high: Array
    n: Counts


def grouped_means(values: ArrayLike, groups: ArrayLike, count: int, level: float = 0.95) -> Means:
    """The mean of the values (shape (k,)) of each group 0 … count − 1 (groups: shape (k,), int), and its t interval.

    Student (1908): mean ± t · s / √n with n − 1 degrees of freedom, s² the unbiased variance.
    """
    found = summaries(values, groups, count, level=level)
    return Means(mean=found.value, low=found.low, high=found.high, n=found.n)


def summaries(
    values: ArrayLike, groups: ArrayLike, count: int, statistic: str = "mean", band: str = "ci", level: float = 0.95
) -> Summary:
    """The statistic and band of the values (shape (k,)) of each group 0 … count − 1 (groups: shape (k,), int).

    `statistic` is one of STATISTICS, `band` one of bands_of(statistic). The interval `ci` of the mean is Student's t;
    of the median, the order statistics that cover it at least so often whatever the distribution; of the interquartile
    mean, that of Tukey and McLaughlin. Quantiles interpolate linearly between order statistics (type 7 of Hyndman and
    Fan, Sample quantiles in statistical packages, 1996).
    """
    group = np.asarray(groups, dtype=np.int64)
    value = np.asarray(values, dtype=np.float64)
    n = np.bincount(group, minlength=count)
    ordered = None
    if statistic != "mean" or band in QUANTILES:
        ordered = _ordered(value, group, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        if statistic == "mean":
            middle, half = _mean(value, group, n, band, level)
            low, high = middle - half, middle + half
        elif statistic == "median":
            assert ordered is not None
            middle = (ordered.at((n - 1) // 2) + ordered.at(n // 2)) / 2
            low, high = _median_interval(ordered, level)
        else:
            assert ordered is not None
            middle, half = _interquartile_mean(ordered, level)
            low, high = middle - half, middle + half
    if band == "none":
        low, high = np.full(count, np.nan), np.full(count, np.nan)
    elif ordered is not None and band in QUANTILES:
        below, above = QUANTILES[band]
        several = n > 1
        low = np.where(several, ordered.quantile(below), np.nan)
        high = np.where(several, ordered.quantile(above), np.nan)
    return Summary(value=middle, low=low, high=high, n=n)


def _mean(value: Array, group: Counts, n: Counts, band: str, level: float) -> tuple[Array, Array]:
    """Means and half the widths of their bands; two passes, so that no digits are lost."""
    from scipy.special import stdtrit

    mean = np.bincount(group, value, minlength=len(n)) / n
    squares = np.bincount(group, (value - mean[group]) ** 2, minlength=len(n))
    deviation = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
    if band == "sd":
        return mean, deviation
    error = deviation / np.sqrt(n)
    return mean, error if band == "se" else stdtrit(np.maximum(n - 1, 1), 0.5 + level / 2) * error


@dataclass(frozen=True)
class _Ordered:
    """Values in order within their groups, groups one after another; `value` and `group` of shape (k,), n (groups,)."""

    value: Array
    group: Counts
    n: Counts

    @property
    def start(self) -> Counts:
        return np.cumsum(self.n) - self.n

    @property
    def rank(self) -> Counts:
        """From 0 in each group."""
        return np.arange(len(self.value)) - self.start[self.group]

    def at(self, rank: Counts) -> Array:
        """The value of this rank in each group, nan where it has none; shape (groups,)."""
        inside = (rank >= 0) & (rank < self.n)
        if not len(self.value):
            return np.full(len(self.n), np.nan)
        return np.where(inside, self.value[np.where(inside, self.start + rank, 0)], np.nan)

    def quantile(self, share: float) -> Array:
        position = np.maximum(self.n - 1, 0) * share
        below = np.floor(position).astype(np.int64)
        low, high = self.at(below), self.at(np.minimum(below + 1, self.n - 1))
        return low + (high - low) * (position - below)


def _ordered(value: Array, group: Counts, n: Counts) -> _Ordered:
    """By group, then by value: all groups of one size are sorted at once, as the rows of a matrix."""
    narrow = group.astype(np.uint16) if len(n) <= 1 << 16 else group  # numpy sorts small integers by radix
    together = value[np.argsort(narrow, kind="stable")]
    starts = np.cumsum(n) - n
    for size in np.unique(n):
        rows = starts[n == size][:, None] + np.arange(size)
        together[rows] = np.sort(together[rows], axis=1)
    return _Ordered(together, np.repeat(np.arange(len(n)), n), n)


def _median_interval(ordered: _Ordered, level: float) -> tuple[Array, Array]:
    """From the k-th least to the k-th greatest, k the largest that covers the median with probability `level` or more.

    The number of values below the median of a continuous distribution is binomial (n, ½), so they miss it with
    probability 2 P(B ≤ k − 1) (W. R. Thompson, On confidence ranges for the median, 1936). Below six values, none.
    """
    from scipy.special import bdtr

    sizes, which = np.unique(ordered.n, return_inverse=True)
    steps = [int((2 * bdtr(np.arange(n // 2 + 1), n, 0.5) <= 1 - level).sum()) if n else 0 for n in sizes.tolist()]
    k = np.array(steps, dtype=np.int64)[which]
    return ordered.at(k - 1), np.where(k > 0, ordered.at(ordered.n - k), np.nan)


def _interquartile_mean(ordered: _Ordered, level: float) -> tuple[Array, Array]:
    """Means of what is left without the ⌊n/4⌋ least and greatest, and half the widths of their intervals.

    As a summary over seeds: R. Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice
    (2021). Interval: J. W. Tukey and D. H. McLaughlin, Less vulnerable confidence and significance procedures for
    location based on a single sample (1963): the h values left over have the standard error √(S / (h (h − 1))), S the
    sum of squared deviations once the values cut off are set to the nearest left, and Student's t with h − 1 degrees.
    """
    from scipy.special import stdtrit

    value, group, n, rank = ordered.value, ordered.group, ordered.n, ordered.rank
    cut = n // 4
    left = n - 2 * cut
    inner = (rank >= cut[group]) & (rank < (n - cut)[group])
    mean = np.bincount(group, np.where(inner, value, 0.0), minlength=len(n)) / left
    pulled = np.clip(value, ordered.at(cut)[group], ordered.at(n - cut - 1)[group])
    centre = np.bincount(group, pulled, minlength=len(n)) / n
    squares = np.bincount(group, (pulled - centre[group]) ** 2, minlength=len(n))
    error = np.where(left > 1, np.sqrt(squares / (left * (left - 1))), np.nan)
    return mean, stdtrit(np.maximum(left - 1, 1), 0.5 + level / 2) * error
