"""The page of power laws: trends and slopes against SQL, numpy and verdicts, and the page itself in a browser."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect
from scipy import stats

from app import serving
from app.figures.convergence import trends_figure
from app.numbers.convergence import Quantity, going_along, trends_of
from app.panels import convergence, rates, sizes
from app.panels.trends import shown_by, trends
from app.reader import Reader
from app.views import drawn
from experiments.statistics import pointwise_level, slope_interval
from storage.queries import verdicts
from storage.store import open_writer
from tests.app import scaling
from tests.app.conftest import ARTEFACTS, Opener, wait_until
from tests.app.laboratory import FLUCTUATION
from tests.app.scaling import DECAYS, LAYERS, ODD, SEEDS
from tests.app.test_figures import drawn as numbers_drawn

BOTH = {"show": "decay.spread|cooling.error"}


def rows(page: Page) -> Locator:
    """The rows of the rates table, without its head."""
    return page.get_by_role("table", name="Rates: fitted slopes and theory's").locator("tbody tr")


def query(scaled: str, statement: str, *values: object) -> list[tuple[float, ...]]:
    with sqlite3.connect(scaled) as connection:
        return connection.execute(statement, values).fetchall()


def test_a_trend_is_every_run_of_its_cells_by_size_and_seed(scaled_reader: Reader, scaled: str) -> None:
    found, going = trends(scaled_reader, Quantity(experiment="decay", metric="spread", x="width"))
    assert going == ["networks"]
    assert [trend.params for trend in found] == [{"layers": layers} for layers in LAYERS]
    for trend in found:
        rows = query(scaled, "SELECT width, seed, spread FROM runs_decay WHERE layers = ?", trend.params["layers"])
        places = {(x, seed): (i, k) for i, x in enumerate(trend.x) for k, seed in enumerate(trend.seeds)}
        assert len(rows) == trend.table.size
        assert all(trend.table[places[width, seed]] == value for width, seed, value in rows)


def test_a_parameter_goes_with_the_size_only_if_it_is_a_number_that_the_size_determines() -> None:
    runs = pd.DataFrame(
        {"n": [1, 2, 3, 4] * 2, "arm": list("aaaabbbb"), "replicates": [8, 4, 2, 1] * 2, "depth": [1, 1, 1, 2] * 2}
    )
    assert going_along(runs, "n", ["arm", "replicates"]) == ["replicates"]
    assert going_along(runs, "n", ["arm", "depth"]) == []  # two values along four sizes are two trends
    runs.loc[4:, "replicates"] = [1, 2, 4, 8]  # the arm and the size determine it together
    assert going_along(runs, "n", ["arm", "replicates"]) == ["replicates"]
    words = runs.assign(replicates=runs["replicates"].astype(str))
    assert going_along(words, "n", ["arm", "replicates"]) == []


def test_the_points_are_the_means_and_t_intervals_that_sql_selects(scaled_reader: Reader, scaled: str) -> None:
    made = drawn(scaled_reader, convergence.draw, BOTH)
    frame = made.numbers
    for row in frame[frame["metric"] == "spread"].to_dict("records"):
        sample = [
            value
            for (value,) in query(
                scaled, "SELECT spread FROM runs_decay WHERE width = ? AND layers = ?", row["size"], row["layers"]
            )
        ]
        low, high = stats.t.interval(0.95, len(sample) - 1, np.mean(sample), stats.sem(sample))
        assert (row["mean"], row["low"], row["high"]) == pytest.approx((np.mean(sample), low, high), rel=1e-11)
        assert row["n"] == len(sample) == SEEDS


@pytest.mark.parametrize("asked", [BOTH, {"show": "decay.spread", "decay.layers": "2"}, {"show": "decay.shift"}])
def test_the_sql_under_the_figure_gives_its_means_and_counts(
    scaled_reader: Reader, scaled: str, asked: dict[str, str]
) -> None:
    made = drawn(scaled_reader, convergence.draw, asked)
    with sqlite3.connect(scaled) as connection:
        selected = pd.read_sql(made.sql, connection)
    keys = [name for name in selected.columns if name in made.numbers.columns and name not in ("mean", "n")]
    joined = made.numbers.astype(dict.fromkeys(keys, object)).merge(selected.astype(object), on=keys, how="outer")
    assert len(joined) == len(made.numbers) == len(selected)
    assert joined["mean_x"].astype(float).to_numpy() == pytest.approx(joined["mean_y"].astype(float).to_numpy())
    assert (joined["n_x"] == joined["n_y"]).all()


def test_the_sql_of_medians_gives_the_values_that_they_are_of(scaled_reader: Reader, scaled: str) -> None:
    made = drawn(scaled_reader, convergence.draw, {"show": "decay.spread", "centre": "median"})
    with sqlite3.connect(scaled) as connection:
        selected = pd.read_sql(made.sql, connection)
    medians = selected.groupby(["layers", "size"])["value"].median()
    frame = made.numbers.set_index(["layers", "size"])
    assert frame["median"].to_numpy() == pytest.approx(medians.loc[frame.index].to_numpy(), rel=1e-14)


def test_every_slope_of_the_rates_is_that_of_its_verdict(scaled_reader: Reader) -> None:
    frame = drawn(scaled_reader, rates.draw, BOTH).numbers
    judged = {verdict.claim: verdict for verdict in scaled_reader(verdicts)}
    for claim, rows in frame.groupby("claim"):
        verdict = judged[str(claim)]
        assert verdict.estimate is not None
        nearest = rows.iloc[(rows["slope"] - verdict.estimate).abs().argmin()]
        assert nearest["slope"] == pytest.approx(verdict.estimate, rel=1e-12)
        assert nearest["verdict"] == verdict.status == "supported"
        assert (nearest["allowed_low"], nearest["allowed_high"]) == pytest.approx(
            (verdict.predicted_low, verdict.predicted_high), rel=1e-9
        )
    cool = frame[frame["metric"] == "error"].iloc[0]  # one trend: no allowance for several
    assert (cool["low"], cool["high"]) == pytest.approx((judged["cooling_slope"].low, judged["cooling_slope"].high))
    assert (cool["from"], cool["to"], cool["n"]) == (40, 640, SEEDS)  # as claimed, not from 10


def test_a_verdict_s_interval_is_the_same_slope_s_at_the_level_of_several(scaled_reader: Reader) -> None:
    (verdict,) = [each for each in scaled_reader(verdicts) if each.claim == "decay_slope"]
    found, _ = trends(scaled_reader, Quantity(experiment="decay", metric="spread", x="width"))
    ends = [slope_interval(trend.x, trend.table, pointwise_level(0.95, len(found)), "mean") for trend in found]
    assert any(
        (verdict.low, verdict.high) == pytest.approx((float(end.low), float(end.high)), rel=1e-9) for end in ends
    )


def test_theory_is_the_claims_curve_and_the_ratio_is_to_it(scaled_reader: Reader) -> None:
    frame = drawn(scaled_reader, convergence.draw, BOTH).numbers
    theory = {(cell.width, cell.layers): cell.theory for cell in DECAYS}
    for row in frame[frame["metric"] == "spread"].to_dict("records"):
        expected = theory[row["size"], row["layers"]]
        assert row["theory"] == pytest.approx(expected, rel=1e-12)
        ratios = (row["ratio"], row["ratio_low"], row["ratio_high"])
        assert ratios == pytest.approx((row["mean"] / expected, row["low"] / expected, row["high"] / expected))
    slope_alone = frame[frame["metric"] == "error"]
    assert slope_alone["theory"].isna().all()  # this claim knows a slope and no level
    assert slope_alone["ratio"].isna().all()


def test_a_claim_on_other_cells_says_nothing_of_a_trend(scaled_reader: Reader) -> None:
    found, _ = trends(scaled_reader, Quantity(experiment="decay", metric="shift", x="width"))
    assert [trend.theories for trend in found] == [(), ()]


def test_fewer_sizes_give_their_own_slope_and_theory_s_on_the_same_sizes(scaled_reader: Reader) -> None:
    frame = drawn(scaled_reader, rates.draw, {"show": "decay.spread", "from": "32"}).numbers
    for row in frame.to_dict("records"):
        cells = [cell for cell in DECAYS if cell.width >= 32 and f"layers {cell.layers}" == row["cells"]]
        if len(cells) < 3:
            assert np.isnan(row["slope"])
            assert row["because"] == "a slope needs 3 sizes"
            continue
        line = stats.linregress(np.log([cell.width for cell in cells]), np.log([cell.theory for cell in cells]))
        assert row["theory"] == pytest.approx(line.slope, rel=1e-9)
        assert (row["from"], row["sizes"]) == (32, len(cells))


def test_the_figure_holds_the_numbers(scaled_reader: Reader) -> None:
    made = drawn(scaled_reader, convergence.draw, BOTH)
    points = [trace for trace in made.figure["data"] if trace["mode"] == "markers" and trace.get("yaxis") != "y2"]
    ratios = [trace for trace in made.figure["data"] if trace.get("yaxis") == "y2"]
    together = np.concatenate([numbers_drawn(trace["y"]) for trace in points])
    assert together.tolist() == made.numbers["mean"].tolist()
    assert np.concatenate([numbers_drawn(trace["y"]) for trace in ratios]).tolist() == (
        made.numbers["ratio"].dropna().tolist()
    )
    dashed = [trace for trace in made.figure["data"] if trace.get("line", {}).get("dash") == "dash"]
    for trace, each in zip(dashed, shown_by(scaled_reader, BOTH).fitted, strict=True):
        x, y = numbers_drawn(trace["x"]), numbers_drawn(trace["y"])
        assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(each.rate.slope, rel=1e-12)


def test_points_below_zero_are_counted_where_a_log_axis_has_no_place_for_them(scaled_reader: Reader) -> None:
    shown = drawn(scaled_reader, convergence.draw, {"show": "decay.shift", "axes": "loglog"})
    below = int((shown.numbers["mean"] <= 0).sum())
    assert below
    assert f"{below} point" in shown.caption
    assert drawn(scaled_reader, rates.draw, {"show": "decay.shift"}).numbers["slope"].isna().any()


def test_nothing_to_draw_is_a_figure_without_traces() -> None:
    assert trends_figure([], "width", "", x_log=True, y_log=True)["data"] == []
    runs = pd.DataFrame({"seed": [0], "n": [1]}, index=pd.Index([1], name="run_id"))
    values = pd.Series(np.zeros(0), index=pd.Index([], name="run_id", dtype="int64"))
    assert trends_of(runs, values, Quantity(experiment="e", metric="m", x="n")) == ((), [])


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1400, 900), ("dark", 390, 844)])
def test_the_page_in_both_themes_and_on_a_phone(
    scaled_dashboard: str, opened: Opener, theme: str, width: int, height: int
) -> None:
    page = opened(f"{scaled_dashboard}/width-convergence?{urlencode(BOTH)}", width, height, theme)
    wait_until(page, "() => document.querySelectorAll('.js-plotly-plot .scatterlayer').length >= 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text("supported")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"width-convergence-{theme}-{width}.png", full_page=True)


def test_choices_redraw_figure_and_rates_stand_in_the_url_and_back_returns(
    scaled_dashboard: str, opened: Opener
) -> None:
    page = opened(f"{scaled_dashboard}/width-convergence?{urlencode({'show': 'decay.spread'})}")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("layers", exact=True).first.click()
    page.get_by_role("option", name="2", exact=True).click()
    page.wait_for_url(re.compile("decay.layers=2"))
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".caption").first).to_contain_text("32 values of 8 seeds")
    rows(page).get_by_role("link", name="supported").click()
    page.wait_for_url("**/experiment/decay#claim-decay_slope")
    page.go_back()
    expect(rows(page)).to_have_count(1)  # as it was left
    page.go_forward()
    expect(page.locator("#page h1")).to_have_text("Decay")


def test_another_metric_is_chosen_by_keyboard_and_lays_the_page_out_anew(scaled_dashboard: str, opened: Opener) -> None:
    page = opened(f"{scaled_dashboard}/width-convergence?{urlencode({'show': 'decay.spread'})}")
    page.get_by_label("metrics", exact=True).first.focus()
    page.keyboard.type("cooling: err")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"show=decay.spread%7Ccooling.error"))
    expect(rows(page)).to_have_count(3)


def test_every_power_law_has_a_link_that_draws_it(scaled_dashboard: str, opened: Opener) -> None:
    page = opened(f"{scaled_dashboard}/width-convergence")
    laws = page.get_by_role("region", name="Every power law that is claimed")
    expect(laws.locator("tbody tr")).to_have_count(2)
    laws.get_by_role("link", name="error").click()
    page.wait_for_url("**/width-convergence?show=cooling.error")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("n 40 to 640 (3)")


def test_names_from_the_store_are_text_and_nonsense_is_ignored(scaled_dashboard: str, opened: Opener) -> None:
    page = opened(
        f"{scaled_dashboard}/width-convergence?{urlencode({'show': f'cooling.{ODD}', 'from': 'nonsense', 'x': '%ff'})}"
    )
    expect(rows(page).first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img").count() == 0


def test_a_store_without_sizes_or_runs_says_so(tmp_path_factory: pytest.TempPathFactory, opened: Opener) -> None:
    path = str(tmp_path_factory.mktemp("empty") / "results.db")
    writer = open_writer(path)
    writer.describe([scaling.ODD_ATTACKED])
    with serving(path, port=0) as address:
        page = opened(f"{address}width-convergence")
        expect(page.locator("#page")).to_contain_text("No experiment of the store has a metric along a size.")
        writer.describe([FLUCTUATION])
        page.reload()
        expect(page.locator("#page")).to_contain_text("No run of these cells has the metric.")
    writer.close()


def test_what_changes_with_size_parts_no_lines_of_an_experiment(scaled: str, scaled_reader: Reader) -> None:
    """Runs of `decay` have 4096 // width networks: a line for each number of layers, not for each point."""
    view = sizes.draw(scaled_reader, {"experiment": "decay", "metric": "spread"})
    assert "networks changes with width." in view.caption
    assert len(view.figure["data"]) == len(LAYERS)
    with closing(sqlite3.connect(scaled)) as connection:
        rows = pd.read_sql(
            "SELECT layers, width, avg(spread) AS mean FROM runs_decay GROUP BY layers, width", connection
        )
    pd.testing.assert_frame_equal(view.numbers[["layers", "width", "mean"]], rows, check_dtype=False, rtol=1e-12)
    assert "networks" not in view.numbers
