"""Figures of lines: they draw their numbers, which both databases give by SQL and which files keep to the last bit."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sqlalchemy import create_engine, text

from app.figures.look import DARK, plain
from app.http.files import attachment
from app.pages.learning_curves import draw, offers
from app.panels.curves import draw as draw_of_experiment
from app.panels.lines import ABSCISSAE, BELOW
from app.reader import Reader
from app.views import Drawn, NothingToDrawError
from storage import open_store
from storage.address import store_url
from storage.numbers import decimals
from tests.app.curve_laboratory import SEEDS, SIZES, fill_curves, points
from tests.app.laboratory import MARKUP, fill
from tests.app.test_figures import colors_in, drawn, named

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


@pytest.fixture(scope="module")
def url(each_database: str) -> str:
    fill_curves(each_database)
    return each_database


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


def test_single_runs_that_are_joined_are_drawn_by_their_own_points(lab: Reader) -> None:
    made = draw(lab, {"curve": "descent/own grid", "runs": "yes"})
    assert "taken as straight" in made.caption
    kept = points("descent", "own grid")
    thin = [trace for trace in made.figure["data"] if trace["line"].get("width") == 0.6]
    x, y = (np.concatenate([drawn(trace[axis]) for trace in thin]) for axis in "xy")
    there = np.isfinite(y)
    assert sorted(zip(x[there], y[there], strict=True)) == sorted(zip(kept["x"], kept["y"], strict=True))
    of_runs = made.numbers.dropna(subset=["run_id"])
    held = sorted(zip(of_runs["seed"], of_runs["x"], of_runs["mean"], strict=True))
    assert held == sorted(zip(kept["seed"], kept["x"], kept["y"], strict=True))


def test_joined_runs_are_said(lab: Reader) -> None:
    assert "taken as straight" in draw(lab, {"curve": "descent/own grid"}).caption
    assert "taken as straight" not in draw(lab, {"curve": "descent/own grid", "points": "stored"}).caption
    assert "Not every run is at every x" in draw(lab, {"curve": "descent/own grid", "points": "stored"}).caption


def test_points_that_a_log_axis_cannot_show_are_counted(lab: Reader) -> None:
    made = draw(lab, {"curve": "ascent/gain", "axes": "logy"})
    hidden = int((made.numbers["mean"] <= 0).sum())
    assert hidden > 1
    assert f"{hidden} points at or below zero have no place on a log axis." in made.caption


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
        table = pd.read_parquet(io.BytesIO(attachment(iter([numbers]), "parquet", "x").get_data()))
        text_form = pd.read_csv(io.BytesIO(attachment(iter([numbers]), "csv", "x").get_data()))
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
