"""The law of benign overfitting against fits by numpy's lstsq with every weak feature drawn."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.theory import benign


def leading_risk(n: int, p: int, total: float) -> float:
    """(T/(n + T))² + k n noise/(n + T)² + noise n/p at k = 3, noise = 1: the shrunken signal, the noise in the spikes
    and the noise in the tail, to leading order for p much above n."""
    return float((total / (n + total)) ** 2 + 3 * n / (n + total) ** 2 + n / p)


@pytest.mark.parametrize(("n", "p", "total"), [(40, 160, 6.0), (40, 400, 40.0), (60, 120, 8.0)])
def test_the_law_is_the_mean_of_simulated_fits(n: int, p: int, total: float) -> None:
    rng, risks, rate = np.random.default_rng(0), [], total / p
    beta = np.array([1.0, 0.0, 0.0])
    for _ in range(400):
        strong, weak = rng.standard_normal((n, 3)), np.sqrt(rate) * rng.standard_normal((n, p))
        noisy = strong @ beta + np.sqrt(0.5) * rng.standard_normal(n)
        fit = np.linalg.lstsq(np.hstack([strong, weak]), noisy)[0]
        risks.append(np.sum((fit[:3] - beta) ** 2) + rate * np.sum(fit[3:] ** 2))
    error = np.std(risks) / np.sqrt(len(risks))
    law = benign.excess_risk(n, p, total, 3, 0.5)
    # Three comparisons at 4 standard errors, beside the 2 % of the third order: a false alarm in 5000.
    assert abs(np.mean(risks) - law) < 4 * error + 0.02 * law


def test_at_many_points_the_law_is_its_leading_order() -> None:
    n = 10**6
    for p, total in ((n**2, n**0.5), (n**2, float(n)), (n**1.5, n**0.5)):
        law = benign.excess_risk(n, int(p), total, 3, 1.0)
        assert law == pytest.approx(leading_risk(n, int(p), total), rel=3e-3)


def test_half_of_the_signal_is_shrunk_away_where_the_weak_directions_weigh_as_much_as_the_points() -> None:
    assert benign.excess_risk(10**8, 10**16, 1e8, 3, 1.0) == pytest.approx(0.25, rel=1e-6)
