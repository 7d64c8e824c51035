"""Errors of finite kernels: formulas against quadrature over the plane and the figures of an independent study."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.theory import kernel_limit as theory


@pytest.mark.parametrize("degrees", [0, 30, 60, 120, 180])
def test_moments_are_integrals_over_the_plane(degrees: int) -> None:
    """w = r (cos a, sin a): the radial parts are E r² = 2 and E r⁴ = 8, the angular ones a midpoint rule."""
    t = math.radians(degrees)
    a = (np.arange(720_000) + 0.5) * 2 * math.pi / 720_000
    z, other = np.cos(a), np.cos(a - t)
    on = (z > 0) & (other > 0)
    relu = z * other * on
    mean, square, both = 2 * relu.mean(), 8 * (relu**2).mean(), on.mean()
    cosine = math.cos(t)
    assert theory.nngp(t) == pytest.approx(mean, abs=1e-8)
    assert theory.ntk(t) == pytest.approx(mean + cosine * both, abs=1e-5)
    assert theory.nngp_rmse(t, 4) == pytest.approx(math.sqrt(square - mean**2) / 2, abs=1e-5)
    term = square + 2 * cosine * mean + 3 * cosine**2 * both
    assert theory.ntk_rmse(t, 4) ** 2 == pytest.approx((term - (mean + cosine * both) ** 2) / 4, abs=1e-4)


def test_the_stated_values_at_sixty_degrees() -> None:
    t = math.pi / 3
    assert theory.nngp(t) == pytest.approx(0.304498890522, abs=1e-12)
    assert theory.ntk(t) == pytest.approx(0.471165557189, abs=1e-12)
    assert theory.nngp_rmse(t, 1) == pytest.approx(0.783599873, abs=1e-9)
    assert theory.ntk_rmse(t, 1) == pytest.approx(1.019436238, abs=1e-9)
