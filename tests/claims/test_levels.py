"""Equalities and bounds: supported where true, refuted where off, undecided where nobody can know."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from experiments.claims import Points, decide
from experiments.statistics import Interval
from tests.claims.made_to_order import (
    AT_LEAST,
    AT_MOST,
    EQUALS,
    ROW,
    SEEDS,
    SQUARE,
    Params,
    kurtosis,
    measured,
    noisy,
    runs,
)


def test_an_equality_that_holds_is_supported() -> None:
    verdict = EQUALS.judge(measured(kurtosis))
    assert verdict.status == "supported"
    assert "All 12 points lie inside" in verdict.because
    assert "n = 20" in verdict.because


def test_a_wrong_constant_is_refuted() -> None:
    verdict = EQUALS.judge(measured(lambda cell: kurtosis(cell) * 12 / 15))
    assert verdict.status == "refuted"
    assert verdict.estimate is not None
    assert verdict.high is not None
    assert verdict.predicted_low is not None
    assert verdict.estimate < verdict.high < verdict.predicted_low


def test_one_broken_point_is_refuted_and_named() -> None:
    broken = Params(64, 3)
    verdict = EQUALS.judge(measured(lambda cell: kurtosis(cell) * (1.2 if cell == broken else 1)))
    assert verdict.status == "refuted"
    assert "width = 64, depth = 3" in verdict.because
    assert verdict.estimate == pytest.approx(1.2 * kurtosis(broken), rel=0.03)
    assert verdict.predicted_high == pytest.approx(1.05 * kurtosis(broken))


def test_noise_leaves_an_equality_undecided() -> None:
    # Spread 0.3 makes the narrowest interval wider than the band; a false "refuted" has probability below 1/1200.
    verdict = EQUALS.judge(measured(kurtosis, spread=0.3))
    assert verdict.status == "undecided"


def test_one_uncertain_point_leaves_all_undecided_and_is_named() -> None:
    # The one interval is four times as wide as its band; refuted has probability below 1/14,000.
    table, doubtful = measured(kurtosis), SQUARE.index(Params(64, 3))
    table.metrics["y"][doubtful] = noisy(SQUARE[doubtful : doubtful + 1], kurtosis, spread=0.3, stream=1)[0]
    verdict = EQUALS.judge(table)
    assert verdict.status == "undecided"
    assert "width = 64, depth = 3" in verdict.because


def test_a_refuted_claim_shows_a_point_that_refutes_it() -> None:
    # Seen from its estimate the first point lies further out, by the short side of its interval, but only the second
    # one's stricter interval clears the band.
    points = Points(
        interval=Interval(np.array([2.0, 2.0]), np.array([1.9, 1.6]), np.array([2.1, 2.4])),
        strict=Interval(np.array([2.0, 2.0]), np.array([0.5, 1.2]), np.array([2.5, 2.8])),
        low=np.zeros(2),
        high=np.ones(2),
        magnitude=np.ones(2),
    )
    decision = decide(points, SEEDS)
    assert decision.status == "refuted"
    assert decision.room[0] < decision.room[1] < 0
    assert decision.deciding == 1


def test_a_relative_tolerance_is_one_of_the_magnitude() -> None:
    table = measured(lambda cell: -kurtosis(cell))
    assert replace(EQUALS, theory=lambda cell: -kurtosis(cell)).judge(table).status == "supported"


def test_an_undecided_equality_says_how_many_replicates_would_decide_it() -> None:
    values = 1 + 0.1 * np.tile([-1.0, 1.0], 10)  # its interval is half-width t * 0.1026 / sqrt(20), around 1 exactly
    verdict = replace(EQUALS, theory=lambda _: 1.0, tolerance=0.01).judge(runs((Params(8),), y=values[np.newaxis]))
    times = (stats.t.ppf(0.975, 19) * values.std(ddof=1) / math.sqrt(20) / 0.01) ** 2
    assert verdict.status == "undecided"
    assert f"about {times:.2g} times as many replicates" in verdict.because


def test_an_absolute_tolerance_is_absolute() -> None:
    table = measured(lambda _: 100.5, spread=1e-4)
    assert replace(EQUALS, theory=lambda _: 100.0, tolerance=1.0, relative=False).judge(table).status == "supported"
    assert replace(EQUALS, theory=lambda _: 100.0, tolerance=0.1, relative=False).judge(table).status == "refuted"


def test_the_median_of_heavy_tails_is_judged_where_the_mean_cannot_be() -> None:
    values = kurtosis(ROW[0]) * (1 + 0.02 * np.random.default_rng(3).standard_cauchy((1, 200)))
    table = runs(ROW[:1], y=values)
    assert replace(EQUALS, statistic="median").judge(table).status == "supported"


def test_bounds_that_hold_are_supported_with_their_tightness() -> None:
    below, above = measured(lambda cell: 0.5 * kurtosis(cell)), measured(lambda cell: 2 * kurtosis(cell))
    assert AT_MOST.judge(below).status == "supported"
    assert AT_LEAST.judge(above).status == "supported"
    constant = runs(ROW, y=np.repeat([[kurtosis(cell) / 4] for cell in ROW], SEEDS, axis=1))
    assert "measured/bound 0.25" in AT_MOST.judge(constant).because


def test_a_bound_broken_at_one_size_is_refuted() -> None:
    table = measured(lambda cell: kurtosis(cell) * (1.2 if cell.width == 64 else 0.5))
    verdict = AT_MOST.judge(table)
    assert verdict.status == "refuted"
    assert "width = 64" in verdict.because
    assert verdict.predicted_low is None
    table = measured(lambda cell: kurtosis(cell) * (0.8 if cell.width == 64 else 2))
    assert AT_LEAST.judge(table).status == "refuted"


def test_an_attained_bound_is_undecided_unless_it_is_attained_exactly() -> None:
    # Supported would take all 12 means well below their bounds by chance; refuted has probability below 1/2400.
    assert AT_MOST.judge(measured(kurtosis)).status == "undecided"
    exact = np.repeat([[kurtosis(cell)] for cell in SQUARE], SEEDS, axis=1)
    rounded = exact * np.where(np.arange(SEEDS) % 2, 1 + 2e-16, 1.0)
    for values in (exact, rounded):
        assert AT_MOST.judge(runs(SQUARE, y=values)).status == "supported"
        assert AT_LEAST.judge(runs(SQUARE, y=values)).status == "supported"


def test_a_bound_beyond_what_is_possible_holds_vacuously() -> None:
    verdict = replace(AT_MOST, bound=lambda cell: 64 / cell.width, trivial=1.0).judge(measured(lambda _: 0.2, ROW))
    assert verdict.status == "supported"
    assert "vacuous at 4 of 6 points" in verdict.because
