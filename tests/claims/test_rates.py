"""How often verdicts are right and wrong, by simulation with fixed streams.

Each bound is four binomial standard errors, which a right rate exceeds in one random stream of 15,000.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from experiments.claims import Judgement
from experiments.statistics import Numbers
from tests.benchmarks.coverage import bound_lab, equality_lab, gamma, normal, slope_lab, verdict_share
from tests.claims.made_to_order import (
    EQUALS,
    ROW,
    SEEDS,
    runs,
)


def binomial_error(share: float, replicates: int) -> float:
    return 4 * math.sqrt(share * (1 - share) / replicates)


def chance_of_support(spread: float, off: float, tolerance: float) -> float:
    """P(Student's 95 % interval of 20 normal values lies inside 1 ± tolerance), by integrating over their variance."""
    error, t = off * spread / math.sqrt(SEEDS), stats.t.ppf(0.975, SEEDS - 1)

    def given_deviation(s: float) -> float:
        room = tolerance - t * error * s
        inside = stats.norm.cdf((1 + room - off) / error) - stats.norm.cdf((1 - room - off) / error)
        chi = s * math.sqrt(SEEDS - 1)
        return float(max(inside, 0.0) * stats.chi.pdf(chi, SEEDS - 1) * math.sqrt(SEEDS - 1)) if room > 0 else 0.0

    return float(quad(given_deviation, 0, tolerance / (t * error), epsabs=1e-9)[0])


@pytest.mark.parametrize(("spread", "off"), [(0.05, 1.0), (0.1, 1.0), (0.2, 1.0), (0.05, 1.05), (0.05, 1.03)])
def test_an_equality_is_supported_as_often_as_normal_theory_says(spread: float, off: float) -> None:
    expected, replicates = chance_of_support(spread, off, 0.05), 20_000
    share = verdict_share("supported", normal(spread), SEEDS, off, 0.05, 1, replicates, np.random.default_rng(10))
    assert share == pytest.approx(expected, abs=binomial_error(expected, replicates) + 1e-3)  # 1e-3 for a share of 0


def test_a_claim_at_the_edge_of_its_tolerance_is_supported_in_less_than_one_case_in_twenty() -> None:
    share = verdict_share("supported", normal(0.02), SEEDS, 1.05, 0.05, 5, 20_000, np.random.default_rng(11))
    assert share < 0.05


LABS = 4_000


@pytest.mark.parametrize("seeds", [8, SEEDS])
def test_in_fewer_than_one_lab_in_twenty_is_any_of_sixty_true_claims_refuted(seeds: int) -> None:
    """Equalities at five sizes without tolerance: the worst case, 1 - (1 - 1/6000)^300 = 4.88 %."""
    share = equality_lab(normal(0.05), seeds, LABS, np.random.default_rng(seeds))
    promised = 1 - (1 - 1 / (20 * 300)) ** 300
    assert promised < 1 / 20
    assert share == pytest.approx(promised, abs=binomial_error(promised, LABS))


@pytest.mark.parametrize("lab", [bound_lab, slope_lab])
def test_no_more_labs_have_a_false_refutation_among_bounds_and_slopes(lab: Callable[..., float]) -> None:
    labs = 1_000
    share = lab(gamma(0.05), SEEDS, labs, np.random.default_rng(12))
    assert share <= 1 / 20 + binomial_error(1 / 20, labs)


def test_a_lab_with_the_usual_tolerance_has_no_false_refutation() -> None:
    """At ±5 % and the largest spread that 20 seeds decide, a true claim lies 4 standard errors from the edge of its
    band, and the stricter interval reaches 4.7 more."""
    assert equality_lab(gamma(0.055), SEEDS, 200, np.random.default_rng(13), tolerance=0.05) == 0


def test_judges_agree_with_the_simulated_decisions() -> None:
    """The rates above are of `decide`; a claim's own judge must come to the same verdicts."""
    rng, claim = np.random.default_rng(14), replace(EQUALS, theory=lambda _: 1.0)
    tables = [1 + rng.choice([0, 0.05, 0.1]) + 0.06 * rng.standard_normal((1, 1, SEEDS)) for _ in range(150)]
    verdicts: list[Judgement] = [claim.judge(runs(ROW[:1], y=values[0])) for values in tables]
    assert {verdict.status for verdict in verdicts} == {"supported", "refuted", "undecided"}
    for values, verdict in zip(tables, verdicts, strict=True):

        def same(_: object, __: object, values: Numbers = values) -> Numbers:
            return values

        assert verdict_share(verdict.status, same, SEEDS, 1.0, 0.05, 1, 1, rng) == 1
