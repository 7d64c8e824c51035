"""The page of learning curves in a real browser: choices, deep links, hovering, hiding, both themes, a phone."""

from __future__ import annotations

import csv
import io
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app import serving
from tests.app.conftest import ARTEFACTS, PATIENCE, Opener, wait_until
from tests.app.curve_laboratory import SEEDS, SIZES, fill_curves

ROUTE = "/learning-curves"


@pytest.fixture(scope="module")
def curves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = str(tmp_path_factory.mktemp("curves") / "results.db")
    fill_curves(path)
    with serving(path, port=0) as address:
        yield address.rstrip("/") + ROUTE


def asked(**choices: str) -> str:
    """A query; _ stands for the dot between an experiment and its parameter."""
    return "?" + urllib.parse.urlencode({key.replace("_", "."): value for key, value in choices.items()})


def drawn(page: Page) -> Page:
    """The page with its lines painted and their values beside them."""
    wait_until(
        page,
        "() => document.querySelector('.learning .js-plotly-plot')?.data?.length"
        " && document.querySelector('.readout tbody tr')",
        timeout=PATIENCE,
    )
    return page


def rows(page: Page) -> list[list[str]]:
    """The table of values, without its head."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('.readout tbody tr')]"
        ".map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def choose(page: Page, label: str, option: str, nth: int = 0) -> None:
    page.get_by_role("textbox", name=label, exact=True).or_(page.get_by_role("combobox", name=label, exact=True)).nth(
        nth
    ).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_opens_on_something_worth_seeing(curves: str, opened: Opener, theme: str) -> None:
    page = drawn(opened(curves, theme=theme))
    expect(page.locator("#page h1")).to_have_text("Learning curves")
    expect(page.locator(".learning h2")).to_have_text("Descent: training loss")
    expect(page.locator(".caption")).to_contain_text("95 % t interval; 81 runs, 9 seeds.")
    assert {row[-1] for row in rows(page)} == {str(SEEDS)}
    expect(page.locator(".nav-link[aria-current='page']")).to_have_text("Learning curves")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"learning-curves-{theme}.png", full_page=True)


def test_on_a_phone_nothing_is_wider_than_the_window(curves: str, opened: Opener) -> None:
    address = curves + asked(curve="descent/own grid|ascent/gain", below="difference", runs="yes")
    page = drawn(opened(address, 390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wait_until(page, "() => !document.querySelector('.js-plotly-plot')._fullLayout.showlegend")
    page.screenshot(path=ARTEFACTS / "learning-curves-phone.png", full_page=True)


def test_a_deep_link_opens_what_it_says(curves: str, opened: Opener) -> None:
    address = curves + asked(
        curve="descent/stopped",
        descent_arm="~|plain|all",
        statistic="median",
        band="q10",
        smoothing="mean 3",
        below="n",
    )
    page = drawn(opened(address))
    expect(page.locator(".caption")).to_contain_text(
        "Median over runs at each x, band: 10–90 % of runs; 54 runs, 9 seeds."
    )
    expect(page.locator(".caption")).to_contain_text("Pooled over arm with what follows from it: up to 2 cells a line")
    expect(page.locator(".caption")).to_contain_text("Some runs end early")
    pills = page.locator(".choices .mantine-MultiSelect-pill")
    assert pills.all_inner_texts() == ["descent/stopped", "pooled", "plain", "all"]
    assert [row[0] for row in rows(page)] == [str(n) for n in SIZES]
    assert page.locator(".readout thead th").all_inner_texts() == ["line", "median", "smoothed", "n"]


def test_a_choice_is_computed_anew_and_stands_in_the_url(curves: str, opened: Opener) -> None:
    page = drawn(opened(curves + asked(curve="descent/loss", descent_n="~", descent_arm="plain")))
    expect(page.locator(".caption")).to_contain_text("27 runs, 9 seeds")
    assert [row[-1] for row in rows(page)] == ["27"]
    choose(page, "n", "16")
    expect(page.locator(".caption")).to_contain_text("9 runs, 9 seeds")
    wait_until(page, "() => document.querySelector('.readout tbody td:last-child').textContent === '9'")
    assert "descent.n=%7E%7C16" in page.url
    choose(page, "band", "no band")
    page.wait_for_url("**band=none")


def test_several_curves_are_chosen_by_keyboard_one_after_another(curves: str, opened: Opener) -> None:
    """The page is laid out anew for each choice, without being loaded again, and the control keeps the focus."""
    page = drawn(opened(curves + asked(descent_arm="plain")))
    page.evaluate("window.loaded_once = true")
    choices = page.get_by_role("textbox", name="curves", exact=True)
    choices.focus()
    for name, heading in (("ascent/gain", "descent loss, ascent gain"), ("stopped", "stopped")):
        page.keyboard.type(name)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(".learning h2")).to_contain_text(heading)
        expect(choices).to_be_focused()
    assert page.evaluate("window.loaded_once")
    assert len(drawn(page).locator(".choices .mantine-MultiSelect-pill").all()) > 3


def test_curves_are_laid_over_one_another_and_back_returns(curves: str, opened: Opener) -> None:
    page = drawn(opened(curves + asked(descent_arm="plain")))
    choose(page, "curves", "ascent/gain")
    expect(page.locator(".learning h2")).to_have_text("descent loss, ascent gain")
    drawn(page)
    assert len(rows(page)) == len(SIZES) + 4
    expect(page.get_by_text("Runs of ascent")).to_be_visible()
    choose(page, "statistic", "median")
    page.wait_for_url("**statistic=median**")
    expect(page.locator(".caption")).to_contain_text("order statistics")
    page.go_back()
    expect(page.locator(".caption")).to_contain_text("t interval")
    page.go_back()
    expect(page.locator(".learning h2")).to_have_text("Descent: training loss")
    page.go_forward()
    expect(page.locator(".learning h2")).to_have_text("descent loss, ascent gain")


def exported(page: Page) -> list[dict[str, str]]:
    link = page.get_by_role("link", name="CSV").get_attribute("href")
    with urllib.request.urlopen(urllib.parse.urljoin(page.url, link or "")) as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode())))


def hover(page: Page, panel: str, share: float) -> None:
    """The pointer over a panel of the figure, so far along x."""
    page.locator(".learning .js-plotly-plot").scroll_into_view_if_needed()
    box = page.locator(
        f".js-plotly-plot .{panel} .nsewdrag, .js-plotly-plot .nsewdrag[data-subplot='{panel}']"
    ).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * (share - 0.05), box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=4)


@pytest.mark.parametrize("panel", ["xy", "xy2"])
def test_hovering_either_panel_tells_every_line_at_that_x(curves: str, opened: Opener, panel: str) -> None:
    page = drawn(opened(curves + asked(curve="descent/loss", descent_arm="plain", below="difference")))
    expect(page.locator(".readout caption")).to_have_text("At the end of each line")
    hover(page, panel, 0.5)
    expect(page.locator(".readout caption")).to_have_text(re.compile(r"^epoch \d+$"))
    heading, *lines = page.evaluate(  # in one go: the pointer's last step may still be on its way
        "[document.querySelector('.readout caption').textContent,"
        " ...[...document.querySelectorAll('.readout tbody tr')]"
        ".map((row) => [...row.cells].map((cell) => cell.textContent))]"
    )
    x = float(heading.split()[1])
    there = [row for row in exported(page) if float(row["x"]) == x]
    assert len(there) == len(SIZES)
    for told, row in zip(lines, there, strict=True):
        assert told[0] == row["param_n"]
        value, n, difference = told[1], told[2], told[3]
        assert float(value.split(" ")[0]) == pytest.approx(float(row["mean"]), rel=0.02)
        low, high = (float(end) for end in re.findall(r"[\d.]+", value.split("[")[1].replace("−", "-")))
        assert (low, high) == pytest.approx((float(row["low"]), float(row["high"])), rel=0.05)
        assert n == row["n"]
        assert float(difference.split(" ")[0].replace("−", "-")) == pytest.approx(float(row["difference"]), abs=0.01)


def visibility(page: Page) -> list[object]:
    found: list[object] = page.evaluate(
        "document.querySelector('.js-plotly-plot')._fullData"
        ".filter((trace) => trace.meta === 'line').map((trace) => trace.visible)"
    )
    return found


def test_hiding_a_line_changes_no_number(curves: str, opened: Opener) -> None:
    page = drawn(opened(curves + asked(curve="descent/stopped", descent_arm="plain", runs="yes", below="ratio")))
    before, caption, numbers = rows(page), page.locator(".caption").inner_text(), exported(page)
    button = page.get_by_role("button", name="16", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="16", exact=True)).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="16", exact=True)).to_be_focused()
    assert visibility(page) == [True, "legendonly", True]
    hidden = page.evaluate(
        "document.querySelector('.js-plotly-plot')._fullData.filter((trace) => trace.visible === 'legendonly').length"
    )
    assert hidden == 4  # the line, its band, its runs, its ratio
    page.locator(".legendtoggle").first.click()
    wait_until(
        page,
        "() => document.querySelector('.js-plotly-plot')._fullData"
        ".find((trace) => trace.meta === 'line').visible === 'legendonly'",
    )
    assert (rows(page), page.locator(".caption").inner_text(), exported(page)) == (before, caption, numbers)


def test_every_x_is_reached_by_the_keyboard(curves: str, opened: Opener) -> None:
    page = drawn(opened(curves + asked(curve="descent/loss", descent_arm="plain")))
    slider = page.get_by_role("slider", name="x", exact=True)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".readout caption")).to_have_text("epoch 12")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".readout caption")).to_have_text("epoch 11")
    expect(slider).to_have_attribute("aria-valuetext", "11")
    page.keyboard.press("End")
    expect(page.locator(".readout caption")).to_have_text("At the end of each line")


def test_the_panel_below_compares_with_the_line_that_is_chosen(curves: str, opened: Opener) -> None:
    page = drawn(opened(curves + asked(curve="descent/loss", descent_arm="plain", below="difference")))
    choose(page, "compared with", "descent/loss n 64")
    expect(page.locator(".caption")).to_contain_text("difference from descent/loss n 64, paired by seed")
    choose(page, "n", "16")
    choose(page, "compared with", "descent/loss")
    expect(page.locator(".caption")).to_contain_text("difference from descent/loss, paired")


def test_text_from_the_store_is_text(dashboard: str, opened: Opener) -> None:
    page = drawn(opened(dashboard + ROUTE + asked(curve="hostile/trace|fluctuation/loss", below="n", runs="yes")))
    hover(page, "xy", 0.5)
    expect(page.locator(".learning")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".learning img, .learning script, .learning b").count() == 0


def test_nonsense_in_the_url_is_ignored(curves: str, opened: Opener) -> None:
    page = drawn(opened(curves + asked(curve="no/such", statistic="mode", band="x", descent_arm="zzz", below="!")))
    expect(page.locator(".learning h2")).to_have_text("Descent: training loss")


def test_an_empty_store_says_what_fills_it(tmp_path: Path, opened: Opener) -> None:
    missing = tmp_path / "missing.db"
    with serving(str(missing), port=0) as address:
        page = opened(address.rstrip("/") + ROUTE)
        expect(page.locator("#page")).to_contain_text(f"There is no store {missing} yet.")


def test_the_saved_picture_has_the_whole_legend_though_the_page_scrolls_it(curves: str, opened: Opener) -> None:
    every = "descent/loss|descent/stopped|descent/own grid|ascent/gain"
    page = drawn(opened(curves + asked(curve=every, descent_n="*", descent_arm="*"), 700, 900))
    plot = page.locator(".learning .js-plotly-plot").first
    plot.locator(".legend .scrollbox").wait_for()
    height, shown, all_of_it = plot.evaluate(
        "(plot) => [plot.getBoundingClientRect().height, plot.querySelector('.legend .bg').getBBox().height,"
        " plot.querySelector('.legend .scrollbox').getBBox().height]"
    )
    assert shown < all_of_it  # it scrolls
    with page.expect_download() as saved:
        page.get_by_role("button", name="SVG").click()
    page.set_content(Path(saved.value.path()).read_text())
    picture, frame, lines = page.evaluate(
        "() => [document.querySelector('svg').getBBox().height, document.querySelector('.legend .bg').getBBox().height,"
        " document.querySelector('.legend .scrollbox').getBBox().height]"
    )
    assert frame >= lines >= all_of_it - 1
    assert picture >= height + all_of_it - shown - 1


def test_the_picture_saved_on_a_phone_has_the_legend_that_the_page_leaves_to_its_table(
    curves: str, opened: Opener
) -> None:
    page = drawn(opened(curves + asked(curve="descent/loss", descent_n="*"), 390, 844))
    wait_until(page, "() => document.querySelector('.learning .js-plotly-plot')._fullLayout.showlegend === false")
    names = page.locator(".learning .readout tbody button").all_inner_texts()
    with page.expect_download() as saved:
        page.get_by_role("button", name="SVG").click()
    picture = Path(saved.value.path()).read_text()
    assert len(names) > 1
    assert picture.count('class="legendtext"') == len(names)
