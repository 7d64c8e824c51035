"""Every interval, fit and test of the project: pure functions of arrays whose last axis is the seeds.

Leading axes hold independent data sets, so that a simulation of ten thousand of them is one call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Centre = Literal["mean", "median"]


@dataclass(frozen=True)
class Interval:
    """An estimate between the ends of its interval: three arrays of one shape, an entry for each data set.

    The ends are infinite where the seeds are too few for the level.
    """

    estimate: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True)
class PowerFit:
    """y = prefactor * x**slope: two arrays of one shape, an entry for each data set."""

    slope: Numbers
    prefactor: Numbers


def pointwise_level(level: float, comparisons: int) -> float:
    """The level of each interval that makes all hold at once with probability >= `level` (Bonferroni)."""
    return 1 - (1 - level) / max(comparisons, 1)


def centre_interval(values: Numbers, level: float, centre: Centre) -> Interval:
    """The interval of the mean or the median over seeds; values (..., seeds), result (...)."""
    return mean_interval(values, level) if centre == "mean" else median_interval(values, level)


def mean_interval(values: Numbers, level: float) -> Interval:
    """Student's t interval of the mean over seeds; values (..., seeds), result (...).

    Exact for normal values. Equal values have an interval of no width; one seed alone has an infinite one. The mean of
    heavy-tailed values cannot be trusted to any interval: take the median there.
    """
    ordered = np.sort(values, axis=-1)  # the order of the seeds then changes not one bit
    seeds = ordered.shape[-1]
    constant = ordered[..., 0] == ordered[..., -1]
    estimate = np.where(constant, ordered[..., 0], ordered.mean(axis=-1))
    if seeds < 2:
        return _around(estimate, np.full_like(estimate, np.inf))
    error = np.where(constant, 0.0, ordered.std(axis=-1, ddof=1) / math.sqrt(seeds))
    return _around(estimate, _student(seeds - 1, level) * error)


def median_interval(values: Numbers, level: float) -> Interval:
    """The interval of the median over seeds between two order statistics; values (..., seeds), result (...).

    The r-th smallest and r-th largest of n values enclose the median of any distribution with probability at least
    1 - 2 P(Binomial(n, 1/2) < r): r is the greatest that keeps the level, and where even r = 1 does not (under 6 seeds
    at 95 %, under 11 at 99.9 %) the interval is infinite. Conservative, with no assumption on the distribution.
    """
    ordered = np.sort(values, axis=-1)
    estimate = np.median(ordered, axis=-1)
    rank = order_rank(ordered.shape[-1], level)
    if rank == 0:
        return _around(estimate, np.full_like(estimate, np.inf))
    return Interval(estimate, ordered[..., rank - 1], ordered[..., -rank])


def order_rank(seeds: int, level: float) -> int:
    """The greatest r whose r-th smallest and r-th largest seed enclose the median at the level; 0 if there is none."""
    allowed = Fraction(1 - level) * 2 ** (seeds - 1)
    rank, tail = 0, 1
    while tail <= allowed and 2 * (rank + 1) <= seeds:
        rank += 1
        tail += math.comb(seeds, rank)
    return rank


def paired_interval(lower: Numbers, upper: Numbers, level: float, centre: Centre = "mean") -> Interval:
    """The interval of the mean or median of upper - lower, paired by seed; both (..., seeds), result (...)."""
    return centre_interval(upper - lower, level, centre)


def jackknife_interval(values: Numbers, statistic: Callable[[Numbers], Numbers], level: float) -> Interval:
    """The interval of a smooth statistic by leaving out one whole seed at a time, with Student's t.

    `values` has shape (..., sizes, seeds): a seed's column, all its sizes together, stays or goes as one.
    `statistic` maps (..., sizes, any number of seeds) to (...). The standard error is Tukey's (Bias and confidence in
    not quite large samples, 1958). Not for medians, whose jackknife is inconsistent.
    """
    seeds = values.shape[-1]
    estimate = np.asarray(statistic(values), dtype=np.float64)
    if seeds < 2:
        return _around(estimate, np.full_like(estimate, np.inf))
    kept = np.array([[other for other in range(seeds) if other != left] for left in range(seeds)])
    replicates = statistic(np.moveaxis(values[..., kept], -2, 0))
    spread = np.square(replicates - replicates.mean(axis=0)).sum(axis=0)
    return _around(estimate, _student(seeds - 1, level) * np.sqrt((seeds - 1) / seeds * spread))


def power_fit(x: Numbers, y: Numbers) -> PowerFit:
    """The least-squares line of log(y) against log(x); x (sizes,), y (..., sizes), all positive; result (...)."""
    abscissa = np.log(x) - np.log(x).mean()
    ordinate = np.log(y)
    slope = ordinate @ abscissa / (abscissa @ abscissa)
    return PowerFit(slope, np.exp(ordinate.mean(axis=-1) - slope * np.log(x).mean()))


def slope_interval(x: Numbers, values: Numbers, level: float, centre: Centre = "mean") -> Interval:
    """The interval of a power law's exponent; x (sizes,), values (..., sizes, seeds), all positive; result (...).

    For the mean: the slope of log(mean over seeds) against log(x), by the jackknife over whole seeds. For the median:
    the median over seeds of each seed's own slope, between order statistics. It is the slope of log(median over seeds)
    where the sizes are geometric and the relative fluctuations have one law at every size: reversing the sizes then
    reverses the sign of a seed's deviation, so that the median of the deviations is 0.
    """
    if centre == "mean":
        return jackknife_interval(values, lambda table: power_fit(x, table.mean(axis=-1)).slope, level)
    return median_interval(power_fit(x, np.swapaxes(values, -1, -2)).slope, level)


def _around(estimate: Numbers, half: Numbers) -> Interval:
    return Interval(estimate, estimate - half, estimate + half)


def _student(freedom: int, level: float) -> float:
    """The two-sided quantile of Student's t, from the lower tail, which keeps its digits at levels close to 1."""
    from scipy.special import stdtrit

    return -float(stdtrit(freedom, (1 - level) / 2))
