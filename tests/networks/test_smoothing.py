"""Smoothing splines in the basis of sines: against scipy's banded solution, and the score against dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import make_smoothing_spline

from experiments.networks.smoothing import best_penalty, score, smoothed, smoothing_spline

Floats = NDArray[np.float64]


def points(n: int) -> tuple[Floats, Floats, float]:
    x = np.linspace(0, 10, n)
    return x, np.sin(x) + 0.1 * np.random.default_rng(n).standard_normal(n), 10 / (n - 1)


@pytest.mark.parametrize("n", [5, 6, 20, 321])
@pytest.mark.parametrize("penalty", [1e-4, 0.1, 10.0])
def test_the_values_at_the_points_are_those_of_scipys_smoothing_spline(n: int, penalty: float) -> None:
    x, y, h = points(n)
    assert smoothed(y, h, penalty) == pytest.approx(make_smoothing_spline(x, y, lam=penalty)(x), abs=1e-8)


@pytest.mark.parametrize("n", [5, 12, 13])
def test_the_score_is_that_of_the_map_from_data_to_values(n: int) -> None:
    x, y, h = points(n)
    for penalty in (1e-3, 0.3, 20.0):
        values = np.array([make_smoothing_spline(x, unit, lam=penalty)(x) for unit in np.eye(n)]).T
        expected = n * np.sum((y - values @ y) ** 2) / (n - np.trace(values)) ** 2
        assert score(y, h, penalty) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("n", [20, 80, 641])
def test_no_penalty_of_a_fine_grid_scores_better_than_the_one_chosen(n: int) -> None:
    _, y, h = points(n)
    least = min(score(y, h, n * penalty) for penalty in np.logspace(-8, 3, 500))
    assert score(y, h, best_penalty(y, h)) <= least * (1 + 1e-9)


def test_each_column_is_smoothed_by_itself_and_between_its_points() -> None:
    x, _, h = points(40)
    data = np.sin(x)[:, np.newaxis] + 0.1 * np.random.default_rng(0).standard_normal((40, 3))
    fit, grid = smoothing_spline(x, data), np.linspace(0, 10, 77)
    for column, values in zip(data.T, fit(grid).T, strict=True):
        alone = make_smoothing_spline(x, column, lam=best_penalty(column, h))
        assert values == pytest.approx(alone(grid), abs=1e-8)
