"""Least squares with Gaussian rows: formulas against the inverse Wishart law, quadrature and simulated fits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from experiments.theory import generalization, least_squares

Floats = NDArray[np.float64]


def fits(n: int, p: int, signal: float, noise: float, count: int) -> tuple[Floats, Floats]:
    """|beta_hat − beta|² and |beta_hat|² of independent least-norm fits by numpy's lstsq."""
    rng = np.random.default_rng(0)
    risks, norms = np.empty(count), np.empty(count)
    beta = np.zeros(p)
    beta[0] = np.sqrt(signal)
    for i in range(count):
        X = rng.standard_normal((n, p))
        estimate = np.linalg.lstsq(X, X @ beta + np.sqrt(noise) * rng.standard_normal(n))[0]
        risks[i], norms[i] = np.square(estimate - beta).sum(), np.square(estimate).sum()
    return risks, norms


def z_score(sample: Floats, mean: float) -> float:
    return float((sample.mean() - mean) / (sample.std(ddof=1) / np.sqrt(sample.size)))


@pytest.mark.parametrize(("n", "p"), [(20, 3), (40, 10), (200, 150)])
def test_the_variance_is_the_trace_of_the_inverse_wishart_mean(n: int, p: int) -> None:
    trace = np.trace(stats.invwishart(df=n, scale=np.eye(p)).mean())
    assert least_squares.excess_risk(n, p, signal=3.0, noise=0.25) == pytest.approx(0.25 * trace, rel=1e-12)
    assert least_squares.test_error(n, p, 0.25) == pytest.approx(0.25 * (1 + trace), rel=1e-12)
    # Beyond p = n the variance is that of the transposed problem.
    assert least_squares.excess_risk(p, n, signal=0.0, noise=0.25) == pytest.approx(0.25 * trace, rel=1e-12)


@pytest.mark.parametrize(("n", "p"), [(30, 12), (12, 30)])
def test_risk_and_norm_are_the_means_of_simulated_fits(n: int, p: int) -> None:
    risks, norms = fits(n, p, signal=2.0, noise=0.5, count=4000)
    # Four comparisons at 4.5 standard errors: a false alarm once in 30,000.
    assert abs(z_score(risks, least_squares.excess_risk(n, p, 2.0, 0.5))) < 4.5
    assert abs(z_score(norms, least_squares.squared_norm(n, p, 2.0, 0.5))) < 4.5


@pytest.mark.parametrize(("n", "p"), [(8, 6), (8, 8), (8, 9), (8, 20)])
def test_quantiles_are_those_of_simulated_fits(n: int, p: int) -> None:
    risks, _ = fits(n, p, signal=1.0, noise=0.25, count=2000)
    for q in (0.1, 0.5, 0.95):
        below = int((risks <= least_squares.excess_risk_quantile(q, n, p, 1.0, 0.25)).sum())
        # Twelve binomial tests at 1e-5: a false alarm once in 8000.
        assert stats.binomtest(below, risks.size, q).pvalue > 1e-5


@pytest.mark.parametrize(("n", "p"), [(100, 103), (20, 21)])
def test_quantiles_invert_the_distribution_by_quadrature(n: int, p: int) -> None:
    value = least_squares.excess_risk_quantile(0.5, n, p, 1.0, 0.25)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    room = (value - stats.beta.ppf((nodes + 1) / 2, (p - n) / 2, n / 2)) / 0.25

    def density(d: float) -> Floats:
        """That the denominator is d and chi²_n/d at most room, for each share of the signal that is lost."""
        return np.asarray(stats.chi2.pdf(d, p - n + 1) * stats.chi2.cdf(room * d, n))

    total, _ = integrate.quad_vec(density, 0, 80, epsabs=1e-7)
    assert weights @ total / 2 == pytest.approx(0.5, abs=2e-5)


def test_the_mean_is_infinite_at_the_threshold_and_nowhere_else() -> None:
    risks = {p: least_squares.excess_risk(100, p, 1.0, 0.25) for p in range(95, 106)}
    assert {p for p, risk in risks.items() if np.isinf(risk)} == {99, 100, 101}
    assert least_squares.excess_risk(100, 100, 1.0, 0.0) == 0.0


def limit_excess_risk(aspect: float, signal: float, noise: float) -> float:
    """As n, p → ∞ with p/n → aspect: T. Hastie, A. Montanari, S. Rosset and R. J. Tibshirani, "Surprises in
    high-dimensional ridgeless least squares interpolation", 2022."""
    if aspect < 1:
        return noise * aspect / (1 - aspect)
    return signal * (1 - 1 / aspect) + noise / (aspect - 1)


def test_the_limit_is_approached_and_is_a_fifth_too_small_near_the_threshold() -> None:
    for aspect in (0.5, 0.9, 1.1, 3.0):
        exact = least_squares.excess_risk(10**6, round(aspect * 10**6), 1.0, 0.25)
        assert exact == pytest.approx(limit_excess_risk(aspect, 1.0, 0.25), rel=1e-4)
    for p in (95, 105):
        ratio = limit_excess_risk(p / 100, 1.0, 0.25) / least_squares.excess_risk(100, p, 1.0, 0.25)
        assert ratio == pytest.approx(0.8, abs=0.005)


def test_beyond_the_peak_the_risk_is_least_near_twice_as_many_features_as_points() -> None:
    """The limit is least at sqrt(signal)/(sqrt(signal) − sqrt(noise)) = 2 features a point, and 3/4 there."""
    risks = {p: least_squares.excess_risk(1000, p, 1.0, 0.25) for p in range(1010, 20_000)}
    best = min(risks, key=risks.__getitem__)
    assert best == pytest.approx(2000, abs=10)
    assert risks[best] == pytest.approx(0.75, abs=1e-3)


def test_errors_and_gap_agree_with_exact_arithmetic() -> None:
    noise = Fraction(1, 100)
    for n, p in [(20, 10), (40, 10), (640, 10)]:
        train = noise * (1 - Fraction(p, n))
        test = noise * (1 + Fraction(p, n - p - 1))
        assert least_squares.training_error(n, p, 0.01) == pytest.approx(float(train), rel=1e-14)
        assert least_squares.test_error(n, p, 0.01) == pytest.approx(float(test), rel=1e-14)
        assert least_squares.generalization_gap(n, p, 0.01) == pytest.approx(float(test - train), rel=1e-12)
    assert least_squares.training_error(10, 25, 0.01) == 0.0


def test_ordinary_least_squares_beyond_n_is_refused() -> None:
    with pytest.raises(ValueError, match="needs p <= n"):
        least_squares.test_error(10, 11, 1.0)


def test_the_sine_has_the_variance_that_quadrature_gives() -> None:
    mean = integrate.quad(np.sin, 0, 5)[0] / 5
    mean_square = integrate.quad(lambda x: np.sin(x) ** 2, 0, 5)[0] / 5
    assert generalization.sine_variance(0, 5) == pytest.approx(mean_square - mean**2, rel=1e-12)


def test_the_truth_attains_the_ceiling() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 5, 400_000)
    y = np.sin(x) + 0.1 * rng.standard_normal(x.size)
    score = 1 - np.mean((y - np.sin(x)) ** 2) / np.var(y)
    # The relative error of 1 − R² is about sqrt(2/400,000) = 0.0022: 5 of them, a false alarm once in a million.
    assert 1 - score == pytest.approx(
        1 - generalization.score_ceiling(generalization.sine_variance(0, 5), 0.01), rel=0.012
    )
