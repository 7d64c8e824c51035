"""Intervals, fits and levels, against scipy, exact sums, naive loops, and by the coverage they promise.

A simulated coverage differs from the true one by its binomial error: four standard errors are allowed, which a right
interval exceeds in fewer than 1 of 15,000 random streams; the streams here are fixed.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import (
    Numbers,
    jackknife_interval,
    mean_interval,
    median_interval,
    order_rank,
    paired_interval,
    pointwise_level,
    power_fit,
    slope_interval,
)
from tests.benchmarks.coverage import cauchy, gamma, mean_coverage, normal, slope_coverage

REPLICATES = 20_000


def binomial_error(share: float, replicates: int = REPLICATES) -> float:
    return 4 * math.sqrt(share * (1 - share) / replicates)


def test_interval_of_a_mean_is_students() -> None:
    values = np.random.default_rng(1).normal(3.0, 2.0, (5, 12))
    interval = mean_interval(values, 0.99)
    low, high = stats.t.interval(0.99, 11, loc=values.mean(axis=1), scale=stats.sem(values, axis=1))
    np.testing.assert_allclose(interval.estimate, values.mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(interval.low, low, rtol=1e-12)
    np.testing.assert_allclose(interval.high, high, rtol=1e-12)


def test_order_of_seeds_changes_no_bit_of_a_mean() -> None:
    rng = np.random.default_rng(2)
    values = rng.standard_normal(37)
    intervals = {mean_interval(rng.permutation(values), 0.95).high.item() for _ in range(50)}
    assert len(intervals) == 1


def test_equal_values_have_an_interval_of_no_width() -> None:
    values = np.full(20, 0.1)  # whose floating-point mean is not 0.1
    for interval in (mean_interval(values, 0.999), median_interval(values, 0.999)):
        assert interval.low == interval.estimate == interval.high == 0.1


def test_one_seed_says_nothing_about_the_spread() -> None:
    for interval in (
        mean_interval(np.array([2.0]), 0.95),
        median_interval(np.array([2.0]), 0.95),
        jackknife_interval(np.array([[2.0]]), lambda table: table.mean(axis=(-1, -2)), 0.95),
    ):
        assert [float(end) for end in (interval.low, interval.estimate, interval.high)] == [-np.inf, 2.0, np.inf]


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99, 1 - 0.05 / 60, 1 - 0.05 / 600])
def test_order_statistics_are_the_innermost_that_keep_the_level(level: float) -> None:
    for seeds in (*range(1, 60), 500, 3000):
        rank = order_rank(seeds, level)
        coverage = [1 - 2 * stats.binom.cdf(r - 1, seeds, 0.5) for r in range(rank + 2)]
        assert rank == 0 or coverage[rank] >= level
        assert coverage[rank + 1] < level


def test_interval_of_a_median_is_infinite_where_no_order_statistics_keep_the_level() -> None:
    values = np.arange(11.0)
    assert order_rank(5, 0.95) == 0
    assert order_rank(6, 0.95) == 1
    assert np.isinf(median_interval(values[:5], 0.95).high)
    assert np.isinf(median_interval(values[:10], 0.999).low)
    assert median_interval(values, 0.999).high == 10.0


def test_a_power_law_is_fitted_exactly() -> None:
    x = np.array([3.0, 10.0, 70.0, 500.0])
    fit = power_fit(x, np.stack([7 * x**-1.5, 0.2 * x**2]))
    np.testing.assert_allclose(fit.slope, [-1.5, 2.0], rtol=1e-13)
    np.testing.assert_allclose(fit.prefactor, [7, 0.2], rtol=1e-12)


def test_jackknife_of_a_mean_is_students_interval() -> None:
    values = np.random.default_rng(3).standard_gamma(2.0, (4, 1, 9))
    jackknife = jackknife_interval(values, lambda table: table.mean(axis=(-1, -2)), 0.98)
    student = mean_interval(values[:, 0], 0.98)
    np.testing.assert_allclose(jackknife.low, student.low, rtol=1e-12)
    np.testing.assert_allclose(jackknife.high, student.high, rtol=1e-12)


def test_interval_of_a_slope_leaves_out_one_whole_seed_at_a_time() -> None:
    rng = np.random.default_rng(4)
    x, seeds = np.array([8.0, 16.0, 64.0, 100.0]), 9
    values = x[:, np.newaxis] ** -0.7 * rng.standard_gamma(5.0, (4, seeds))

    def slope(table: Numbers) -> float:
        return float(np.polyfit(np.log(x), np.log(table.mean(axis=1)), 1)[0])

    left_out = [slope(np.delete(values, seed, axis=1)) for seed in range(seeds)]
    half = stats.t.ppf(0.975, seeds - 1) * math.sqrt((seeds - 1) * np.var(left_out))
    interval = slope_interval(x, values, 0.95)
    assert interval.estimate == pytest.approx(slope(values), rel=1e-12)
    assert interval.low == pytest.approx(slope(values) - half, rel=1e-10)
    assert interval.high == pytest.approx(slope(values) + half, rel=1e-10)


def test_a_seed_that_scales_all_sizes_alike_leaves_the_slope_certain() -> None:
    x = np.array([1.0, 2.0, 4.0])
    values = x[:, np.newaxis] ** -1.0 * np.random.default_rng(5).lognormal(0, 1, 10)
    for centre in ("mean", "median"):
        interval = slope_interval(x, values, 0.95, "mean" if centre == "mean" else "median")
        assert interval.low == pytest.approx(-1, abs=1e-12)
        assert interval.high == pytest.approx(-1, abs=1e-12)


def test_a_ratio_of_means_by_the_jackknife_covers() -> None:
    table = gamma(0.4)(np.random.default_rng(6), (REPLICATES, 2, 10)) * np.array([[3.0], [2.0]])
    interval = jackknife_interval(table, lambda pair: pair[..., 0, :].mean(-1) / pair[..., 1, :].mean(-1), 0.95)
    share = ((interval.low <= 1.5) & (interval.high >= 1.5)).mean()
    assert share == pytest.approx(0.95, abs=0.01 + binomial_error(0.95))  # an approximation: within a point


@pytest.mark.parametrize("seeds", [3, 5, 8, 20])
def test_students_interval_covers_the_mean_of_normal_values_as_promised(seeds: int) -> None:
    share = mean_coverage(normal(0.3), seeds, REPLICATES, np.random.default_rng(seeds))
    assert share == pytest.approx(0.95, abs=binomial_error(0.95))


@pytest.mark.parametrize("seeds", [8, 10, 20])
def test_jackknife_covers_the_slope_of_skewed_values(seeds: int) -> None:
    share = slope_coverage(gamma(0.3), seeds, REPLICATES, np.random.default_rng(seeds))
    assert share == pytest.approx(0.95, abs=0.01 + binomial_error(0.95))  # an approximation: within a point


@pytest.mark.parametrize("seeds", [6, 8, 20])
def test_interval_of_a_median_covers_exactly_what_the_binomial_law_says(seeds: int) -> None:
    outside = sum(math.comb(seeds, i) for i in range(order_rank(seeds, 0.95))) / 2 ** (seeds - 1)
    share = mean_coverage(cauchy, seeds, REPLICATES, np.random.default_rng(seeds), "median")
    assert 1 - outside >= 0.95
    assert share == pytest.approx(1 - outside, abs=binomial_error(1 - outside))


def test_median_of_the_seeds_slopes_covers() -> None:
    share = slope_coverage(gamma(1.0), 20, REPLICATES, np.random.default_rng(7), "median")
    assert share >= 0.95 - binomial_error(0.95)


def test_bonferroni_intervals_hold_all_at_once() -> None:
    values = np.random.default_rng(8).standard_normal((REPLICATES, 6, 8))
    interval = mean_interval(values, pointwise_level(0.95, 6))
    together = ((interval.low <= 0) & (interval.high >= 0)).all(axis=1).mean()
    independent = (1 - 0.05 / 6) ** 6  # exact, for independent cells
    assert together == pytest.approx(independent, abs=binomial_error(independent))


def test_pairing_removes_what_a_seed_does_to_both() -> None:
    rng = np.random.default_rng(9)
    shared, gain = rng.normal(0, 100, 20), rng.normal(1, 0.1, 20)
    paired = paired_interval(shared, shared + gain, 0.95)
    assert 0.8 < paired.low < 1 < paired.high < 1.2  # the gain's mean has standard error 0.022
