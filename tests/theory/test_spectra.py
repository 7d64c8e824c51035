"""The spectrum of noise: formulas against quadrature, dense matrices and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from experiments.theory import spectra


@pytest.mark.parametrize(("freedom", "dimension"), [(999, 50), (30, 20)])
def test_the_distribution_function_is_the_integral_of_the_density(freedom: int, dimension: int) -> None:
    low, high = spectra.marchenko_pastur_edges(freedom, dimension)
    for x in np.linspace(low, high, 7):
        area, _ = integrate.quad(
            lambda t: float(spectra.marchenko_pastur_density(np.array([t]), freedom, dimension)[0]), low, x, limit=200
        )
        assert spectra.marchenko_pastur_cdf(np.array([x]), freedom, dimension)[0] == pytest.approx(area, abs=1e-7)


def test_the_edges_at_the_guides_size() -> None:
    assert spectra.marchenko_pastur_edges(999, 50) == pytest.approx((0.602612680, 1.497487420), abs=1e-9)


def test_the_tridiagonal_matrix_has_the_law_of_whole_matrices() -> None:
    """Three of the five eigenvalues and their sum, 3000 of each: two-sample Kolmogorov-Smirnov at level 1e-4."""
    rng = np.random.default_rng(0)
    freedom, dimension = 12, 5
    drawn = rng.standard_normal((3000, freedom + 1, dimension))
    drawn -= drawn.mean(axis=1, keepdims=True)
    whole = np.linalg.eigvalsh(np.einsum("kij,kil->kjl", drawn, drawn) / freedom)
    small = []
    for _ in range(3000):
        diagonal, side = spectra.bidiagonal_wishart(freedom, dimension, rng)
        small.append(np.linalg.eigvalsh(np.diag(diagonal) + np.diag(side, 1) + np.diag(side, -1)))
    few = np.array(small)
    for place in (0, 2, 4):
        assert stats.ks_2samp(whole[:, place], few[:, place]).pvalue > 1e-4
    assert stats.ks_2samp(whole.sum(axis=1), few.sum(axis=1)).pvalue > 1e-4


def test_the_second_moment_is_that_of_whole_matrices() -> None:
    """4000 matrices: within five standard errors."""
    drawn = np.random.default_rng(0).standard_normal((4000, 12, 5))
    moments = np.mean(np.linalg.eigvalsh(np.einsum("kij,kil->kjl", drawn, drawn) / 12) ** 2, axis=1)
    assert abs(moments.mean() - spectra.second_moment(12, 5)) < 5 * moments.std() / math.sqrt(4000)


def test_the_top_eigenvalue_of_whole_matrices_is_where_tracy_and_widom_say() -> None:
    """1000 matrices of the shape 200 x 10: within five standard errors and the 0.5 % of the limit law."""
    drawn = np.random.default_rng(0).standard_normal((1000, 199, 10))
    top = np.linalg.eigvalsh(np.einsum("kij,kil->kjl", drawn, drawn) / 199)[:, -1]
    mean, spread = spectra.top_eigenvalue(199, 10)
    assert abs(top.mean() - mean) < 5 * top.std() / math.sqrt(1000) + 0.005 * mean
    assert top.std() == pytest.approx(spread, rel=0.2)


def test_the_stated_values_at_the_guides_size() -> None:
    mean, spread = spectra.top_eigenvalue(999, 50)
    assert mean == pytest.approx(1.46809, abs=1e-5)
    assert spread == pytest.approx(0.02736, abs=1e-5)
    assert spectra.top_share(999, 50) == pytest.approx(0.0293619, abs=1e-7)


def test_the_tracy_widom_moments_are_those_of_very_large_matrices() -> None:
    """1500 greatest eigenvalues at N = p = 4000, rescaled: within five standard errors and 1 % of the limit."""
    from scipy.linalg import eigvalsh_tridiagonal

    rng = np.random.default_rng(0)
    freedom, dimension, edge = 4000, 4000, 150
    n, p = math.sqrt(freedom - 0.5), math.sqrt(dimension - 0.5)
    scaled = np.empty(1500)
    for i in range(len(scaled)):
        # Only the corner of the matrix matters for its greatest eigenvalue: the eigenvector decays within p^(1/3).
        diagonal, side = spectra.bidiagonal_wishart(freedom, dimension, rng)
        top = eigvalsh_tridiagonal(diagonal[:edge], side[: edge - 1], select="i", select_range=(edge - 1, edge - 1))[0]
        scaled[i] = (freedom * top - (n + p) ** 2) / ((n + p) * (1 / n + 1 / p) ** (1 / 3))
    assert abs(scaled.mean() - spectra.TRACY_WIDOM_MEAN) < 5 * scaled.std() / math.sqrt(1500) + 0.01
    assert scaled.std() == pytest.approx(spectra.TRACY_WIDOM_SD, rel=0.1)  # five standard errors


def test_the_second_share_is_that_of_whole_matrices() -> None:
    """1000 matrices of the shape 500 x 25: within five standard errors and 0.5 % for the limit law."""
    drawn = np.random.default_rng(0).standard_normal((1000, 499, 25))
    values = np.linalg.eigvalsh(np.einsum("kij,kil->kjl", drawn, drawn) / 499)
    shares = values[:, -2] / values.sum(axis=1)
    expected = spectra.second_share(499, 25)
    assert abs(shares.mean() - expected) < 5 * shares.std() / math.sqrt(1000) + 0.005 * expected
    assert spectra.second_share(999, 50) == pytest.approx(0.02847, abs=5e-6)
