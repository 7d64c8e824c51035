"""The page of robustness: means, order and distances against SQL and numpy, and the page itself in a browser."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from scipy import stats

from app import serving
from app.numbers.robustness import names_of, order_of, shares_within
from app.panels import nearest, radii, robustness
from app.panels.attacks import shown_by
from app.reader import Reader
from app.views import NothingToDrawError, drawn
from storage import open_store
from storage.queries import fields_of_run
from storage.records import CurveInfo, FieldInfo, FieldRecord
from storage.store import open_writer
from tests.app import scaling
from tests.app.conftest import ARTEFACTS, Opener, wait_until
from tests.app.laboratory import BATCH, FLUCTUATION, MARKUP
from tests.app.scaling import METHODS, POINTS
from tests.app.test_figures import drawn as numbers_drawn

PLAIN = "attacked width 8, training plain"


def test_the_means_and_bands_are_numpy_s_and_scipy_s_of_what_the_view_selects(
    scaled_reader: Reader, scaled: str
) -> None:
    frame = drawn(scaled_reader, robustness.draw, {"norm": "linf"}).numbers
    assert len(frame) == 4 * len(METHODS) * len(scaling.EPSILONS)
    with sqlite3.connect(scaled) as connection:
        points = pd.read_sql(
            "SELECT robustness.*, width, training FROM robustness JOIN runs_attacked USING (run_id)", connection
        )
    for row in frame.to_dict("records"):
        same = points[
            (points["norm"] == "linf")
            & (points["method"] == row["method"])
            & (points["width"] == row["width"])
            & (points["training"] == row["training"])
            & (points["epsilon"] == row["ε"])
        ]["accuracy"]
        low, high = stats.t.interval(0.95, len(same) - 1, same.mean(), stats.sem(same))
        assert (row["mean"], row["low"], row["high"]) == pytest.approx((same.mean(), low, high), nan_ok=True)
        assert row["n"] == len(same) == 5


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"norm": "l2|linf", "attacked.width": "8"},
        {"experiment": "attacked|odd_attacked", "method": "exact|pgd"},
        {"experiment": "odd_attacked", "odd_attacked.arm": MARKUP},
    ],
)
def test_the_sql_under_the_figure_gives_its_means_and_counts(
    scaled_reader: Reader, scaled: str, asked: dict[str, str]
) -> None:
    made = drawn(scaled_reader, robustness.draw, asked)
    with sqlite3.connect(scaled) as connection:
        selected = pd.read_sql(made.sql, connection)
    keys = [name for name in selected.columns if name not in ("mean", "standard_error", "n")]
    joined = made.numbers.astype(dict.fromkeys(keys, object)).merge(selected.astype(object), on=keys, how="outer")
    assert len(joined) == len(made.numbers) == len(selected)
    assert joined["mean_x"].astype(float).to_numpy() == pytest.approx(joined["mean_y"].astype(float).to_numpy())
    assert (joined["n_x"] == joined["n_y"]).all()


@pytest.mark.parametrize("layout", ["each", "one"])
def test_the_figure_holds_the_means_and_names_the_model_of_each_line(scaled_reader: Reader, layout: str) -> None:
    made = drawn(scaled_reader, robustness.draw, {"models": layout})
    lines = [trace for trace in made.figure["data"] if "meta" in trace]
    assert np.concatenate([numbers_drawn(trace["y"]) for trace in lines]).tolist() == made.numbers["mean"].tolist()
    assert {trace["meta"] for trace in lines} == {
        f"attacked width {width}, training {training}" for width in (4, 8) for training in ("plain", "hard")
    }


def test_the_order_holds_where_it_was_made_to_hold(scaled_reader: Reader) -> None:
    found = order_of(shown_by(scaled_reader, {"norm": "l2|linf"}).models)
    assert found.comparisons == 20 * 2 * 3 * len(scaling.EPSILONS)
    assert (found.broken, found.runs, found.of_runs) == (0, (), 20)


def test_a_planted_violation_is_counted_and_its_run_named(scaled_reader: Reader, scaled: str) -> None:
    found = order_of(shown_by(scaled_reader, {"experiment": "odd_attacked"}).models)
    with sqlite3.connect(scaled) as connection:
        wrong = connection.execute(
            """SELECT exact.run_id, count(*) FROM robustness AS exact JOIN robustness AS pgd
            ON pgd.run_id = exact.run_id AND pgd.epsilon = exact.epsilon AND pgd.norm = exact.norm
            WHERE exact.method = 'exact' AND pgd.method = 'pgd' AND pgd.accuracy < exact.accuracy GROUP BY 1"""
        ).fetchall()
    assert [(run, found.broken) for run in found.runs] == wrong
    assert (found.broken, found.comparisons, found.of_runs) == (2, 6 * 3, 6)
    said = str(robustness.order_said(scaled_reader, {"experiment": "odd_attacked"}))
    assert "is broken in 2 of 18 comparisons in 6 runs" in said
    assert f"/run/{wrong[0][0]}" in said
    assert not order_of(
        shown_by(scaled_reader, {"experiment": "odd_attacked", "odd_attacked.arm": "a | b"}).models
    ).broken


def test_only_robustness_curves_with_a_norm_count() -> None:
    curve = CurveInfo(name="exact_linf", x_label="", y_label="", role="robustness")
    other = CurveInfo(name="loss_l2", x_label="", y_label="", role="learning")
    assert names_of([curve, other]) == {"exact_linf": ("exact", "linf")}


def test_distances_are_the_lengths_of_the_arrows_that_runs_keep(scaled_reader: Reader) -> None:
    made = drawn(scaled_reader, radii.draw, {"attacked.width": "8"})
    assert sorted(made.numbers["seed"].unique()) == [0, 1]
    for run, rows in made.numbers.groupby("run"):
        (arrows,) = scaled_reader(fields_of_run, int(str(run)), "adversarial_l2")
        held = arrows.arrays
        lengths = sorted(np.hypot(held["x1"] - held["x0"], held["y1"] - held["y0"]))
        assert rows["radius"].tolist() == pytest.approx(lengths, rel=1e-12)
        at = stats.ecdf(lengths).cdf.evaluate(rows["radius"].to_numpy())
        assert rows["share"].to_numpy() == pytest.approx(at)
    assert [each.tolist() for each in shares_within(np.array([3.0, 1.0]))] == [[1.0, 3.0], [0.5, 1.0]]
    elsewhere = drawn(scaled_reader, radii.draw, {"attacked.width": "8", "norm": "linf"})
    assert elsewhere.numbers.equals(made.numbers)
    assert elsewhere.caption.endswith("keep none in L∞.")
    with pytest.raises(NothingToDrawError, match="keeps the distances"):
        radii.draw(scaled_reader, {"experiment": "odd_attacked"})


def test_the_distances_of_a_histogram_are_its_counts_at_its_edges(tmp_path: Path) -> None:
    """A linear classifier's, signed by the side, as they are kept of many points."""
    signed = np.random.default_rng(0).normal(0.4, 1.0, (2, 500))
    described = replace(
        scaling.ATTACKED, fields=(FieldInfo(name="side", kind="histogram", text="signed L2 distances to the boundary"),)
    )
    runs = []
    for seed, distances in enumerate(signed):
        density, edges = np.histogram(distances, bins=20, density=True)
        own = next(run for run in scaling.attack_runs() if run.seed == seed)
        side = FieldRecord(name="side", kind="histogram", arrays={"edges": edges, "density": density})
        runs.append(replace(own, fields=(side,)))
    path = str(tmp_path / "binned.db")
    with closing(open_writer(path)) as writer:
        writer.describe([described])
        writer.record(writer.start_batch(BATCH), runs)
    made = drawn(Reader(open_store(path)), radii.draw, {})
    for (_, rows), distances in zip(made.numbers.groupby("seed"), signed, strict=True):
        at = stats.ecdf(distances).cdf.evaluate(rows["radius"].to_numpy())
        assert rows["share"].to_numpy()[1:] == pytest.approx(at[1:], abs=1e-12)
        assert rows["share"].iloc[0] == 0
    thin = [trace for trace in made.figure["data"] if trace["line"]["width"] == 1]
    assert [trace["meta"] for trace in thin] == [None, None]  # there is no boundary to click to
    (broad,) = (trace for trace in made.figure["data"] if trace["line"]["width"] == 2)
    x, y = numbers_drawn(broad["x"]), numbers_drawn(broad["y"])
    assert y[np.searchsorted(x, 0.4)] == pytest.approx((signed <= 0.4).mean(), abs=0.05)
    assert (np.diff(y) >= 0).all()
    assert (y[0], y[-1]) == (0, pytest.approx(1))
    assert "exact at the edges of the bins" in made.caption


def test_the_chosen_point_stands_out_on_the_boundary_of_its_run(scaled_reader: Reader) -> None:
    made = drawn(
        scaled_reader, nearest.draw_boundary, {"experiment": "attacked", "model": PLAIN, "seed": "1", "point": "3"}
    )
    distances = drawn(scaled_reader, radii.draw, {}).numbers
    of_run = distances[(distances["model"] == PLAIN) & (distances["seed"] == 1)]
    chosen = made.figure["data"][-1]
    across, up = np.diff(numbers_drawn(chosen["x"])), np.diff(numbers_drawn(chosen["y"]))
    assert float(np.hypot(across, up)[0]) == pytest.approx(of_run["radius"].iloc[2])
    assert f"run {of_run['run'].iloc[0]}" in made.caption
    assert f"Point 3 of {POINTS}" in made.caption
    assert set(made.numbers["field"]) == {"adversarial_l2", "data", "decision", "regions"}
    with pytest.raises(NothingToDrawError):
        nearest.draw_boundary(scaled_reader, {"experiment": "odd_attacked"})


def test_the_first_model_is_the_guide_s(scaled_reader: Reader) -> None:
    assert drawn(scaled_reader, nearest.draw_boundary, {"experiment": "attacked"}).caption.startswith(
        f"{PLAIN}, seed 0"
    )


def painted(page: Page, figures: int) -> Page:
    wait_until(
        page,
        f"() => [...document.querySelectorAll('.js-plotly-plot')].filter((p) => p.data?.length).length >= {figures}",
    )
    return page


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1400, 900), ("dark", 390, 844)])
def test_the_page_in_both_themes_and_on_a_phone(
    scaled_dashboard: str, opened: Opener, theme: str, width: int, height: int
) -> None:
    page = painted(opened(f"{scaled_dashboard}/robustness", width, height, theme), 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("#order")).to_contain_text("certified ≤ exact ≤ PGD ≤ FGSM at every ε of every run")
    expect(page.locator("#order")).to_contain_text("360 comparisons in 20 runs")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"robustness-{theme}-{width}.png", full_page=True)


PLACED = """(columns) => {
  const plot = document.querySelector('#page .js-plotly-plot');
  const layout = plot._fullLayout;
  const axes = Object.keys(layout).filter((name) => /^xaxis\\d*$/.test(name)).map((name) => layout[name]);
  const lefts = new Set(axes.map((axis) => axis.domain[0].toFixed(3)));
  return lefts.size === columns && plot.clientHeight === layout.height;
}"""
"""Whether the panels stand in so many columns, drawn as high as their room."""


FITS = """(width) => [document.documentElement, ...document.querySelectorAll('.figure, .figure > [role=group]')]
  .every((part) => part.scrollWidth <= width)"""


def test_the_narrower_the_window_the_fewer_panels_stand_beside_one_another(
    scaled_dashboard: str, opened: Opener
) -> None:
    page = painted(opened(f"{scaled_dashboard}/robustness?norm=l2%7Clinf", 390, 844), 3)
    for width, columns in ((320, 1), (390, 1), (700, 1), (800, 2), (1024, 2), (1400, 3), (390, 1)):
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(page, PLACED, arg=columns)
        wait_until(page, FITS, arg=width)


def test_a_report_lays_its_panels_out_for_its_window(
    scaled_dashboard: str, windows: dict[str, BrowserContext], tmp_path: Path
) -> None:
    with urlopen(f"{scaled_dashboard}/export/robustness.html?norm=l2%7Clinf") as answer:
        (tmp_path / "robustness.html").write_bytes(answer.read())
    page = windows["light"].new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((tmp_path / "robustness.html").as_uri())
    for width, columns in ((390, 1), (800, 2), (1400, 3)):
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(page, PLACED, arg=columns)
        wait_until(page, FITS, arg=width)
    page.close()


LEGEND = """(less) => {
  const plot = document.querySelector('#radii .js-plotly-plot');
  const legend = plot.querySelector('.legend .bg').getBBox().height;
  const whole = plot.querySelector('.legend .scrollbox').getBBox().height;
  const { _size, height } = plot._fullLayout;
  const settled = plot.clientHeight === height && whole <= legend + 1;
  return settled && (!less || legend > less[0] + 20) && [legend, _size.h];
}"""
"""The heights of the legend, once it is higher than that of `less`, and of the plot under it."""


def test_a_legend_takes_nothing_from_its_plot(scaled_dashboard: str, opened: Opener) -> None:
    page = painted(opened(f"{scaled_dashboard}/robustness", 1400, 900), 3)
    wait_until(page, LEGEND)
    wide = page.evaluate(LEGEND)
    page.set_viewport_size({"width": 320, "height": 844})
    wait_until(page, LEGEND, arg=wide)
    wait_until(page, f"(wide) => ({LEGEND})(wide)[1] >= wide[1] - 20", arg=wide)  # axis titles may take more lines


SNUG = """() => {
  const plot = document.querySelector('#boundary ~ .figure .js-plotly-plot');
  const { xaxis, yaxis, height, _size } = plot._fullLayout;
  return Math.abs(plot.clientHeight - height) < 2 && _size.h - yaxis._length < 12 && _size.w - xaxis._length < 12;
}"""
"""Whether the plane of the boundary, a unit of x as long as one of y, fills its figure but for the margins."""


@pytest.mark.parametrize("width", [320, 800, 1400])
def test_the_figure_of_a_plane_is_no_larger_than_the_plane_needs(
    scaled_dashboard: str, opened: Opener, width: int
) -> None:
    wait_until(painted(opened(f"{scaled_dashboard}/robustness", width, 900), 3), SNUG)


def test_choices_redraw_everything_and_stand_in_the_url(scaled_dashboard: str, opened: Opener) -> None:
    page = painted(opened(f"{scaled_dashboard}/robustness?at.seed=1"), 3)
    page.get_by_label("width", exact=True).first.click()
    page.get_by_role("option", name="8", exact=True).click()
    page.wait_for_url(re.compile(r"attacked\.width=8"))
    expect(page.locator("#order")).to_contain_text("180 comparisons in 10 runs")
    expect(page.locator("#radii .caption")).to_contain_text("each of the 4 runs")
    page.get_by_label("point, nearest first").first.click()  # by keyboard from here
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"at\.point=1"))
    expect(page.get_by_role("region", name="On the decision boundary")).to_contain_text(f"Point 1 of {POINTS}")
    assert "at.seed=1" in page.url


CLICK = """([id, curve, point]) => {
  const plot = (document.getElementById(id) || document).querySelector('.js-plotly-plot');
  const trace = plot.data.findIndex((each) => JSON.stringify(each.meta) === JSON.stringify(curve));
  plot.emit('plotly_click', { points: [{ curveNumber: trace, pointNumber: point, pointIndex: point, x: 0, y: 0 }] });
}"""


def test_a_click_on_a_distance_shows_its_point_on_the_boundary(scaled_dashboard: str, opened: Opener) -> None:
    page = painted(opened(f"{scaled_dashboard}/robustness"), 3)
    boundary = page.get_by_role("region", name="On the decision boundary")
    page.evaluate(CLICK, ["radii", ["attacked width 4, training hard", "1", "l2"], 4])
    expect(boundary).to_contain_text("attacked width 4, training hard, seed 1")
    expect(boundary).to_contain_text(f"Point 5 of {POINTS}")
    page.wait_for_url(re.compile(r"at\.model=.*at\.seed=1.*at\.point=5"))
    page.evaluate(CLICK, ["none", PLAIN, 2])
    expect(boundary).to_contain_text(f"{PLAIN}, seed 1")


def test_names_from_the_store_are_text(scaled_dashboard: str, opened: Opener) -> None:
    page = painted(
        opened(f"{scaled_dashboard}/robustness?{urlencode({'experiment': 'odd_attacked', 'at.model': MARKUP})}"), 1
    )
    expect(page.locator("#order")).to_contain_text("is broken in 2 of 18 comparisons")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img, #page .figure b").count() == 0
    page.locator("#order a").click()
    page.wait_for_selector("#page h1:has-text('Run ')")
    page.go_back()
    expect(page.locator("#order")).to_contain_text("is broken")


def test_a_store_without_such_curves_or_runs_says_so(tmp_path_factory: pytest.TempPathFactory, opened: Opener) -> None:
    path = str(tmp_path_factory.mktemp("empty") / "results.db")
    writer = open_writer(path)
    writer.describe([FLUCTUATION])
    with serving(path, port=0) as address:
        page = opened(f"{address}robustness")
        expect(page.locator("#page")).to_contain_text("No experiment of the store has curves of robust accuracy.")
        writer.describe([scaling.ATTACKED])
        page.reload()
        expect(page.locator("#page")).to_contain_text("No run of these models has such a curve.")
        page.wait_for_load_state("networkidle")  # what the page still asks for finds its server
    writer.close()
