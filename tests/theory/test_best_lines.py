"""The best straight pieces: certificates checked in extended precision, lines against linear programs."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate
from scipy.optimize import linprog

from experiments.theory import best_lines as theory


def by_linear_program(a: float, b: float) -> float:
    """The least greatest error on 4001 points of [a, b]: minimise e with |f - c - m x| <= e."""
    x = np.linspace(a, b, 4001)
    y = theory.values(x)
    one = np.ones_like(x)
    above, below = np.column_stack((-one, -x, -one)), np.column_stack((one, x, -one))
    found = linprog(
        [0, 0, 1], np.vstack((above, below)), np.concatenate((-y, y)), bounds=[(None, None), (None, None), (0, None)]
    )
    assert found.fun is not None, found.message
    return float(found.fun)


@pytest.mark.parametrize(("a", "b"), [(-5, -3), (-2, -1.2), (0.2, 0.9), (-3, 4), (-5, 5), (0, 2.5), (3.3, 3.4)])
def test_the_best_line_is_that_of_a_linear_program(a: float, b: float) -> None:
    line = theory.best_line(a, b)
    assert line.level == pytest.approx(by_linear_program(a, b), rel=2e-5)
    assert line.error == pytest.approx(line.level, rel=1e-11)
    x = np.linspace(a, b, 10_001)
    assert np.abs(theory.values(x) - line.c - line.m * x).max() <= line.error * (1 + 1e-12)


@pytest.mark.parametrize("p", [5, 9, 17, 33, 100])
def test_the_certificate_holds_in_extended_precision(p: int) -> None:
    """Each of p intervals that follow one another inside [-5, 5] holds three points which no line comes closer to."""
    oracle = theory.oracle(p)
    assert len(oracle.cells) == p
    ends = [(cell.a, cell.b) for cell in oracle.cells]
    assert ends[0][0] == -5
    assert ends[-1][1] < 5
    assert all(before[1] == after[0] for before, after in pairwise(ends))
    for cell in oracle.cells:
        assert cell.a <= cell.alternation[0] < cell.alternation[1] < cell.alternation[2] <= cell.b
        t = np.array(cell.alternation, dtype=np.longdouble)
        y = np.sin(t) + np.cos(2 * t) / 2
        level = abs(y[1] - y[0] - (y[2] - y[0]) / (t[2] - t[0]) * (t[1] - t[0])) / 2
        assert float(level) >= oracle.lower * (1 - 1e-10)


@pytest.mark.parametrize("p", [5, 33])
def test_the_lines_attain_it(p: int) -> None:
    oracle = theory.oracle(p)
    pieces = oracle.pieces
    assert len(pieces) <= p
    assert (pieces[0].a, pieces[-1].b) == (-5, 5)
    assert all(before.b == after.a for before, after in pairwise(pieces))
    for line in pieces:
        x = np.linspace(line.a, line.b, 2001)
        assert np.abs(theory.values(x) - line.c - line.m * x).max() <= oracle.upper * (1 + 1e-9)
    assert 0 <= oracle.upper / oracle.lower - 1 < 1e-8


def test_the_recorded_oracles() -> None:
    """Known to about 5e-5 from linear programs."""
    for p, value in ((5, 0.269941), (9, 0.075422), (17, 0.026007), (33, 0.0064622)):
        assert theory.oracle(p).lower == pytest.approx(value, rel=5e-5)


def test_no_random_cut_beats_the_oracle() -> None:
    rng = np.random.default_rng(0)
    lower = theory.oracle(6).lower
    for _ in range(200):
        cut = np.concatenate(([-5], np.sort(rng.uniform(-5, 5, 5)), [5])).tolist()
        assert max(theory.best_line(a, b).level for a, b in pairwise(cut)) >= lower


def test_integrals_of_the_curvature() -> None:
    bends = [x for x in np.linspace(-5, 5, 1_000_001) if abs(-math.sin(x) - 2 * math.cos(2 * x)) < 1e-5]
    root = integrate.quad(lambda x: math.sqrt(abs(-math.sin(x) - 2 * math.cos(2 * x))), -5, 5, limit=500, points=bends)
    assert theory.root_curvature() == pytest.approx(root[0], rel=1e-6)
    assert theory.root_curvature() == pytest.approx(11.09756, abs=5e-6)
    assert theory.limit_constant() == pytest.approx(7.6972, abs=5e-5)
    square = integrate.quad(lambda x: (math.sin(x) + 2 * math.cos(2 * x)) ** 2, -5, 5, limit=200)[0] / 10
    assert theory.mean_square_curvature() == pytest.approx(square, rel=1e-10)
    x = np.linspace(-5, 5, 100_001)
    assert np.abs(theory.curvature(x)).max() == pytest.approx(theory.STEEPEST, rel=1e-8)


def test_equidistributed_knots_share_the_integral() -> None:
    knots = theory.equidistributed(7)
    x = np.linspace(-5, 5, 1_000_001)
    parts = np.histogram(x, knots, weights=np.sqrt(np.abs(theory.curvature(x))))[0] / 1e5
    assert parts == pytest.approx(np.full(7, theory.root_curvature() / 7), rel=1e-3)


@pytest.mark.parametrize("cells", [1, 6, 40])
def test_errors_of_broken_lines_on_a_fine_grid(cells: int) -> None:
    rng = np.random.default_rng(cells)
    knots = np.concatenate(([-5], np.sort(rng.uniform(-5, 5, cells - 1)), [5]))
    heights = theory.values(knots) + 0.1 * rng.standard_normal(cells + 1)
    x = np.unique(np.concatenate((np.linspace(-5, 5, 200_001), knots)))
    gap = theory.values(x) - np.interp(x, knots, heights)
    greatest = theory.greatest_error(knots, heights)
    assert np.abs(gap).max() <= greatest * (1 + 1e-12)
    assert np.abs(gap).max() == pytest.approx(greatest, rel=1e-8)
    assert theory.mean_squared_error(knots, heights) == pytest.approx(np.trapezoid(gap**2, x) / 10, rel=1e-6)
