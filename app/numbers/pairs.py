"""Two groups of seeds compared: difference of means, and how probably one is larger than the other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, from n pairs; low and high are nan where there is none."""

    value: float
    low: float
    high: float
    n: int


def paired_difference(first: ArrayLike, second: ArrayLike) -> Estimate:
    """Mean of second − first over pairs (both of shape (n,), in the order of the seeds), with Student's t interval.

    Student (1908): mean ± t · s / √n with n − 1 degrees of freedom, s the standard deviation of the differences. One
    pair has no interval, none no value.
    """
    from scipy.special import stdtrit

    differences = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    n = len(differences)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    mean = float(differences.mean())
    if n == 1:
        return Estimate(mean, math.nan, math.nan, 1)
    half = float(stdtrit(n - 1, 0.5 + LEVEL / 2) * differences.std(ddof=1) / math.sqrt(n))
    return Estimate(mean, mean - half, mean + half, n)


def improvement_at_one_seed(first: ArrayLike, second: ArrayLike) -> Estimate:
    """P(second > first) at one and the same seed, a tie counted half; both of shape (n,), in the order of the seeds.

    The interval is that of C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits (1934), exact for
    the number of wins. Were each tie broken by a coin, the wins would be binomial with exactly this probability; so the
    interval reaches from where all ties are lost to where all are won, and covers in at least 95 % of cases.
    """
    from scipy.special import betaincinv

    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    n, wins, ties = len(a), int((b > a).sum()), int((b == a).sum())
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    tail, most = (1 - LEVEL) / 2, wins + ties
    low = 0.0 if wins == 0 else float(betaincinv(wins, n - wins + 1, tail))
    high = 1.0 if most == n else float(betaincinv(most + 1, n - most, 1 - tail))
    return Estimate((wins + ties / 2) / n, low, high, n)


def improvement_at_any_seeds(first: ArrayLike, second: ArrayLike) -> Estimate:
    """P(second > first) for any two seeds, ties counted half: over all pairs of first (n,) and second (m,).

    The probability of improvement of R. Agarwal et al., Deep reinforcement learning at the edge of the statistical
    precipice (2021): the statistic of Mann and Whitney over n · m. They resample runs, which leaves no interval where
    the groups are apart; this is the score interval of R. G. Newcombe, Confidence intervals for an effect size measure
    based on the Mann-Whitney statistic, part 2 (2006), method 5: all θ with |θ̂ − θ| ≤ z √V(θ), where
    V(θ) = θ (1 − θ) / (n m) · [1 + N ((1 − θ) / (2 − θ) + θ / (1 + θ))] and N = (n + m) / 2 − 1. It takes the groups
    as independent; where runs of one seed resemble one another it is wider than need be. None below two seeds each.
    """
    a, b = np.sort(np.asarray(first, dtype=np.float64)), np.asarray(second, dtype=np.float64)
    n, m = len(a), len(b)
    if n == 0 or m == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    below = (np.searchsorted(a, b, "left") + np.searchsorted(a, b, "right")) / 2
    value = float(below.sum()) / (n * m)
    if min(n, m) < 2:
        return Estimate(value, math.nan, math.nan, n * m)
    return Estimate(value, *_score_interval(value, n, m), n * m)


def _score_interval(value: float, n: int, m: int) -> tuple[float, float]:
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z, excess = float(ndtri(0.5 + LEVEL / 2)), (n + m) / 2 - 1

    def beyond(theta: float) -> float:
        spread = 1 + excess * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return abs(value - theta) - z * math.sqrt(theta * (1 - theta) / (n * m) * spread)

    inside = min(max(value, 1e-12), 1 - 1e-12)  # at 0 and 1 themselves the spread is nothing, and so is the distance
    low = 0.0 if value == 0 else float(brentq(beyond, 0.0, inside))
    high = 1.0 if value == 1 else float(brentq(beyond, inside, 1.0))
    return low, high
