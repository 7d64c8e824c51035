r"""How far empirical risks stray from true ones, uniformly over a class: classical bounds, and two exact laws."""

from __future__ import annotations

import math

import numpy as np


def hoeffding_union(points: int, classifiers: int, chance: float) -> float:
    """The gap that no one of so many classifiers exceeds on m points, but for this chance: sqrt(log(2N/delta)/(2m)).

    Hoeffding's inequality for each side of each classifier, and a union over them (W. Hoeffding, Probability
    inequalities for sums of bounded random variables, 1963).
    """
    return math.sqrt(math.log(2 * classifiers / chance) / (2 * points))


def massart(points: int, classifiers: int) -> float:
    """An upper bound on the expected largest gap, sqrt(log(2N)/(2m)).

    A gap has the moment generating function of at most exp(t²/(8m)) on either side, so E max of 2N of them is at most
    log(2N)/t + t/(8m) for every t > 0 (P. Massart, Some applications of concentration inequalities to statistics,
    2000); the best t is sqrt(8 m log(2N)).
    """
    return math.sqrt(math.log(2 * classifiers) / (2 * points))


def coin_gap_mean(points: int, classifiers: int) -> float:
    """E max over N of |Bin(m, 1/2)/m − 1/2|, the N independent: the largest gap where every risk is 1/2; exact.

    The mean of a maximum is the sum over its values g of the step there times the chance to reach g,
    1 − P(|Bin/m − 1/2| < g)^N.
    """
    from scipy.stats import binom

    if points % 2:
        raise ValueError(f"the gaps are taken over an even number of points, not {points}")
    reached = np.arange(1, points // 2 + 1)
    one_reaches = 2 * binom.sf(points // 2 + reached - 1, points, 0.5)
    return float(np.sum(-np.expm1(classifiers * np.log1p(-one_reaches))) / points)


def ball_rademacher(points: int, dimension: int) -> float:
    r"""The Rademacher complexity of x -> w·x, |w| <= 1, on m points x ~ N(0, I): E |sum_i s_i x_i|/m; exact.

    The supremum over w is the length of the sum, which is sqrt(m) times a normal vector: its length has the mean
    \sqrt 2\,\Gamma((d+1)/2)/\Gamma(d/2).
    """
    return math.sqrt(2 / points) * math.exp(math.lgamma((dimension + 1) / 2) - math.lgamma(dimension / 2))


def ball_bound(points: int, dimension: int) -> float:
    """Its classical bound, by Jensen's inequality: sqrt(E |x|²/m) = sqrt(d/m) (P. Bartlett and S. Mendelson, Rademacher
    and Gaussian complexities, 2002)."""
    return math.sqrt(dimension / points)
