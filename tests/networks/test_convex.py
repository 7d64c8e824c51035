"""Convex test functions: gradients, constants and minima by differences, sampling and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from experiments.networks import convex
from experiments.networks.convex import ConvexProblem


def problems() -> dict[str, ConvexProblem]:
    rng = np.random.default_rng(0)
    found = {kind: convex.random_problem(kind, 4.0, 6, rng) for kind in ("quadratic", "huber sum", "ln cosh")}
    found["huber worst case"] = convex.huber_worst_case(4.0, 5, 3, rng)
    found["tridiagonal"] = convex.tridiagonal_worst_case(4.0, 9)
    return found


PROBLEMS = problems()
every_problem = pytest.mark.parametrize("name", PROBLEMS)


@every_problem
def test_gradients_are_those_of_central_differences(name: str) -> None:
    problem = PROBLEMS[name]
    for seed in range(5):
        x = np.random.default_rng(seed).standard_normal(problem.start.size) * 0.4
        assert optimize.check_grad(problem.value, problem.gradient, x, epsilon=1e-6) < 1e-4


@every_problem
def test_the_stated_minimum_is_one_and_lies_at_the_stated_distance(name: str) -> None:
    problem = PROBLEMS[name]
    found = optimize.minimize(problem.value, problem.start, jac=problem.gradient, options={"gtol": 1e-10})
    assert found.fun == pytest.approx(problem.least, abs=1e-8)
    if name == "tridiagonal":
        assert np.linalg.norm(found.x - problem.start) == pytest.approx(problem.distance, rel=1e-4)
    else:
        assert problem.value(np.zeros_like(problem.start)) == problem.least
        assert np.linalg.norm(problem.start) == pytest.approx(problem.distance)


@every_problem
def test_gradients_are_lipschitz_and_monotone(name: str) -> None:
    problem, rng = PROBLEMS[name], np.random.default_rng(1)
    for _ in range(200):
        x, y = rng.standard_normal((2, problem.start.size)) * rng.choice([0.05, 1.0])
        change, step = problem.gradient(x) - problem.gradient(y), x - y
        assert np.linalg.norm(change) <= problem.smoothness * np.linalg.norm(step) * (1 + 1e-12)
        assert change @ step >= -1e-12


def test_the_constant_is_needed() -> None:
    """On a parabola along its steepest direction gradient descent with step 1/L arrives at once: L is no larger."""
    problem = PROBLEMS["quadratic"]
    hessian = np.array([problem.gradient(e) for e in np.eye(6)])
    assert np.linalg.eigvalsh(hessian)[-1] == pytest.approx(problem.smoothness)


def test_momentum_is_that_of_the_published_recurrence() -> None:
    problem = PROBLEMS["ln cosh"]
    # t_1 = 1, so that the first step is a gradient step and the second starts from it
    first = problem.start - problem.gradient(problem.start) / 4
    t2 = (1 + 5**0.5) / 2
    t3 = (1 + (1 + 4 * t2**2) ** 0.5) / 2
    second = first - problem.gradient(first) / 4
    ahead = second + (t2 - 1) / t3 * (second - first)
    third = ahead - problem.gradient(ahead) / 4
    gaps = convex.accelerated_descent(problem, 3)
    assert gaps[1:] == pytest.approx([problem.value(x) for x in (first, second, third)], rel=1e-12)
    assert convex.gradient_descent(problem, 2)[1:] == pytest.approx([problem.value(first), problem.value(second)])


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(ValueError, match="no convex function called 'cubic'"):
        convex.random_problem("cubic", 1.0, 3, np.random.default_rng(0)).value(np.ones(3))
