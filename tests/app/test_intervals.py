"""Statistics over seeds and their bands, for many groups at once: as numpy and scipy have them, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from app.numbers.intervals import BANDS, STATISTICS, bands_of, summaries

RNG = np.random.default_rng(0)
GROUPS = RNG.permutation(np.repeat(np.arange(30), np.arange(30)))  # group k has k values, group 0 none
VALUES = RNG.gamma(1.5, size=len(GROUPS)) * 10.0 ** (GROUPS % 7 - 3)


def of_group(group: int) -> Any:
    return VALUES[np.flatnonzero(group == GROUPS)]


@pytest.mark.parametrize(
    ("statistic", "oracle"),
    [("mean", np.mean), ("median", np.median), ("iqm", lambda sample: stats.trim_mean(sample, 0.25))],
)
def test_statistics_of_groups_are_those_of_numpy_and_scipy(statistic: str, oracle: Any) -> None:
    found = summaries(VALUES, GROUPS, 30, statistic)
    assert np.isnan(found.value[0])
    assert found.n.tolist() == list(range(30))
    for group in range(1, 30):
        assert found.value[group] == pytest.approx(oracle(of_group(group)), rel=1e-13)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(("band", "ends"), [("q10", (0.1, 0.9)), ("q25", (0.25, 0.75)), ("range", (0, 1))])
def test_quantile_bands_are_numpy_s(statistic: str, band: str, ends: tuple[float, float]) -> None:
    found = summaries(VALUES, GROUPS, 30, statistic, band)
    assert np.isnan(found.low[:2]).all()
    for group in range(2, 30):
        low, high = np.quantile(of_group(group), ends)
        assert (found.low[group], found.high[group]) == pytest.approx((low, high), rel=1e-13)


def test_bands_of_the_mean_are_scipy_s() -> None:
    for group in range(2, 30):
        sample = of_group(group)
        mean, error = sample.mean(), stats.sem(sample)
        for band, (low, high) in {
            "sd": (mean - sample.std(ddof=1), mean + sample.std(ddof=1)),
            "se": (mean - error, mean + error),
            "ci": stats.t.interval(0.95, len(sample) - 1, mean, error),
        }.items():
            found = summaries(VALUES, GROUPS, 30, "mean", band)
            assert (found.low[group], found.high[group]) == pytest.approx((low, high), rel=1e-12, abs=1e-15)


def test_the_median_s_interval_is_scipy_s_exact_one() -> None:
    found = summaries(VALUES, GROUPS, 30, "median")
    assert np.isnan(found.low[:6]).all()  # five values do not cover a median with probability 0.95
    assert np.isnan(found.high[:6]).all()
    for group in range(6, 30):
        oracle: Any = stats.quantile_test(of_group(group), p=0.5).confidence_interval(0.95)
        assert (found.low[group], found.high[group]) == (oracle.low, oracle.high)


def test_the_interquartile_mean_s_interval_has_the_standard_error_of_yuen_s_test() -> None:
    """Yuen's test of a sample against itself, moved by d, has t = d / (√2 · standard error)."""
    found = summaries(VALUES, GROUPS, 30, "iqm")
    for group in range(6, 30):
        sample = of_group(group)
        moved = stats.ttest_ind(sample + 1.0, sample, equal_var=False, trim=0.25)
        half = stats.t.ppf(0.975, len(sample) - 2 * (len(sample) // 4) - 1) / (np.sqrt(2) * moved.statistic)
        middle = stats.trim_mean(sample, 0.25)
        assert (found.low[group], found.high[group]) == pytest.approx((middle - half, middle + half), rel=1e-9)


@pytest.mark.parametrize("statistic", ["median", "iqm"])
def test_intervals_cover_as_often_as_they_say(statistic: str) -> None:
    """4,000 samples of 20 exponentials; true coverage is 0.959 for the median (exact) and above 0.92 for the trimmed
    mean. At 0.92 by chance alone the first fails at 1e-30; the second holds 0.935 in long simulations, so that it fails
    with probability 1e-4."""
    sample = np.random.default_rng(1).exponential(size=(4000, 20))
    found = summaries(sample.ravel(), np.repeat(np.arange(4000), 20), 4000, statistic)
    quantile = stats.expon.ppf
    grid = np.linspace(0.25, 0.75, 100_001)
    truth = quantile(0.5) if statistic == "median" else np.trapezoid(quantile(grid), grid) / 0.5
    assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.92


def test_a_band_that_a_statistic_does_not_have_is_not_offered() -> None:
    assert bands_of("mean") == list(BANDS)
    assert set(BANDS) - set(bands_of("iqm")) == {"se", "sd"}
