"""Uniform bounds: formulas against enumeration in rational arithmetic, scipy's laws and simulation."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize, stats

from experiments.theory import uniform_bounds as theory


def enumerated(points: int, classifiers: int) -> dict[Fraction, Fraction]:
    """The law of the largest gap, from all outcomes of all classifiers."""
    single = [(Fraction(abs(2 * k - points), 2 * points), math.comb(points, k)) for k in range(points + 1)]
    law: dict[Fraction, Fraction] = {}
    for outcome in itertools.product(single, repeat=classifiers):
        largest = max(gap for gap, _ in outcome)
        weight = math.prod(count for _, count in outcome)
        law[largest] = law.get(largest, Fraction(0)) + Fraction(weight, 2 ** (points * classifiers))
    return law


@pytest.mark.parametrize(("points", "classifiers"), [(2, 1), (4, 3), (6, 2)])
def test_the_largest_of_few_gaps_is_enumerated(points: int, classifiers: int) -> None:
    law = enumerated(points, classifiers)
    mean = sum(gap * chance for gap, chance in law.items())
    assert theory.coin_gap_mean(points, classifiers) == pytest.approx(float(mean), rel=1e-12)


def test_the_largest_of_a_thousand_gaps_has_the_mean_of_drawn_ones() -> None:
    """4000 maxima: within five standard errors."""
    rng = np.random.default_rng(0)
    gaps = np.abs(rng.binomial(100, 0.5, (4000, 1000)) / 100 - 0.5).max(axis=1)
    assert abs(gaps.mean() - theory.coin_gap_mean(100, 1000)) < 5 * gaps.std() / math.sqrt(4000)


def test_the_bound_holds_for_the_exact_law() -> None:
    for points in (10, 100, 1000, 10_000):
        bound = theory.hoeffding_union(points, 1000, 0.05)
        one_exceeds = 2 * stats.binom.sf(math.floor(points * (0.5 + bound)), points, 0.5)
        assert -np.expm1(1000 * np.log1p(-one_exceeds)) <= 0.05
        assert theory.coin_gap_mean(points, 1000) <= theory.massart(points, 1000)


def test_the_bound_on_the_mean_is_the_best_of_its_family() -> None:
    found = optimize.minimize_scalar(lambda t: math.log(2000) / t + t / 800, bounds=(1, 1000), method="bounded")
    assert theory.massart(100, 1000) == pytest.approx(found.fun, rel=1e-9)


@pytest.mark.parametrize("dimension", [1, 2, 20])
def test_the_length_of_a_normal_vector_is_a_chi_variable(dimension: int) -> None:
    assert theory.ball_rademacher(400, dimension) == pytest.approx(stats.chi(dimension).mean() / 20, rel=1e-12)
    assert theory.ball_rademacher(400, dimension) < theory.ball_bound(400, dimension)


def test_an_odd_number_of_points_is_refused() -> None:
    with pytest.raises(ValueError, match="even"):
        theory.coin_gap_mean(7, 10)
