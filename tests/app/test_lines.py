"""Lines over seeds: which runs they are of, at which x, and what stands beside them; by pandas from all points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from app.numbers.intervals import STATISTICS
from app.numbers.lines.averaging import lines_of
from app.numbers.lines.comparing import smooth
from app.pages.learning_curves import draw
from app.reader import Reader
from tests.app.curve_laboratory import ARMS, SEEDS, SIZES, points
from tests.app.test_figures import drawn

# Which runs, at which x


def line(curves: dict[int, tuple[Any, Any]], **how: Any) -> Any:
    members = pd.DataFrame({"seed": range(len(curves)), "n": 4}, index=pd.Index(list(curves), name="run_id"))
    arrays = {run: (np.array(x, dtype=float), np.array(y, dtype=float)) for run, (x, y) in curves.items()}
    (made,) = lines_of("e", "c", [({}, members)], arrays, **how)
    return made


def test_where_runs_end_early_the_mean_is_over_those_that_are_left() -> None:
    found = line({7: ([0, 1, 2], [1, 2, 3]), 8: ([0, 1], [3, 4])})
    assert found.value.tolist() == [2.0, 3.0, 3.0]
    assert found.n.tolist() == [2, 2, 1]
    assert not found.joined
    assert np.isnan(found.low[2])
    assert np.isfinite(found.low[:2]).all()


def test_between_its_points_a_run_is_straight_or_nothing() -> None:
    curves = {1: ([0, 2, 4], [0, 2, 0]), 2: ([0, 1, 4, 5], [10, 10, 10, 10])}
    joined = line(curves)
    assert joined.joined
    assert joined.x.tolist() == [0, 1, 2, 4, 5]
    assert joined.n.tolist() == [2, 2, 2, 2, 1]
    assert joined.value.tolist() == [5.0, 5.5, 6.0, 5.0, 10.0]
    stored = line(curves, points="stored")
    assert stored.n.tolist() == [2, 1, 1, 2, 1]
    assert stored.value.tolist() == [5.0, 10.0, 2.0, 5.0, 10.0]


def test_x_is_stored_or_counted_or_the_share_of_the_run() -> None:
    curves = {1: ([10, 20, 30], [1, 2, 3]), 2: ([10, 30], [5, 7])}
    counted = line(curves, abscissa="step")
    assert counted.x.tolist() == [0, 1, 2]
    assert counted.value.tolist() == [3.0, 4.5, 3.0]
    shares = line(curves, abscissa="share")
    assert shares.x.tolist() == [0, 0.5, 1]
    assert shares.value.tolist() == [3.0, 4.0, 5.0]
    assert line({1: ([4], [1])}, abscissa="share").x.tolist() == [0.0]


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(("along", "column"), [("own", "x"), ("step", "step_of_run"), ("share", "share")])
def test_a_view_has_the_numbers_that_pandas_gets_from_all_points(
    lab: Reader, statistic: str, along: str, column: str
) -> None:
    made = draw(
        lab,
        {"curve": "descent/stopped", "descent.arm": "*", "statistic": statistic, "along": along, "points": "stored"},
    )
    oracle: Any = {"mean": "mean", "median": "median", "iqm": lambda sample: stats.trim_mean(sample, 0.25)}[statistic]
    groups = points("descent", "stopped").groupby(["n", "arm", column])["y"]
    expected = pd.DataFrame({"value": groups.agg(oracle), "n": groups.size()}).sort_index()
    found = made.numbers.set_index(["param_n", "arm", "x"]).sort_index()
    assert list(found.index) == list(expected.index)
    assert found[statistic].to_numpy() == pytest.approx(expected["value"].to_numpy(), rel=1e-12)
    assert found["n"].tolist() == expected["n"].tolist()


def test_leaving_runs_out_is_computed_anew_and_says_the_new_n(lab: Reader) -> None:
    whole = draw(lab, {"curve": "descent/loss", "descent.n": "~", "descent.arm": "plain"})
    part = draw(lab, {"curve": "descent/loss", "descent.n": "~|4|16", "descent.arm": "plain"})
    assert set(whole.numbers["n"]) == {3 * SEEDS}
    assert set(part.numbers["n"]) == {2 * SEEDS}
    kept = points("descent", "loss").query("n in (4, 16) and arm == 'plain'")
    assert part.numbers["mean"].to_numpy() == pytest.approx(kept.groupby("x")["y"].mean().to_numpy(), rel=1e-13)
    assert "27 runs, 9 seeds" in whole.caption
    assert "18 runs, 9 seeds" in part.caption
    assert "Pooled over n with what follows from it: up to 2 cells a line, and n counts runs." in part.caption
    assert "not independent" in part.caption


def test_what_follows_from_a_pooled_parameter_is_pooled_with_it(lab: Reader) -> None:
    """`step` follows from `arm`: it would keep the arms apart."""
    made = draw(lab, {"curve": "descent/loss", "descent.arm": "~", "descent.n": "4"})
    assert set(made.numbers["n"]) == {len(ARMS) * SEEDS}


def test_nothing_is_pooled_unless_it_is_asked_for(lab: Reader) -> None:
    made = draw(lab, {"curve": "descent/loss", "descent.n": "*", "descent.arm": "*"})
    assert set(made.numbers["n"]) == {SEEDS}
    assert len(made.numbers.groupby(["param_n", "arm"])) == len(SIZES) * len(ARMS)
    assert "Pooled" not in made.caption


@pytest.mark.parametrize("arm", ARMS)
def test_every_value_can_be_chosen_whatever_it_is_called(lab: Reader, arm: str) -> None:
    made = draw(lab, {"curve": "descent/loss", "descent.arm": arm.replace("|", "¦")})
    kept = points("descent", "loss").query("arm == @arm").groupby(["n", "x"])["y"].mean()
    assert made.numbers["mean"].to_numpy() == pytest.approx(kept.to_numpy(), rel=1e-13)


# Beside one another


def test_smoothing_is_pandas_and_the_measured_line_stays(lab: Reader) -> None:
    query = {"curve": "descent/loss", "descent.arm": "plain", "descent.n": "4"}
    measured = draw(lab, query).numbers["mean"]
    for smoothing, expected in {
        "mean 5": measured.rolling(5, center=True, min_periods=1).mean(),
        "ema 0.9": measured.ewm(alpha=0.1, adjust=True).mean(),
    }.items():
        made = draw(lab, query | {"smoothing": smoothing})
        assert made.numbers["smoothed"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)
        assert made.numbers["mean"].tolist() == measured.tolist()
        assert any(
            trace["line"].get("width") == 1 and drawn(trace["y"]).tolist() == measured.tolist()
            for trace in made.figure["data"]
        )
        assert "faint: as measured" in made.caption


def test_smoothing_keeps_a_constant_to_the_last_bit_or_two() -> None:
    flat = line({1: (range(200), [0.1] * 200)})
    for kind in ("mean 51", "ema 0.99"):
        assert smooth(flat, kind).smoothed == pytest.approx(np.full(200, 0.1), rel=1e-14)


def test_a_difference_is_paired_by_seed(lab: Reader) -> None:
    query = {"curve": "descent/loss", "descent.arm": "plain", "below": "difference", "against": "descent/loss n 16"}
    made = draw(lab, query)
    kept = points("descent", "loss").query("arm == 'plain'")
    table = kept.pivot_table(index="seed", columns=["n", "x"], values="y")
    for n in (4, 64):
        own = made.numbers[made.numbers["param_n"] == n].set_index("x")
        for x in (1.0, 7.0, 12.0):
            test = stats.ttest_rel(table[n, x], table[16, x])
            low, high = test.confidence_interval(0.95)
            here = own.loc[x].to_dict()
            assert here["difference"] == pytest.approx((table[n, x] - table[16, x]).mean(), rel=1e-12)
            assert (here["difference_low"], here["difference_high"]) == pytest.approx((low, high), rel=1e-10)
            assert here["pairs"] == SEEDS
    assert (made.numbers[made.numbers["param_n"] == 16]["difference"] == 0).all()
    assert "difference from descent/loss n 16, paired by seed" in made.caption


def test_runs_of_different_experiments_are_not_paired(lab: Reader) -> None:
    query = {"curve": "descent/loss|ascent/gain", "along": "step", "below": "difference"}
    made = draw(lab, query)
    other = made.numbers[made.numbers["experiment"] == "ascent"]
    first = made.numbers[(made.numbers["experiment"] == "descent") & (made.numbers["param_n"] == 4)]
    first = first[first["arm"] == first["arm"].iloc[0]].set_index("x")["mean"]
    assert other["difference"].to_numpy() == pytest.approx(
        (other["mean"] - other["x"].map(first)).to_numpy(), rel=1e-13
    )
    assert other["difference_low"].isna().all()
    assert "without a band elsewhere" in made.caption


def test_a_ratio_is_to_the_reference_and_n_is_drawn_as_it_is(lab: Reader) -> None:
    query = {"curve": "descent/stopped", "descent.arm": "plain", "below": "ratio"}
    numbers = draw(lab, query).numbers
    first = numbers[numbers["param_n"] == 4].set_index("x")["mean"]
    assert numbers["ratio"].to_numpy() == pytest.approx(
        (numbers["mean"] / numbers["x"].map(first)).to_numpy(), rel=1e-13
    )
    counted = draw(lab, query | {"below": "n"})
    beneath = [drawn(trace["y"]) for trace in counted.figure["data"] if trace.get("meta") == "below"]
    assert np.concatenate(beneath).tolist() == counted.numbers["n"].tolist()
    assert counted.figure["layout"]["hoversubplots"] == "axis"
    assert "Some runs end early" in counted.caption


def test_the_reference_that_is_not_there_is_the_first_line(lab: Reader) -> None:
    made = draw(lab, {"curve": "descent/loss", "descent.arm": "plain", "below": "ratio", "against": "nonsense"})
    assert "ratio to descent/loss n 4" in made.caption
