"""First-order methods: closed forms against exact enumeration, eigenvalues and plain iteration."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from experiments.theory import descent


def test_the_variance_of_falling_steps_is_that_of_all_paths_of_a_fair_coin() -> None:
    for numerator, curvature in [(Fraction(1), Fraction(2)), (Fraction(1, 4), Fraction(1)), (Fraction(3), Fraction(1))]:
        total, steps = Fraction(0), 9
        for signs in itertools.product((-1, 1), repeat=steps):
            w = Fraction(1)
            for k, sign in enumerate(signs, 1):
                w -= numerator / (curvature * k) * (curvature * w + sign)
            total += w**2
        exact = float(total / 2**steps)
        found = descent.falling_step_variance(float(numerator), float(curvature), 1.0, steps)
        assert found == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("steps", [1, 2, 7, 50])
def test_with_numerator_one_the_variance_is_that_of_an_average(steps: int) -> None:
    assert descent.falling_step_variance(1.0, 2.0, 3.0, steps) == pytest.approx(3 / (4 * steps), rel=1e-13)


def test_the_stationary_variance_is_the_sum_of_the_forgotten_noise() -> None:
    h, curvature, noise = 0.3, 2.0, 0.7
    series = sum(h**2 * noise * (1 - h * curvature) ** (2 * j) for j in range(200))
    assert descent.stationary_variance(h, curvature, noise) == pytest.approx(series, rel=1e-13)
    values = [descent.stationary_variance(h, 1.0, 1.0) for h in (0.4, 0.2, 0.1, 0.05)]
    assert values == pytest.approx([1 / 4, 1 / 9, 1 / 19, 1 / 39], rel=1e-13)


@pytest.mark.parametrize("method", descent.METHODS)
@pytest.mark.parametrize("kappa", [10.0, 300.0])
def test_the_root_mean_square_is_that_of_plain_iteration(method: str, kappa: float) -> None:
    rule, eigenvalues = descent.recurrence(method, kappa), descent.spectrum(kappa, 7)
    before, now = np.ones(7), np.ones(7)
    errors = [1.0]
    while errors[-1] > 1e-7:
        ahead = now + rule.ahead * (now - before)
        before, now = now, now + rule.momentum * (now - before) - rule.step * eigenvalues * ahead
        errors.append(float(np.sqrt(np.mean(now**2))))
    for k in (1, 5, len(errors) // 2, len(errors) - 1):
        assert descent.rms_error(method, kappa, 7, k) == pytest.approx(errors[k], rel=1e-9)
    for accuracy in (1e-2, 1e-5, 1e-7):
        first = next(k for k, error in enumerate(errors) if error <= accuracy)
        assert descent.iterations(method, kappa, 7, accuracy) == first
    between = len(errors) // 3, len(errors) - 1
    slope = -np.log(errors[between[1]] / errors[between[0]]) / (between[1] - between[0])
    assert descent.decay(method, kappa, 7, *between) == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize("method", [*descent.METHODS, "gradient 0.999·2/L", "gradient 1.001·2/L"])
@pytest.mark.parametrize("kappa", [10.0, 100.0])
def test_the_contraction_is_the_greatest_modulus_of_an_eigenvalue(method: str, kappa: float) -> None:
    radius = np.abs(np.linalg.eigvals(descent.transfer(method, kappa, 9))).max()
    # A double root is lost to half the digits.
    assert descent.contraction(method, kappa) == pytest.approx(radius, abs=1e-7)


def test_momentum_nears_its_contraction_from_above() -> None:
    """k ρ^k: at κ = 100 the decay over the last stretch stays behind −ln ρ, less so later on."""
    for method in ("heavy ball", "nesterov"):
        limit = -np.log(descent.contraction(method, 100))
        early, late = descent.decay(method, 100, 30, 50, 100), descent.decay(method, 100, 30, 400, 800)
        assert early < late < limit
        assert late > 0.98 * limit


def test_bounds_of_convex_minimisation_are_ordered_and_have_the_known_values() -> None:
    # The tridiagonal worst case at k = 100, L = 4: R² is the sum of (1 - i/202)² over i = 1 … 201.
    distance = float(sum((1 - Fraction(i, 202)) ** 2 for i in range(1, 202))) ** 0.5
    found = [bound(4.0, distance, 100) for bound in (descent.lower_bound, descent.accelerated_bound)]
    assert found == pytest.approx([0.0024569, 0.0524138], abs=5e-8)
    assert descent.gradient_bound(4.0, distance, 100) == pytest.approx(0.6650, abs=5e-5)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="no method called 'newton'"):
        descent.recurrence("newton", 10)
