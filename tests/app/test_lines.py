"""Lines over seeds: statistics as scipy has them, figures that draw the numbers, the same from both databases' SQL."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sqlalchemy import create_engine, text

from app.figures.look import DARK, plain
from app.http.files import attachment
from app.numbers.intervals import BANDS, STATISTICS, bands_of, summaries
from app.numbers.lines.averaging import lines_of
from app.numbers.lines.comparing import smooth
from app.pages.learning_curves import draw, offers
from app.panels.curves import draw as draw_of_experiment
from app.panels.lines import ABSCISSAE, BELOW
from app.reader import Reader
from app.views import Drawn, NothingToDrawError
from storage import open_store
from storage.address import store_url
from storage.numbers import decimals
from tests.app.curve_laboratory import ARMS, SEEDS, SIZES, fill_curves, runs
from tests.app.laboratory import MARKUP, fill
from tests.app.test_figures import colors_in, drawn, named

RNG = np.random.default_rng(0)
GROUPS = RNG.permutation(np.repeat(np.arange(30), np.arange(30)))  # group k has k values, group 0 none
VALUES = RNG.gamma(1.5, size=len(GROUPS)) * 10.0 ** (GROUPS % 7 - 3)


def of_group(group: int) -> Any:
    return VALUES[np.flatnonzero(group == GROUPS)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        made = str(tmp_path_factory.mktemp("lines") / "results.db")
        fill_curves(made)
        yield made
        return
    with request.getfixturevalue("postgresql").fresh() as made:
        fill_curves(made)
        yield made


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    path = str(tmp_path_factory.mktemp("lines") / "results.db")
    fill_curves(path)
    return Reader(open_store(path))


def points(experiment: str, curve: str) -> pd.DataFrame:
    """Every point of the curve as it was made, one row each, by pandas alone."""
    rows: list[dict[str, Any]] = []
    for run in runs():
        for each in run.curves:
            if (run.experiment, each.name) == (experiment, curve):
                length = np.ptp(each.x)
                rows += [
                    {
                        **run.params,
                        "seed": run.seed,
                        "step_of_run": k,
                        "x": x,
                        "share": (x - each.x[0]) / length,
                        "y": y,
                    }
                    for k, (x, y) in enumerate(zip(each.x.tolist(), each.y.tolist(), strict=True))
                ]
    return pd.DataFrame(rows)


# Statistics


@pytest.mark.parametrize(
    ("statistic", "oracle"),
    [("mean", np.mean), ("median", np.median), ("iqm", lambda sample: stats.trim_mean(sample, 0.25))],
)
def test_statistics_of_groups_are_those_of_numpy_and_scipy(statistic: str, oracle: Any) -> None:
    found = summaries(VALUES, GROUPS, 30, statistic)
    assert np.isnan(found.value[0])
    assert found.n.tolist() == list(range(30))
    for group in range(1, 30):
        assert found.value[group] == pytest.approx(oracle(of_group(group)), rel=1e-13)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(("band", "ends"), [("q10", (0.1, 0.9)), ("q25", (0.25, 0.75)), ("range", (0, 1))])
def test_quantile_bands_are_numpy_s(statistic: str, band: str, ends: tuple[float, float]) -> None:
    found = summaries(VALUES, GROUPS, 30, statistic, band)
    assert np.isnan(found.low[:2]).all()
    for group in range(2, 30):
        low, high = np.quantile(of_group(group), ends)
        assert (found.low[group], found.high[group]) == pytest.approx((low, high), rel=1e-13)


def test_bands_of_the_mean_are_scipy_s() -> None:
    for group in range(2, 30):
        sample = of_group(group)
        mean, error = sample.mean(), stats.sem(sample)
        for band, (low, high) in {
            "sd": (mean - sample.std(ddof=1), mean + sample.std(ddof=1)),
            "se": (mean - error, mean + error),
            "ci": stats.t.interval(0.95, len(sample) - 1, mean, error),
        }.items():
            found = summaries(VALUES, GROUPS, 30, "mean", band)
            assert (found.low[group], found.high[group]) == pytest.approx((low, high), rel=1e-12, abs=1e-15)


def test_the_median_s_interval_is_scipy_s_exact_one() -> None:
    found = summaries(VALUES, GROUPS, 30, "median")
    assert np.isnan(found.low[:6]).all()  # five values do not cover a median with probability 0.95
    assert np.isnan(found.high[:6]).all()
    for group in range(6, 30):
        oracle: Any = stats.quantile_test(of_group(group), p=0.5).confidence_interval(0.95)
        assert (found.low[group], found.high[group]) == (oracle.low, oracle.high)


def test_the_interquartile_mean_s_interval_has_the_standard_error_of_yuen_s_test() -> None:
    """Yuen's test of a sample against itself, moved by d, has t = d / (√2 · standard error)."""
    found = summaries(VALUES, GROUPS, 30, "iqm")
    for group in range(6, 30):
        sample = of_group(group)
        moved = stats.ttest_ind(sample + 1.0, sample, equal_var=False, trim=0.25)
        half = stats.t.ppf(0.975, len(sample) - 2 * (len(sample) // 4) - 1) / (np.sqrt(2) * moved.statistic)
        middle = stats.trim_mean(sample, 0.25)
        assert (found.low[group], found.high[group]) == pytest.approx((middle - half, middle + half), rel=1e-9)


@pytest.mark.parametrize("statistic", ["median", "iqm"])
def test_intervals_cover_as_often_as_they_say(statistic: str) -> None:
    """4,000 samples of 20 exponentials; true coverage is 0.959 for the median (exact) and above 0.92 for the trimmed
    mean. At 0.92 by chance alone the first fails at 1e-30; the second holds 0.935 in long simulations, so that it fails
    with probability 1e-4."""
    sample = np.random.default_rng(1).exponential(size=(4000, 20))
    found = summaries(sample.ravel(), np.repeat(np.arange(4000), 20), 4000, statistic)
    quantile = stats.expon.ppf
    grid = np.linspace(0.25, 0.75, 100_001)
    truth = quantile(0.5) if statistic == "median" else np.trapezoid(quantile(grid), grid) / 0.5
    assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.92


def test_a_band_that_a_statistic_does_not_have_is_not_offered() -> None:
    assert bands_of("mean") == list(BANDS)
    assert set(BANDS) - set(bands_of("iqm")) == {"se", "sd"}


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


# The figure, its numbers and its SQL

QUERIES = [
    {"curve": "descent/loss"},
    {"curve": "descent/loss", "descent.arm": "all"},
    {"curve": "descent/loss", "descent.n": "~|4|64", "descent.arm": "*"},
    {"curve": "descent/stopped|descent/loss", "statistic": "median", "along": "share", "points": "stored"},
    {"curve": "descent/own grid"},
    {"curve": "descent/own grid", "statistic": "iqm", "descent.arm": "*"},
    {"curve": "descent/own grid|ascent/gain|descent/stopped", "statistic": "median"},
    {"curve": "ascent/gain|descent/loss", "statistic": "iqm", "along": "step", "ascent.arm": "~"},
    {"curve": "ascent/gain", "along": "share", "smoothing": "ema 0.9", "below": "difference"},
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: "&".join(query.values()))
def test_sql_gives_the_numbers_of_the_figure(url: str, query: dict[str, str]) -> None:
    read = Reader(open_store(url))
    made = draw(read, query)
    engine = create_engine(store_url(url))
    with engine.connect() as connection:
        found = pd.DataFrame(connection.execute(text(made.sql)).mappings().all())
    engine.dispose()
    read.store.close()
    statistic = query.get("statistic", "mean")
    keys = [name for name in found.columns if name not in (statistic, "n", "standard_error")]
    assert keys == [name for name in made.numbers.columns if name in keys]
    told = [
        frame.assign(**{key: frame[key].map(_said) for key in keys}).set_index(keys).sort_index()
        for frame in (found, made.numbers)
    ]
    assert list(told[0].index) == list(told[1].index)
    assert told[0][statistic].to_numpy(float) == pytest.approx(told[1][statistic].to_numpy(float), rel=1e-11, abs=1e-14)
    assert told[0]["n"].tolist() == told[1]["n"].tolist()
    if statistic == "mean":
        half = (told[1]["high"] - told[1]["low"]).to_numpy(float) / 2
        quantile = stats.t.ppf(0.975, np.maximum(told[1]["n"].to_numpy(float) - 1, 1))
        assert told[0]["standard_error"].to_numpy(float) * quantile == pytest.approx(half, rel=1e-9, nan_ok=True)


def _said(value: Any) -> str:
    """A key as text: the databases and pandas have types of their own for one number, and for none."""
    if pd.isna(value):
        return ""
    return f"{float(value):.12g}" if isinstance(value, (int, float)) else str(value)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: "&".join(query.values()))
def test_the_figure_draws_its_numbers(lab: Reader, query: dict[str, str]) -> None:
    made = draw(lab, query)
    lines = [trace for trace in made.figure["data"] if trace.get("meta") == "line"]
    statistic = query.get("statistic", "mean")
    for name, parts in {
        "x": [drawn(trace["x"]) for trace in lines],
        "smoothed" if "smoothing" in query else statistic: [drawn(trace["y"]) for trace in lines],
        statistic: [drawn(trace["customdata"])[:, 3] for trace in lines],
        "low": [drawn(trace["customdata"])[:, 0] for trace in lines],
        "high": [drawn(trace["customdata"])[:, 1] for trace in lines],
        "n": [drawn(trace["customdata"])[:, 2] for trace in lines],
    }.items():
        np.testing.assert_array_equal(np.concatenate(parts), made.numbers[name].to_numpy(float))
    if "below" in query:
        beneath = [trace for trace in made.figure["data"] if trace.get("meta") == "below"]
        found = np.concatenate([drawn(trace["y"]) for trace in beneath])
        np.testing.assert_array_equal(found, made.numbers["difference"].to_numpy())


def bands(made: Drawn) -> list[Any]:
    return [trace for trace in made.figure["data"] if "fill" in trace]


def test_a_band_goes_from_low_to_high_and_to_the_foot_of_a_log_axis(lab: Reader) -> None:
    query = {"curve": "descent/loss", "descent.arm": "plain", "descent.n": "4", "band": "sd", "axes": "linear"}
    made = draw(lab, query)
    (band,) = bands(made)
    low, high = made.numbers["low"].to_numpy(), made.numbers["high"].to_numpy()
    np.testing.assert_array_equal(drawn(band["y"]), np.concatenate([high, low[::-1]]))
    logarithmic = draw(lab, query | {"axes": "logy"})
    (band,) = bands(logarithmic)
    foot = logarithmic.figure["layout"]["yaxis"]["autorangeoptions"]["clipmin"]
    assert (drawn(band["y"]) > 0).all()
    assert 0 < foot < min(made.numbers["mean"].min(), low[low > 0].min())
    assert bands(draw(lab, query | {"band": "none"})) == []


def test_single_runs_are_all_there_with_gaps_between(lab: Reader) -> None:
    made = draw(lab, {"curve": "descent/stopped", "descent.arm": "plain", "runs": "yes"})
    thin = [trace for trace in made.figure["data"] if trace["line"].get("width") == 0.6]
    assert len(thin) == len(SIZES)
    kept = points("descent", "stopped").query("arm == 'plain'")
    for trace, (_, own) in zip(thin, kept.groupby("n"), strict=True):
        x, y = drawn(trace["x"]), drawn(trace["y"])
        assert int(np.isnan(y).sum()) == SEEDS - 1
        assert sorted(y[np.isfinite(y)]) == sorted(own["y"])
        assert sorted(x[np.isfinite(y)]) == sorted(own["x"])
    of_runs = made.numbers.dropna(subset=["run_id"])
    assert len(of_runs) == len(kept)
    assert sorted(of_runs["mean"]) == sorted(kept["y"])
    without = draw(lab, {"curve": "descent/stopped", "descent.arm": "plain"}).numbers
    assert made.numbers[made.numbers["run_id"].isna()]["mean"].tolist() == without["mean"].tolist()


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


def test_joined_runs_are_said(lab: Reader) -> None:
    assert "taken as straight" in draw(lab, {"curve": "descent/own grid"}).caption
    assert "taken as straight" not in draw(lab, {"curve": "descent/own grid", "points": "stored"}).caption
    assert "Not every run is at every x" in draw(lab, {"curve": "descent/own grid", "points": "stored"}).caption


def test_points_that_a_log_axis_cannot_show_are_counted(lab: Reader) -> None:
    made = draw(lab, {"curve": "ascent/gain", "axes": "logy"})
    hidden = int((made.numbers["mean"] <= 0).sum())
    assert hidden > 1
    assert f"{hidden} points at or below zero have no place on a log axis." in made.caption


def test_the_reference_that_is_not_there_is_the_first_line(lab: Reader) -> None:
    made = draw(lab, {"curve": "descent/loss", "descent.arm": "plain", "below": "ratio", "against": "nonsense"})
    assert "ratio to descent/loss n 4" in made.caption


def test_nonsense_is_the_default_and_an_empty_store_is_a_sentence(lab: Reader, tmp_path: Any) -> None:
    nonsense = {"curve": "no/such", "statistic": "mode", "band": "x", "descent.arm": "zzz", "along": "?", "below": "!"}
    assert draw(lab, nonsense).numbers.equals(draw(lab, {}).numbers)
    with pytest.raises(NothingToDrawError, match="holds no such curve"):
        draw(Reader(open_store(str(tmp_path / "nothing.db"))), {})


def test_it_opens_on_the_learning_curve_with_most_runs(lab: Reader) -> None:
    assert offers(lab, {})[0].default == "descent/loss"


def test_the_panel_of_an_experiment_draws_the_same(lab: Reader) -> None:
    mine = draw(lab, {"curve": "descent/loss", "descent.arm": "*", "descent.n": "*"})
    own = draw_of_experiment(lab, {"experiment": "descent", "curve": "loss"})
    assert own.numbers.equals(mine.numbers)
    assert own.sql == mine.sql
    assert named(own.figure, "n 4, arm all")["line"]["color"] == named(own.figure, "n 4, arm plain")["line"]["color"]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: "&".join(query.values()))
def test_numbers_are_exported_to_the_last_bit(lab: Reader, query: dict[str, str]) -> None:
    numbers = draw(lab, query | {"runs": "yes"}).numbers
    from flask import Flask

    with Flask("export").app_context():
        table = pd.read_parquet(io.BytesIO(attachment(numbers, "parquet", "x").get_data()))
        text_form = pd.read_csv(io.BytesIO(attachment(numbers, "csv", "x").get_data()))
    statistic = query.get("statistic", "mean")
    for form in (table, text_form):
        assert len(form) == len(numbers)
        assert decimals(form[statistic].to_numpy()) == decimals(numbers[statistic].to_numpy())


def test_every_choice_that_is_offered_draws(lab: Reader) -> None:
    base = {"curve": "descent/stopped|ascent/gain"}
    for offer in offers(lab, base)[1:]:
        for value, _ in offer.options:
            assert len(draw(lab, base | {offer.key: value}).numbers) > 0
    assert set(ABSCISSAE) == {"own", "step", "share"}
    assert set(BELOW) == {"none", "n", "difference", "ratio"}


def test_colours_follow_the_theme_and_text_is_text(lab: Reader, tmp_path: Any) -> None:
    query = {"curve": "descent/loss|ascent/gain", "runs": "yes", "below": "difference", "smoothing": "mean 3"}
    assert set(colors_in(draw(lab, query).figure)) <= set(DARK)
    store = str(tmp_path / "hostile.db")
    fill(store)
    made = draw(Reader(open_store(store)), {"curve": "hostile/trace|fluctuation/loss", "hostile.arm": "*"})
    assert "<img" not in json.dumps(made.figure)
    assert json.dumps(plain(MARKUP))[1:-1][:20] in json.dumps(made.figure)
