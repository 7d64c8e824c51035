"""What all kinds of claim share: too few seeds, missing runs, evidence, symmetry, wording."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.claims import Always, Claim, PeakAt, Runs
from tests.claims.made_to_order import (
    AT_LEAST,
    AT_MOST,
    COUNT,
    EQUALS,
    ORDER,
    PEAK,
    ROW,
    SAME_SLOPE,
    SEEDS,
    SLOPE,
    SQUARE,
    WIDTHS,
    Params,
    counts,
    kurtosis,
    measured,
    pair,
    peaked,
    runs,
)

FITTING: list[tuple[Claim[Params], Runs[Params]]] = [
    (EQUALS, measured(kurtosis)),
    (AT_MOST, measured(lambda cell: 0.5 * kurtosis(cell))),
    (AT_LEAST, measured(lambda cell: 2 * kurtosis(cell))),
    (SLOPE, measured(kurtosis)),
    (SAME_SLOPE, measured(kurtosis)),
    (replace(SLOPE, statistic="median", slope=(-np.inf, -0.5)), measured(kurtosis)),
    (PEAK, measured(peaked)),
    (COUNT, runs(ROW, y=counts())),
    (ORDER, pair(1.0)),
]
NAMES = [f"{type(claim).__name__}{i}" for i, (claim, _) in enumerate(FITTING)]
every_kind = pytest.mark.parametrize(("claim", "table"), FITTING, ids=NAMES)


def thinned(table: Runs[Params], seeds: int) -> Runs[Params]:
    return Runs(table.cells, {name: values[:, :seeds] for name, values in table.metrics.items()})


@every_kind
def test_fewer_than_eight_seeds_decide_nothing_but_what_is_exact(claim: Claim[Params], table: Runs[Params]) -> None:
    assert claim.judge(table).status == "supported"
    for seeds in (1, 2, 7):
        verdict = claim.judge(thinned(table, seeds))
        if isinstance(claim, Always):
            assert verdict.status == "supported"
        else:
            assert verdict.status == "undecided"
            assert "8 seeds" in verdict.because
            assert verdict.evidence


@every_kind
def test_evidence_is_whole_and_finite(claim: Claim[Params], table: Runs[Params]) -> None:
    verdict = claim.judge(table)
    series: dict[str, list[int]] = {}
    for record in verdict.evidence:
        ends = (record.x, record.y, record.low, record.high, record.predicted_low, record.predicted_high)
        assert all(end is None or math.isfinite(end) for end in ends)
        assert record.low is None or (record.high is not None and record.low <= record.y <= record.high)
        series.setdefault(record.series, []).append(record.step)
    assert all(steps == list(range(len(steps))) for steps in series.values())
    shown = {name for name in series if not name.startswith(("theory", "fit"))}
    assert sum(len(series[name]) for name in shown) == sum(claim.where(cell) for cell in table.cells)
    if not isinstance(claim, PeakAt):
        assert any(name.startswith("theory") and len(steps) >= 80 for name, steps in series.items())
    assert verdict.because.endswith(".")
    assert claim.tolerance_text()


@every_kind
def test_missing_runs_and_missing_cells_are_said(claim: Claim[Params], table: Runs[Params]) -> None:
    holes = {name: values.copy() for name, values in table.metrics.items()}
    holes["y"][1, :3] = np.nan
    verdict = claim.judge(Runs(table.cells, holes))
    assert verdict.status == "undecided"
    assert "metric y is missing in 3 of" in verdict.because
    verdict = replace(claim, where=lambda cell: False).judge(table)
    assert verdict.status == "undecided"
    assert "of this profile" in verdict.because
    assert claim.judge(Runs(table.cells, {})).status == "undecided"
    assert claim.judge(thinned(table, 0)).status == "undecided"


@every_kind
@settings(max_examples=20, deadline=None, derandomize=True)
@given(stream=st.integers(0, 2**32 - 1), spread=st.sampled_from([0.0, 0.02, 0.1, 0.3]), off=st.sampled_from([1.0, 1.1]))
def test_order_and_scale_of_the_data_change_no_verdict(
    claim: Claim[Params], table: Runs[Params], stream: int, spread: float, off: float
) -> None:
    rng = np.random.default_rng(stream)
    metrics = {
        name: values * (1 + (off - 1) * rng.random((len(values), 1))) * (1 + spread * rng.random(values.shape))
        for name, values in table.metrics.items()
    }
    verdict = claim.judge(Runs(table.cells, metrics))
    seeds, cells = rng.permutation(SEEDS), rng.permutation(len(table.cells))
    shuffled = Runs(
        tuple(table.cells[i] for i in cells), {name: values[cells][:, seeds] for name, values in metrics.items()}
    )
    assert claim.judge(shuffled).status == verdict.status
    scaled = Runs(table.cells, {name: 1024 * values for name, values in metrics.items()})
    assert scale(claim, 1024).judge(scaled).status == verdict.status


def scale(claim: Claim[Params], factor: float) -> Claim[Params]:
    """The same claim on a metric in another unit."""

    def times(name: str) -> Callable[[Params], float]:
        return lambda cell: factor * getattr(claim, name)(cell)

    formulas = [name for name in ("theory", "bound", "low", "high") if getattr(claim, name, None) is not None]
    scaled: dict[str, Any] = {name: times(name) for name in formulas}
    return replace(claim, **scaled)


def test_theory_runs_densely_through_the_measured_sizes() -> None:
    verdict = EQUALS.judge(measured(kurtosis))
    curve = {record.x: record.y for record in verdict.evidence if record.series == "theory depth = 3"}
    assert set(WIDTHS) <= set(curve)
    assert all(x == int(x) and y == kurtosis(Params(int(x), 3)) for x, y in curve.items())
    assert list(curve) == sorted(curve)


def test_theory_is_left_out_where_it_is_undefined() -> None:
    known = {cell: kurtosis(cell) for cell in SQUARE}
    verdict = replace(EQUALS, theory=known.__getitem__).judge(measured(kurtosis))
    assert verdict.status == "supported"
    assert [record.x for record in verdict.evidence if record.series == "theory depth = 1"] == list(WIDTHS)
    poles = replace(EQUALS, theory=lambda cell: 1 / (cell.width - 9) if cell.width != 8 else math.inf)
    verdict = poles.judge(measured(kurtosis))
    assert verdict.status == "undecided"
    assert "no finite value at width = 8" in verdict.because


def test_a_parameter_that_is_no_number_is_drawn_by_position() -> None:
    cells = tuple(Params(8, depth, arm) for depth in (1, 3) for arm in ("sgd", "adam"))
    verdict = replace(EQUALS, x="arm").judge(measured(kurtosis, cells))
    assert verdict.status == "supported"
    places = [(record.series, record.x) for record in verdict.evidence if not record.series.startswith("theory")]
    legend = "(arm: 0 = sgd, 1 = adam)"
    assert places == [(f"depth = {depth} {legend}", place) for depth in (1, 3) for place in (0.0, 1.0)]
    assert replace(SLOPE, x="arm").judge(measured(kurtosis, cells)).status == "undecided"
    assert replace(PEAK, x="arm").judge(measured(kurtosis, cells)).status == "undecided"


def test_series_are_named_by_no_more_parameters_than_it_takes() -> None:
    cells = tuple(Params(width, depth, "adam" if depth == 3 else "sgd") for depth in (1, 3) for width in WIDTHS)
    verdict = EQUALS.judge(measured(kurtosis, cells))
    assert {record.series for record in verdict.evidence} == {
        f"{kind}depth = {d}" for kind in ("", "theory ") for d in (1, 3)
    }


def test_series_may_be_told_apart_by_named_parameters_only() -> None:
    cells = tuple(Params(width, depth=1000 // width) for width in WIDTHS)  # depth goes with the width
    table = measured(lambda cell: 15 / cell.width, cells)
    claim = replace(SLOPE, where=lambda cell: True)
    assert "needs 3 sizes" in claim.judge(table).because
    assert replace(claim, series=()).judge(table).status == "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (EQUALS, "±5 %"),
        (replace(EQUALS, tolerance=0.015), "±1.5 %"),
        (replace(EQUALS, tolerance=0.02, relative=False), "±0.02"),
        (COUNT, "exact"),
        (SLOPE, "slope ±0.05"),
        (replace(SLOPE, slope=(-np.inf, -0.5)), "slope at most −0.5"),
        (replace(SLOPE, slope=(-1.0, -0.5)), "slope −1 to −0.5"),
        (replace(ORDER, margin=0.1), "difference at least 0.1"),
        (PEAK, "peak at width = 32"),
        (AT_MOST, "at most the bound"),
        (AT_LEAST, "at least the bound"),
    ],
)
def test_tolerances_are_written_out(claim: Claim[Params], text: str) -> None:
    assert claim.tolerance_text() == text
