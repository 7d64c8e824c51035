"""Smooth convex functions with a known minimum, and the two first-order methods whose worst cases are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ConvexProblem:
    """A convex function with an L-Lipschitz gradient (L = `smoothness`), a start (d,) at `distance` R of a minimum, and
    the value of f there. `value` and `gradient` take one point (d,)."""

    value: Callable[[Floats], float]
    gradient: Callable[[Floats], Floats]
    start: Floats
    smoothness: float
    distance: float
    least: float


def huber_worst_case(smoothness: float, dimension: int, steps: int, rng: Generator) -> ConvexProblem:
    """L/2 |x|² inside the radius R/(2N + 1), continued linearly outside: gradient descent with step 1/L walks N steps
    of one length and attains its worst case after N = steps of them (Drori and Teboulle, 2014). R = 1, start at
    random on
    the sphere."""
    start = rng.standard_normal(dimension)
    start /= np.linalg.norm(start)
    kink = 1 / (2 * steps + 1)

    def value(x: Floats) -> float:
        r = float(np.linalg.norm(x))
        return smoothness * (r**2 / 2 if r <= kink else kink * (r - kink / 2))

    def gradient(x: Floats) -> Floats:
        return smoothness * x * min(1.0, kink / max(float(np.linalg.norm(x)), 1e-300))

    return ConvexProblem(value, gradient, start, smoothness, 1.0, 0.0)


def tridiagonal_worst_case(smoothness: float, dimension: int) -> ConvexProblem:
    """L/4 (½ xᵀT x − x_1) with T tridiagonal (2 on the diagonal, −1 beside it), from 0: each gradient reveals one new
    coordinate only (Nesterov, 2004, section 2.1.2). Its minimum is x_i = 1 − i/(d + 1), of value −L/8 · d/(d + 1)."""
    minimum = 1 - np.arange(1, dimension + 1) / (dimension + 1)

    def product(x: Floats) -> Floats:
        image = 2 * x
        image[1:] -= x[:-1]
        image[:-1] -= x[1:]
        return image

    def value(x: Floats) -> float:
        return float(smoothness / 4 * (x @ product(x) / 2 - x[0]))

    def gradient(x: Floats) -> Floats:
        image = product(x)
        image[0] -= 1
        return smoothness / 4 * image

    least = -smoothness / 8 * dimension / (dimension + 1)
    return ConvexProblem(value, gradient, np.zeros(dimension), smoothness, float(np.linalg.norm(minimum)), least)


def random_problem(kind: str, smoothness: float, dimension: int, rng: Generator) -> ConvexProblem:
    """Σ φ(a_i·x) over 2d random directions of lengths from 1 down to 1e-3 (scaled to the given L), φ a parabola, a
    Huber
    function or ln cosh: φ'' ≤ 1, minimum 0 at 0. Start at random on the unit sphere."""
    A = rng.standard_normal((2 * dimension, dimension)) * np.geomspace(1, 1e-3, 2 * dimension)[:, np.newaxis]
    A *= np.sqrt(smoothness) / np.linalg.norm(A, 2)
    start = rng.standard_normal(dimension)
    start /= np.linalg.norm(start)
    kink = float(np.median(np.abs(A @ start)))

    def parts(z: Floats) -> tuple[Floats, Floats]:
        """φ and φ'."""
        match kind:
            case "quadratic":
                return z**2 / 2, z
            case "huber sum":
                near = np.clip(z, -kink, kink)
                return near * (z - near / 2), near
            case "ln cosh":
                return np.logaddexp(z, -z) - np.log(2), np.tanh(z)
        raise ValueError(f"no convex function called {kind!r}")

    return ConvexProblem(
        lambda x: float(parts(A @ x)[0].sum()), lambda x: parts(A @ x)[1] @ A, start, smoothness, 1.0, 0.0
    )


def gradient_descent(problem: ConvexProblem, steps: int) -> Floats:
    """f(x_k) − f* for k = 0 … steps, with step 1/L: (steps + 1,)."""
    x, gaps = problem.start, [problem.value(problem.start) - problem.least]
    for _ in range(steps):
        x = x - problem.gradient(x) / problem.smoothness
        gaps.append(problem.value(x) - problem.least)
    return np.array(gaps)


def accelerated_descent(problem: ConvexProblem, steps: int) -> Floats:
    """f(x_k) − f* for k = 0 … steps of Nesterov's method: x_k = y_k − ∇f(y_k)/L, t_{k+1} = (1 + √(1 + 4 t_k²))/2,
    y_{k+1} = x_k + (t_k − 1)/t_{k+1} (x_k − x_{k−1}), y_1 = x_0, t_1 = 1 (Beck and Teboulle, 2009): (steps + 1,)."""
    x = y = problem.start
    t, gaps = 1.0, [problem.value(problem.start) - problem.least]
    for _ in range(steps):
        before, x = x, y - problem.gradient(y) / problem.smoothness
        later = (1 + np.sqrt(1 + 4 * t**2)) / 2
        y = x + (t - 1) / later * (x - before)
        t = later
        gaps.append(problem.value(x) - problem.least)
    return np.array(gaps)
