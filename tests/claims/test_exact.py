"""Claims on every run: one counter-example is enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.claims import Always, exactly
from tests.claims.made_to_order import (
    ABOUT,
    COUNT,
    ROW,
    SEEDS,
    Params,
    counts,
    runs,
)


@pytest.mark.parametrize("seeds", [1, 3, SEEDS])
def test_what_holds_in_every_run_is_supported_at_any_number_of_seeds(seeds: int) -> None:
    verdict = COUNT.judge(runs(ROW, y=counts(seeds=seeds)))
    assert verdict.status == "supported"
    assert f"all {6 * seeds} runs" in verdict.because


def test_a_count_off_by_one_in_one_run_is_refuted() -> None:
    values = counts()
    values[3, 7] -= 1
    verdict = COUNT.judge(runs(ROW, y=values))
    assert verdict.status == "refuted"
    assert "y = 64 at width = 64, seed 7" in verdict.because
    assert (verdict.estimate, verdict.predicted_low, verdict.predicted_high) == (64, 65, 65)


def test_a_missing_metric_does_not_hide_a_counter_example() -> None:
    values = counts()
    values[0] = np.nan
    table = runs(ROW, y=values)
    assert COUNT.judge(table).status == "undecided"
    values[3, 7] += 1
    assert COUNT.judge(table).status == "refuted"


def test_one_sided_bounds_are_closed() -> None:
    upper = replace(COUNT, low=None, high=lambda cell: cell.width + 1)
    assert upper.judge(runs(ROW, y=counts())).status == "supported"
    assert upper.judge(runs(ROW, y=counts() - 5)).status == "supported"
    assert upper.judge(runs(ROW, y=np.nextafter(counts(), np.inf))).status == "refuted"
    assert replace(COUNT, low=9.0, high=None).judge(runs(ROW, y=counts())).status == "supported"


def test_a_claim_without_a_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="lower bound or an upper"):
        Always[Params](**ABOUT, metric="y")


def test_an_exact_number_is_allowed_nothing_but_its_rounding() -> None:
    claim: Always[Params] = exactly(**ABOUT, metric="y", value=lambda cell: cell.width + 1, within=1e-9)
    assert claim.judge(runs(ROW, y=counts() + 1e-9 / 2)).status == "supported"
    for wrong in (-2e-9, 2e-9):
        assert claim.judge(runs(ROW, y=counts() + wrong)).status == "refuted"


def test_an_exact_count_is_allowed_nothing() -> None:
    claim: Always[Params] = exactly(**ABOUT, metric="y", value=9, where=lambda cell: cell.width == 8)
    assert claim.judge(runs(ROW, y=counts())).status == "supported"
    assert claim.judge(runs(ROW, y=np.nextafter(counts(), np.inf))).status == "refuted"
