"""Comparing runs and groups: statistics against scipy, exact sums and simulation; numbers against SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect
from scipy import stats

from app.numbers.groups import against, at_seeds, group_of, groups_of, mean_curve
from app.pages.compare import PAGE
from app.reader import Reader
from app.views import NothingToDrawError
from storage import open_store
from storage.queries import curves_of_runs
from tests.app.conftest import Opener
from tests.app.laboratory import MARKUP, fill, fluctuation_runs

NARROW, WIDE = "width = 8 and activation = relu", "width = 16 and activation = relu"
UNEVEN = {"a": "activation = tanh and width >= 128", "b": f"{WIDE} and seed >= 2", "c": "experiment = hostile"}
"""Group A has two cells, and at the last seed only one of them; C shares no metric with the others."""


@pytest.fixture(scope="module")
def either(each_database: str) -> Iterator[Reader]:
    fill(each_database)
    with closing(open_store(each_database)) as store:
        yield Reader(store)


def measured(metric: str, **params: object) -> dict[int, float]:
    """seed -> the metric of the runs with these parameters, as they were made."""
    return {
        run.seed: run.metrics[metric]
        for run in fluctuation_runs()
        if run.metrics and params.items() <= dict(run.params).items()
    }


def test_a_seed_without_all_cells_of_its_group_has_no_value(either: Reader) -> None:
    group = group_of(either, "a", UNEVEN["a"])
    assert group.left_out == 1
    assert len(group.cells) == 2
    assert at_seeds(group, np.ones(len(group.runs))).index.tolist() == list(range(11))


def test_a_groups_value_at_a_seed_is_the_mean_over_its_cells(either: Reader) -> None:
    draw = PAGE.views["compare-seeds"]
    numbers = draw(either, {**UNEVEN, "metric": "variance"}).numbers
    first = numbers[(numbers["group"] == "A") & numbers["seed"].notna()].set_index("seed")["value"]
    of_128, of_256 = (measured("variance", width=width, activation="tanh") for width in (128, 256))
    assert first.to_dict() == pytest.approx({seed: (of_128[seed] + of_256[seed]) / 2 for seed in of_256}, rel=1e-12)
    mean = numbers[(numbers["group"] == "A") & numbers["seed"].isna()].iloc[0]
    expected = stats.t.interval(0.95, 10, first.mean(), stats.sem(first.to_numpy()))
    assert (mean["value"], mean["low"], mean["high"]) == pytest.approx((first.mean(), *expected), rel=1e-9)
    assert mean["n"] == 11
    assert set(numbers["group"]) == {"A", "B"}  # the third has no such metric


def test_the_table_of_groups_says_what_scipy_says(either: Reader) -> None:
    numbers = PAGE.views["compare-groups"](either, {"a": NARROW, "b": f"{WIDE} and seed >= 2"}).numbers
    row = numbers[(numbers["metric"] == "variance") & (numbers["group"] == "B")].iloc[0]
    narrow, wide = (measured("variance", width=width, activation="relu") for width in (8, 16))
    a, b = (np.array([of[seed] for seed in range(2, 12)]) for of in (narrow, wide))
    expected = stats.ttest_rel(b, a).confidence_interval()
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert (row["pairs"], row["alone"], row["n"]) == (10, 2, 10)
    assert row["p_same_seed"] == (b > a).mean()
    assert row["p_any_seeds"] == pytest.approx(stats.mannwhitneyu(b, list(narrow.values())).statistic / 120, rel=1e-12)
    first = numbers[numbers["group"] == "A"]
    assert first["pairs"].isna().all()


@pytest.mark.parametrize("query", [{"a": NARROW, "b": WIDE}, UNEVEN, {"a": "param.arm like '%<script>%'"}])
def test_the_sql_of_the_groups_gives_their_means_and_n(either: Reader, query: dict[str, str]) -> None:
    made = PAGE.views["compare-groups"](either, query)
    rows = either.store.frame(made.sql).sort_values(["metric", "group"])
    numbers = made.numbers.sort_values(["metric", "group"])
    assert len(rows) > 0
    assert rows[["group", "metric", "n"]].to_numpy().tolist() == numbers[["group", "metric", "n"]].to_numpy().tolist()
    np.testing.assert_allclose(rows["mean"], numbers["mean"], rtol=1e-12)


def test_the_sql_of_the_seeds_gives_the_points(either: Reader) -> None:
    made = PAGE.views["compare-seeds"](either, {**UNEVEN, "metric": "margin"})
    rows = either.store.frame(made.sql)
    points = made.numbers[made.numbers["seed"].notna()]
    assert rows["seed"].tolist() == points["seed"].tolist()
    np.testing.assert_allclose(rows["value"], points["value"], rtol=1e-12)


def test_the_sql_of_the_curves_gives_the_lines(either: Reader) -> None:
    made = PAGE.views["compare-curves"](either, {**UNEVEN, "curve": "loss"})
    rows = either.store.frame(made.sql)
    assert rows[["group", "x", "n"]].to_numpy().tolist() == made.numbers[["group", "x", "n"]].to_numpy().tolist()
    np.testing.assert_allclose(rows["mean"], made.numbers["mean"], rtol=1e-12)
    assert "Without this curve: C." in made.caption


def test_a_mean_curve_is_the_mean_over_seeds_of_the_mean_over_cells(either: Reader) -> None:
    group = group_of(either, "a", UNEVEN["a"])
    line = mean_curve(group, either(curves_of_runs, group.ids, "loss"))
    assert line is not None
    made = [run for run in fluctuation_runs() if run.curves and run.params["activation"] == "tanh" and run.seed < 11]
    y = np.array([[run.curves[0].y for run in made if run.params["width"] == width] for width in (128, 256)]).mean(0)
    np.testing.assert_allclose(line.mean, y.mean(0), rtol=1e-12)
    low, high = stats.t.interval(0.95, 10, y.mean(0), stats.sem(y, axis=0))
    np.testing.assert_allclose((line.low, line.high), (low, high), rtol=1e-9)
    assert set(line.n.tolist()) == {11}


def test_seeds_that_are_in_one_group_alone_are_counted_and_not_paired() -> None:
    first = pd.Series([1.0, 2.0, 3.0, 4.0], index=[0, 1, 2, 3])
    second = pd.Series([9.0, 5.0, 7.0], index=[3, 7, 1])
    found = against(first, second)
    assert (found.difference.n, found.alone) == (2, 3)
    assert found.difference.value == (9 - 4 + 7 - 2) / 2
    assert found.any_seeds.n == 12


def test_runs_side_by_side_are_as_stored(either: Reader) -> None:
    numbers = PAGE.views["compare-metrics"](either, {"runs": "2,1,14"}).numbers
    of = [fluctuation_runs()[run_id - 1] for run_id in (2, 1, 14)]
    assert numbers["value"].tolist() == [run.metrics[name] for name in ("variance", "margin") for run in of]
    less = numbers[numbers["metric"] == "variance"]["less_first"]
    assert less.tolist() == [run.metrics["variance"] - of[0].metrics["variance"] for run in of]
    drawn = PAGE.views["compare-run-curves"](either, {"runs": "2,14", "curve": "spectrum"})
    rows = either.store.frame(drawn.sql)
    assert rows[["run", "x", "y"]].to_numpy().tolist() == drawn.numbers.to_numpy().tolist()
    np.testing.assert_array_equal(drawn.numbers["y"], np.concatenate([of[0].curves[1].y, of[2].curves[1].y]))


@pytest.mark.parametrize(
    ("view", "query", "said"),
    [
        ("compare-groups", {}, "No group of runs is named: ?a=FILTER&b=FILTER names two."),
        ("compare-groups", {"a": "widht = 3"}, "No run has a widht: did you mean width?"),
        ("compare-seeds", {"a": NARROW, "b": "width = 3"}, "No run passes this filter."),
        (
            "compare-curves",
            {"a": "status = failed"},
            "All that pass this filter (1 run) failed or are of an older revision.",
        ),
        ("compare-metrics", {"runs": "x"}, "'x' is no run's id: ?runs=1,2,3 names three."),
        ("compare-metrics", {"runs": "99999"}, "The store holds none of these runs."),
        (
            "compare-run-curves",
            {"runs": ",".join(str(k) for k in range(1, 31))},
            "At most 20 runs stand side by side, and 30 were asked for: compare them as groups.",
        ),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_sentence(
    read: Reader, view: str, query: dict[str, str], said: str
) -> None:
    with pytest.raises(NothingToDrawError) as error:
        PAGE.views[view](read, query)
    assert str(error.value) == said


def test_one_wrong_group_leaves_the_others(read: Reader) -> None:
    groups, wrong = groups_of(read, {"a": NARROW, "b": "((", "c": WIDE})
    assert [group.name for group in groups] == ["A", "C"]
    assert list(wrong) == ["b"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_groups_are_compared_as_their_filters_are_typed(dashboard: str, opened: Opener, theme: str) -> None:
    page = opened(f"{dashboard}/compare?" + urlencode({"a": NARROW}), theme=theme)
    expect(page.get_by_role("region", name="Metrics")).to_contain_text("variance")
    page.get_by_label("group B").click()
    page.keyboard.type(WIDE)
    expect(page.get_by_role("region", name="Metrics").locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("region", name="What differs")).to_contain_text("width")
    expect(page.get_by_label("group B")).to_be_focused()
    expect(page.get_by_role("region", name="Metrics").locator("tbody tr").nth(1)).to_contain_text("12")
    assert page.evaluate("new URLSearchParams(location.search).get('b')") == WIDE
    page.reload()
    expect(page.get_by_role("region", name="Curves").locator(".js-plotly-plot")).to_be_visible()
    page.get_by_label("group B").fill("widht = 3")
    expect(page.get_by_text("No run has a widht: did you mean width?")).to_be_visible()
    expect(page.get_by_label("group B")).to_have_value("widht = 3")


def test_a_choice_below_the_groups_stands_in_the_url_and_survives_another_group(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/compare?" + urlencode({"a": NARROW, "b": WIDE, "compare-seeds.metric": "margin"}))
    region = page.get_by_role("region", name="Seed by seed")
    expect(region.locator(".caption")).to_contain_text("Least distance to the boundary")
    page.get_by_label("group C").fill("width = 32")
    expect(page.get_by_role("region", name="What differs").locator("thead")).to_contain_text("C")
    expect(region.locator(".caption")).to_contain_text("Least distance to the boundary")


def test_runs_stand_side_by_side(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/compare?runs=1,14,99999")
    expect(page.locator("#page h1")).to_have_text("Compare 2 runs")
    expect(page.locator(".page-head .bad")).to_have_text("The store holds no run 99999.")
    rows = page.get_by_role("region", name="What differs").locator("tbody tr")
    assert [row.inner_text().split() for row in rows.all()] == [["width", "8", "16"], ["seed", "0", "1"]]
    expect(page.get_by_role("region", name="What differs").locator("details p")).to_contain_text("activation relu")
    page.get_by_role("link", name="Compare their cells over all seeds").click()
    expect(page.locator("#page h1")).to_have_text("Compare groups of runs")
    expect(page.get_by_role("region", name="Metrics").locator("tbody tr")).to_have_count(4)
    page.go_back()
    expect(page.locator("#page h1")).to_have_text("Compare 2 runs")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "A group is what passes a filter"),
        ("?runs=,", "No run is named: ?runs=1,2,3 names three."),
        ("?runs=99999", "The store holds no run 99999."),
        ("?runs=<b>", "'<b>' is no run's id"),
        ("?" + urlencode({"runs": ",".join(map(str, range(40)))}), "At most 20 runs stand side by side"),
        ("?" + urlencode({"a": MARKUP}), "neither a name, a number nor a sign"),
    ],
)
def test_nothing_to_compare_is_said(dashboard: str, opened: Opener, query: str, said: str) -> None:
    page = opened(f"{dashboard}/compare{query}")
    expect(page.locator("#page")).to_contain_text(said)


def test_hostile_text_is_compared_as_text_on_a_phone(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/compare?" + urlencode({"a": "experiment = hostile and n = 1", "b": "n = 2"}), 390, 844)
    expect(page.get_by_role("region", name="Metrics").locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("region", name="What differs")).to_contain_text("<script>")
    expect(page.get_by_role("region", name="Curves").locator(".js-plotly-plot")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img, #page script, #page td b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
