"""The table of runs and the page of one run: filter, columns, order, selection, exports; in the URL, by keyboard."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import Opener, wait_until
from tests.app.laboratory import FLUCTUATION, HOSTILE, MARKUP, SEEDS, fluctuation_runs

DESCRIBED = {each.name: each for each in (FLUCTUATION, HOSTILE)}


def rows_there(page: Page) -> Page:
    page.wait_for_selector(".ag-row a", timeout=60_000)
    return page


def cells(page: Page, column: str) -> list[str]:
    """The column's cells from the top, those that are drawn."""
    rows = page.locator(f".ag-center-cols-container .ag-row [col-id='{column}']")
    return [cell.inner_text() for cell in rows.all()]


def searched(page: Page, name: str) -> str | None:
    found: str | None = page.evaluate("name => new URLSearchParams(location.search).get(name)", name)
    return found


def wait_for_search(page: Page, name: str, value: str | None) -> None:
    wait_until(page, "([name, value]) => new URLSearchParams(location.search).get(name) === value", arg=[name, value])


def test_the_filter_is_typed_without_losing_the_box_and_stands_in_the_url(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs"))
    expect(page.locator("#runs-count")).to_have_text("148 runs, 12 seeds, 14 cells, 1 failed")
    page.get_by_label("filter").click()
    page.keyboard.type("width >= 64 and variance < 0.01")
    expected = [
        run
        for run in fluctuation_runs()
        if run.params["width"] in (64, 128, 256) and run.metrics.get("variance", 1) < 0.01
    ]
    told = f"{len(expected)} of 148 runs, {len({run.seed for run in expected})} seeds,"
    expect(page.locator("#runs-count")).to_contain_text(told)
    expect(page.get_by_label("filter")).to_be_focused()
    wait_for_search(page, "where", "width >= 64 and variance < 0.01")
    expect(page.locator(".ag-header-cell[col-id='metric.variance']")).to_be_visible()  # a column for what is asked
    page.keyboard.type(" and width < 0")
    expect(page.get_by_text("No run passes the filter.")).to_be_visible()
    for _ in range(len(" and width < 0")):
        page.keyboard.press("Backspace")
    expect(page.locator("#runs-count")).to_contain_text(told)
    rows_there(page)


def test_what_cannot_be_read_is_said_at_the_box_and_loses_nothing(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs?" + urlencode({"where": "width = 16"})))
    expect(page.locator("#runs-count")).to_contain_text("24 of 148 runs")
    box = page.get_by_label("filter")
    box.fill("widht = 16")
    expect(page.get_by_text("No run has a widht: did you mean width?")).to_be_visible()
    expect(page.locator("#runs-count")).to_contain_text("24 of 148 runs")
    expect(page.locator("#runs-count")).to_contain_text("the filter as it stands is not applied")
    expect(box).to_have_value("widht = 16")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert set(cells(page, "seed")) <= {str(seed) for seed in range(SEEDS)}
    page.reload()
    expect(page.get_by_text("No run has a widht: did you mean width?")).to_be_visible()
    expect(page.get_by_label("filter")).to_have_value("widht = 16")
    page.get_by_label("filter").fill("width = 32")
    expect(page.locator("#runs-count")).to_have_text("24 of 148 runs, 12 seeds, 2 cells")


def test_the_table_sorts_in_the_store_and_its_order_stands_in_the_url(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs?experiment=fluctuation"))
    page.locator(".ag-header-cell[col-id='param.width']").click()
    first = page.locator(".ag-center-cols-container .ag-row[row-index='0']")
    expect(first.locator("[col-id='param.width']")).to_have_text("8")
    page.locator(".ag-header-cell[col-id='param.width']").click()
    expect(first.locator("[col-id='param.width']")).to_have_text("256")
    wait_for_search(page, "sort", "-param.width")
    page.reload()
    rows_there(page)
    expect(first.locator("[col-id='param.width']")).to_have_text("256")
    expect(page.locator(".ag-header-cell[col-id='param.width']")).to_have_attribute("aria-sort", "descending")
    page.locator(".ag-row[row-index='0'] a").click()
    page.wait_for_selector("#page h1:has-text('Run ')")
    page.go_back()
    expect(first.locator("[col-id='param.width']")).to_have_text("256")


def test_columns_are_chosen_and_stand_in_the_url(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs?experiment=fluctuation"))
    page.get_by_text("Columns", exact=True).click()
    page.locator(".runs-columns").get_by_text("margin").click()
    expect(page.locator(".ag-header-cell[col-id='metric.margin']")).to_have_count(0)
    assert "metric.margin" not in (searched(page, "columns") or "")
    page.locator(".runs-columns").get_by_text("fingerprint").click()
    expect(page.locator(".ag-header-cell[col-id='fingerprint']")).to_have_count(1)
    page.reload()
    rows_there(page)
    expect(page.locator(".ag-header-cell[col-id='metric.margin']")).to_have_count(0)
    page.get_by_text("Columns", exact=True).click()
    page.locator(".runs-columns").get_by_text("margin").click()
    page.locator(".runs-columns").get_by_text("fingerprint").click()
    wait_for_search(page, "columns", None)  # as at first: the URL says nothing of it


def test_the_controls_keep_the_filter_and_back_returns(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs"))
    page.get_by_label("filter").fill("seed = 11")
    expect(page.locator("#runs-count")).to_contain_text("12 of 148 runs")
    page.get_by_role("combobox", name="status").or_(page.get_by_label("status", exact=True)).first.click()
    page.get_by_role("option", name="failed").click()
    expect(page.locator("#runs-count")).to_have_text("1 of 148 runs, 1 seed, 1 cell, 1 failed")
    expect(page.locator(".ag-row .mark.failed")).to_have_text("failed")
    expect(page.get_by_label("filter")).to_have_value("seed = 11")
    page.go_back()
    expect(page.locator("#runs-count")).to_contain_text("12 of 148 runs")
    page.go_forward()
    expect(page.locator("#runs-count")).to_contain_text("1 of 148 runs")


def test_runs_are_chosen_by_keyboard_and_compared(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs?" + urlencode({"where": "seed = 0 and width <= 16", "sort": "id"})))
    page.locator(".ag-row[row-index='0'] [col-id='cell']").click()
    page.keyboard.press("Space")
    expect(page.locator("#runs-chosen")).to_contain_text("1 run of 1 cell chosen")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("#runs-chosen")).to_contain_text("2 runs of 2 cells chosen")
    page.get_by_role("link", name="Compare runs").click()
    expect(page.locator("#page h1")).to_have_text("Compare 2 runs")
    page.go_back()
    rows_there(page)
    for position in range(3):
        page.locator(f".ag-row[row-index='{position}'] .ag-selection-checkbox input").check()
    expect(page.locator("#runs-chosen")).to_contain_text("3 runs of 3 cells chosen")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#runs-chosen")).to_contain_text("Tick runs")
    for position in range(2):
        page.locator(f".ag-row[row-index='{position}'] .ag-selection-checkbox input").check()
    page.get_by_role("link", name="Compare cells over all their seeds").click()
    expect(page.locator("#page h1")).to_have_text("Compare groups of runs")
    expect(page.get_by_role("region", name="What differs").locator("tbody tr").nth(1)).to_have_text("runs1212")


def test_all_runs_are_there_to_scroll_to(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs?sort=id"))
    expect(page.locator(".ag-row[row-index='0'] a")).to_have_text("1")
    page.locator(".ag-row[row-index='0'] [col-id='cell']").click()
    page.keyboard.press("End")  # the table's own key; Control+End is the browser's, a glide that new rows can end
    expect(page.locator(".ag-row[row-index='147'] a")).to_have_text("148")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_table_fits_a_phone_in_both_themes(dashboard: str, opened: Opener, theme: str) -> None:
    page = rows_there(opened(dashboard + "/runs?experiment=fluctuation", 390, 844, theme))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("How to ask").click()
    page.get_by_text("Columns", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    "query",
    [
        {"experiment": "hostile"},
        {"where": MARKUP, "sort": MARKUP, "columns": MARKUP, "experiment": MARKUP, "status": MARKUP, "batch": MARKUP},
        {"where": f"arm = '{MARKUP}'"},
        {"where": "arm contains '<script>'", "columns": "param.arm|cell"},
    ],
)
def test_hostile_text_is_text(dashboard: str, opened: Opener, query: dict[str, str]) -> None:
    page = rows_there(opened(dashboard + "/runs?" + urlencode(query)))
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img, #page script, #page h1 b, .ag-row b").count() == 0


def test_a_run_links_its_seeds_its_cell_and_its_neighbours(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/run/14")  # width 16, relu, seed 1
    page.get_by_role("link", name="next seed").click()
    expect(page.locator("#page h1")).to_have_text("Run 15")
    page.get_by_role("link", name="previous seed").click()
    expect(page.locator("#page h1")).to_have_text("Run 14")
    neighbours = page.get_by_role("region", name="Neighbours")
    assert [row.inner_text().split()[1:-1] for row in neighbours.locator("dl > div").all()] == [
        [str(seed) for seed in range(SEEDS)],
        ["8", "16", "32", "64", "128", "256"],
        ["relu", "tanh"],
    ]
    neighbours.get_by_role("link", name="64", exact=True).click()
    expect(page.locator(".cell-name")).to_have_text("width 64, activation relu, seed 1")
    page.get_by_role("link", name="all seeds of this cell").click()
    expect(page.locator("#runs-count")).to_have_text("12 of 148 runs, 12 seeds, 1 cell")


def test_a_run_is_compared_with_all_that_differ_in_one_parameter(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/run/14")
    page.get_by_role("region", name="Neighbours").locator("dl > div").nth(1).get_by_role("link", name="compare").click()
    expect(page.locator("#page h1")).to_have_text("Compare 6 runs")
    rows = page.get_by_role("region", name="What differs").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_have_text("width168326412825" + "6")


def test_the_first_seed_has_none_before_it_and_a_failed_run_still_its_cell(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/run/1")
    expect(page.get_by_role("link", name="next seed")).to_be_visible()
    expect(page.get_by_role("link", name="previous seed")).to_have_count(0)
    page = opened(dashboard + "/run/144")
    expect(page.get_by_role("link", name="previous seed")).to_be_visible()
    expect(page.get_by_role("link", name="next seed")).to_have_count(0)
    expect(page.locator(".page-head")).to_contain_text("claims that these runs judge")
