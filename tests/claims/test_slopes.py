"""Power laws: supported where true, refuted where off, undecided where nobody can know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.claims import PowerLaw
from tests.benchmarks.coverage import gamma
from tests.claims.made_to_order import (
    ABOUT,
    ROW,
    SAME_SLOPE,
    SEEDS,
    SLOPE,
    Params,
    kurtosis,
    measured,
    runs,
)


def test_a_slope_that_holds_is_supported() -> None:
    assert SLOPE.judge(measured(kurtosis)).status == "supported"
    assert replace(SLOPE, statistic="median").judge(measured(kurtosis)).status == "supported"


def test_a_wrong_slope_is_refuted() -> None:
    table = measured(lambda cell: cell.width**-0.8)
    verdict = SLOPE.judge(table)
    assert verdict.status == "refuted"
    assert verdict.estimate == pytest.approx(-0.8, abs=0.02)
    assert verdict.predicted_low == pytest.approx(-1.05)
    assert replace(SLOPE, statistic="median").judge(table).status == "refuted"


def test_the_slope_of_theory_is_that_of_its_grid_and_every_series_counts() -> None:
    # At depth 3 the exact formula has slope -1.13 here, far from its asymptote -1.
    assert SAME_SLOPE.judge(measured(kurtosis)).status == "supported"
    assert replace(SLOPE, where=lambda cell: True).judge(measured(kurtosis)).status == "refuted"
    one_off = measured(lambda cell: kurtosis(cell) * cell.width ** (0.2 if cell.depth == 3 else 0))
    verdict = SAME_SLOPE.judge(one_off)
    assert verdict.status == "refuted"
    assert "depth = 3" in verdict.because


def test_a_range_of_slopes_is_taken_as_it_is() -> None:
    table = measured(lambda cell: cell.width**-0.8)
    assert replace(SLOPE, slope=(-np.inf, -0.5)).judge(table).status == "supported"
    assert replace(SLOPE, slope=(-0.78, np.inf)).judge(table).status == "refuted"


def test_noise_leaves_a_slope_undecided() -> None:
    # The slope has standard error 0.077: ten times too much for "supported"; refuted has probability about 1/1200.
    noise = gamma(1.0)(np.random.default_rng(0), (len(ROW), SEEDS))
    verdict = SLOPE.judge(runs(ROW, y=np.array([[kurtosis(cell)] for cell in ROW]) * noise))
    assert verdict.status == "undecided"


def test_a_slope_needs_three_sizes_and_positive_means() -> None:
    two = replace(SLOPE, where=lambda cell: cell.depth == 1 and cell.width <= 16).judge(measured(kurtosis))
    assert two.status == "undecided"
    assert "needs 3 sizes" in two.because
    table = measured(kurtosis, ROW)
    table.metrics["y"][2, 1:] = 0  # positive in one seed only: leaving it out leaves no logarithm
    verdict = SLOPE.judge(table)
    assert verdict.status == "undecided"
    assert "width = 32" in verdict.because


def test_a_power_law_needs_something_to_compare_with() -> None:
    with pytest.raises(ValueError, match="slope or a theory"):
        PowerLaw[Params](**ABOUT, metric="y")
