"""A claim can fail: of every kind one with a wrong constant is refuted by the very runs that support the right one.

The cells are those of `quick` that the claim speaks of. Runs are reproducible, so no test here fails by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from experiments.batch.worker import produce
from experiments.catalog import find
from experiments.claims import Always, AtLeast, AtMost, Claim, Equals, Ordered, PeakAt, PowerLaw, Runs
from experiments.networks.robustness import Radii, measure_radii
from experiments.suite import adversarial_moons

ENTRIES = find()
SEEDS = range(13)
"""Enough for the median, too: of 13 seeds that all say the same the sign test refutes at the stricter level."""
Change = Callable[[Any], Any]


def times(factor: float, name: str) -> Change:
    """The claim with its formula, or its number, of that name multiplied."""

    def changed(claim: Any) -> Any:
        value = getattr(claim, name)
        return replace(claim, **{name: (lambda cell: factor * value(cell)) if callable(value) else factor * value})

    return changed


def one_more(claim: Always[Any]) -> Always[Any]:
    """The claim that counts one more."""
    low, high = claim.low, claim.high
    assert callable(low)
    assert callable(high)
    return replace(claim, low=lambda cell: low(cell) + 1, high=lambda cell: high(cell) + 1)


MISTAKES: dict[str, tuple[type[Claim[Any]], str, str, Change]] = {
    "15/n becomes 12/n": (Equals, "gaussian_limit", "relu_kurtosis", times(12 / 15, "theory")),
    "slope −1 becomes −0.8": (PowerLaw, "gaussian_limit", "kurtosis_slope", lambda claim: replace(claim, slope=-0.8)),
    "one region too many": (Always, "affine_regions", "general_position", one_more),
    "a bound a tenth too low": (AtMost, "gradient_descent", "momentum_rate_one_sided", times(0.9, "bound")),
    "a floor a quarter too high": (AtLeast, "noisy_interpolation", "never_below", times(1.25, "bound")),
    "a margin of one for a third": (Ordered, "readout_paths", "relu_width", times(3.0, "margin")),
    "a peak at half the size": (PeakAt, "double_descent", "relu_peak", times(0.5, "at")),
}


@cache
def runs_of(experiment: str, claim: str) -> Runs[Any]:
    declared = ENTRIES[experiment].experiment
    cells = tuple(cell for cell in declared.profiles["quick"].cells if declared.claims[claim].where(cell))
    found = [[outcome.metrics for outcome in produce(experiment, declared, cell, SEEDS)] for cell in cells]
    names = {name for row in found for metrics in row for name in metrics}
    return Runs(cells, {name: np.array([[m.get(name, np.nan) for m in row] for row in found]) for name in names})


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_refuted_by_the_runs_that_support_the_truth(mistake: str) -> None:
    kind, experiment, name, planted = MISTAKES[mistake]
    claim = ENTRIES[experiment].experiment.claims[name]
    assert isinstance(claim, kind)
    runs = runs_of(experiment, name)
    assert claim.judge(runs).status == "supported"
    assert planted(claim).judge(runs).status == "refuted"


def test_every_kind_of_claim_has_its_mistake() -> None:
    kinds = {type(claim) for entry in ENTRIES.values() for claim in entry.experiment.claims.values()}
    assert {kind for kind, *_ in MISTAKES.values()} == kinds


def test_a_sandwich_that_is_broken_in_one_point_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact distance of one of the hundred points is called 1 % longer than a change that was found to suffice."""
    cell = adversarial_moons.GUIDE

    def broken(*args: Any) -> Radii:
        radii = measure_radii(*args)
        exact = radii.exact.copy()
        exact[17] = 1.01 * radii.attack[17]
        return radii._replace(exact=exact)

    for status, measure in (("supported", measure_radii), ("refuted", broken)):
        monkeypatch.setattr(adversarial_moons, "measure_radii", measure)
        metrics = produce("adversarial_moons", adversarial_moons.EXPERIMENT, cell, [0])[0].metrics
        runs = Runs((cell,), {name: np.array([[value]]) for name, value in metrics.items()})
        for norm in ("l2", "linf"):
            assert adversarial_moons.EXPERIMENT.claims[f"exact_below_attack_{norm}"].judge(runs).status == status
