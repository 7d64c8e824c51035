"""Networks as functions: eigenvalues against quadrature, and the step's floor against convex optimisation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, optimize

from experiments.theory import function_space as theory


@pytest.mark.parametrize("mode", [0, 1, 2, 3, 4, 5, 10, 20])
def test_eigenvalues_are_integrals_of_the_kernel(mode: int) -> None:
    def integrand(t: float) -> float:
        return (math.sin(t) + (math.pi - t) * math.cos(t)) / (2 * math.pi) * math.cos(mode * t)

    integral, _ = integrate.quad(integrand, 0, math.pi, epsabs=1e-14, limit=200)
    assert theory.circle_eigenvalue(mode) == pytest.approx(integral / math.pi, abs=1e-13)


def test_shares_add_up_to_one() -> None:
    assert sum(theory.mode_share(mode) for mode in range(2000)) == pytest.approx(1, abs=1e-9)
    stated = [0.405285, 0.5, 2 * 0.0450316, 0.0, 2 * 0.00180127]
    assert [theory.mode_share(mode) for mode in range(5)] == pytest.approx(stated, rel=1e-5)


def test_the_error_of_a_ramp_is_an_integral() -> None:
    for steepness in (1.0, 7.0, 1000.0):
        square, _ = integrate.quad(lambda x, k: (1 - k * x) ** 2, 0, 1 / steepness, args=(steepness,))
        assert theory.ramp_error(steepness) == pytest.approx(math.sqrt(square), rel=1e-12)


def test_no_function_on_a_grid_beats_the_floor_and_the_best_comes_close() -> None:
    """Least squares for a step over increments within ± L/cells, on 80 cells."""
    cells, lipschitz, height = 80, 5.0, 1.0
    x = (np.arange(cells) + 0.5) / cells
    step = height * (x > 0.5)
    sums = np.tril(np.ones((cells, cells)))
    low = np.concatenate([[-10.0], np.full(cells - 1, -lipschitz / cells)])
    best = optimize.lsq_linear(sums, step, (low, -low), tol=1e-12)
    found = math.sqrt(np.mean((sums @ best.x - step) ** 2))
    floor = theory.step_floor(height, lipschitz)
    assert found == pytest.approx(floor, rel=0.01)
    assert floor < theory.ramp_error(lipschitz)
