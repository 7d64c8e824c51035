"""Robustness of linear classifiers: formulas against linear programs of scipy, elementary integrals and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from experiments.theory import linear_classifiers as theory


def test_the_worst_change_is_that_of_a_linear_program() -> None:
    """min w·z over |z|_inf <= eps is a linear program."""
    w = np.random.default_rng(0).standard_normal(7)
    solved = optimize.linprog(w, bounds=[(-0.3, 0.3)] * 7)
    assert solved.fun == pytest.approx(-0.3 * np.abs(w).sum(), rel=1e-9)


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.2), ("l2", 0.9)])
def test_robust_accuracy_is_that_of_drawn_points(norm: str, epsilon: float) -> None:
    """400,000 points, each attacked with the worst change: within five standard errors, 0.004 at most."""
    rng = np.random.default_rng(0)
    w, mu = rng.standard_normal(5) + 1, np.full(5, 0.5)
    x = mu + rng.standard_normal((400_000, 5))
    worst = -np.sign(w) if norm == "linf" else -w / np.linalg.norm(w)
    drawn = np.mean((x + epsilon * worst) @ w > 0)
    dual = np.abs(w).sum() if norm == "linf" else np.linalg.norm(w)
    formula = theory.robust_accuracy(float(w @ mu), float(dual), float(np.linalg.norm(w)), epsilon)
    assert formula == pytest.approx(drawn, abs=5 * math.sqrt(0.25 / 400_000))


def test_the_guides_sizes() -> None:
    """d = 20, mu = 0.5, w = mu in Linf: (w·mu − eps |w|_1)/|w|_2 = sqrt(20) (0.5 − eps)."""
    for epsilon in (0.0, 0.1, 0.2, 0.4):
        found = theory.robust_accuracy(5.0, 10.0, math.sqrt(5), epsilon)
        assert found == pytest.approx(stats.norm.cdf(math.sqrt(20) * (0.5 - epsilon)), rel=1e-12)


def test_the_ratio_in_the_plane_is_an_elementary_integral() -> None:
    """On the circle: (2/pi) times the integral of 1/(cos + sin) over a quarter, sqrt(2) asinh(1)."""
    assert theory.mean_radius_ratio(2) == pytest.approx(2 / math.pi * math.sqrt(2) * math.asinh(1), rel=1e-8)


@pytest.mark.parametrize("dimension", [3, 20, 1000])
def test_the_ratio_is_the_mean_of_drawn_vectors(dimension: int) -> None:
    """Within five standard errors."""
    w = np.random.default_rng(0).standard_normal((200_000 // dimension, dimension))
    ratio = np.linalg.norm(w, axis=1) / np.abs(w).sum(axis=1)
    assert abs(ratio.mean() - theory.mean_radius_ratio(dimension)) < 5 * ratio.std() / math.sqrt(len(ratio))


def test_the_first_order_is_approached_as_the_square_of_the_dimension() -> None:
    """With A and B the means of |w_i| and w_i² the ratio is sqrt(B/d)/A; its second-order expansion about
    (sqrt(2/pi), 1) has Var B/8 = 1/(4d), Var A/(E A)² = (pi/2 − 1)/d and Cov/(2 E A) = 1/(2d)."""
    first_order = {d: math.sqrt(math.pi / (2 * d)) * (1 + (math.pi / 2 - 1.75) / d) for d in (20, 200)}
    errors = [theory.mean_radius_ratio(d) / ratio - 1 for d, ratio in first_order.items()]
    assert abs(errors[0]) < 2e-3
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.1)


def test_one_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more"):
        theory.mean_radius_ratio(1)
