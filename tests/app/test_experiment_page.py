"""An experiment's page in a browser: figures that come when they are near, labels, fields under slider and seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from app import serving
from app.figures.look import DARK, SERIES
from app.pages import experiment as experiment_page
from app.reader import Reader
from storage import open_store
from tests.app import gallery
from tests.app.conftest import ARTEFACTS, Opener, wait_until

PATIENCE = 120_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("gallery") / "results.db")
    gallery.fill(path)
    return path


@pytest.fixture(scope="module")
def address(store: str) -> Iterator[str]:
    with serving(store, port=0) as served:
        yield f"{served.rstrip('/')}/experiment/{gallery.NAME}"


@pytest.fixture(scope="module")
def still(windows: dict[str, BrowserContext], address: str) -> Iterator[Page]:
    """A page for tests that only look at it."""
    page = windows["light"].new_page()
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(address)
    yield arrived(page)
    page.close()


def arrived(page: Page) -> Page:
    """The page with every figure that waited there and painted."""
    wait_until(
        page,
        "() => document.querySelector('.later') && !document.querySelector('.waiting')"
        " && [...document.querySelectorAll('.figure')].every((f) => f.querySelector('.js-plotly-plot')?.data?.length)",
        timeout=PATIENCE,
    )
    return page


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def decision(width: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(next(field for field in gallery.fields(width, seed) if field.name == "decision").arrays["z"])


def wait_for_decision(page: Page, width: int, seed: int) -> None:
    """Every height of the field is that of this run; looked at in one moment, for a figure may come twice."""
    wait_until(
        page,
        "(rows) => { const z = document.querySelector('.field-grid > .plane .js-plotly-plot')._fullData[0].z;"
        " return rows.every((row, i) => row.every((value, j) => z[i][j] === value)); }",
        arg=decision(width, seed).tolist(),
        timeout=PATIENCE,
    )


def test_the_page_is_laid_out_without_a_figure(store: str) -> None:
    """What the server sends at first has room for every figure and the numbers of none."""
    layout = experiment_page.layout(Reader(open_store(store)), {}, gallery.NAME)
    sent = str(layout.to_plotly_json())
    assert sent.count("later-near") == 5 + 2 + 6  # claims, metric and curves, fields
    assert "bdata" not in sent


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_arrives_in_both_themes(address: str, opened: Opener, theme: str) -> None:
    page = arrived(opened(address, theme=theme))
    assert page.locator(".js-plotly-plot").count() == 13
    color = page.evaluate(
        "() => document.querySelector('#claim-level .js-plotly-plot').data"
        ".find((trace) => trace.error_y && trace.text).marker.color"
    )
    assert color == (SERIES[0] if theme == "light" else DARK[SERIES[0]])
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"gallery-{theme}.png", full_page=True)


def test_figures_below_wait_until_they_are_near_or_nothing_else_is_to_be_done(address: str, opened: Opener) -> None:
    page = opened(address)
    order: list[str]
    near: list[str]
    order, near = page.evaluate(
        """() => new Promise((done) => {
            const [seen, near] = [[], []];
            const look = () => {
                for (const room of document.querySelectorAll('.later')) {
                    const name = JSON.parse(room.id).panel;
                    if (!seen.length && room.getBoundingClientRect().top < innerHeight + 600) near.push(name);
                    if (!room.querySelector('.waiting') && !seen.includes(name)) seen.push(name);
                }
                document.querySelector('.waiting') || !seen.length ? setTimeout(look, 20) : done([seen, near]);
            };
            look();
        })"""
    )
    assert len(order) == 13
    assert "evidence-crowded" in near
    assert "field-net" not in near
    assert order[0] in near
    assert order.index("evidence-crowded") < order.index("field-net")


def test_a_deep_link_shows_its_claim_while_figures_above_arrive(address: str, opened: Opener) -> None:
    page = opened(address + "#claim-last")
    expect(page.locator("#claim-last")).to_be_in_viewport()
    arrived(page)
    expect(page.locator("#claim-last header")).to_be_in_viewport()


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].map((part) => {
            const box = part.getBoundingClientRect();
            return {left: box.left, right: box.right, top: box.top, bottom: box.bottom};
        }).filter((box) => box.right > box.left)""",
        selector,
    )
    return found


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    within = 0.5
    return (
        min(one["right"], other["right"]) - max(one["left"], other["left"]) > within
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > within
    )


LABELS = {"crowded": 6, "wide_names": 3, "level": 1, "arms": 1}


def assert_no_label_lies_on_another_or_on_a_point(page: Page, claim: str) -> None:
    names = boxes(page, f"#claim-{claim} .annotation-text")
    points = boxes(page, f"#claim-{claim} .scatterlayer .points path")
    assert len(names) == LABELS[claim]
    assert len(points) > 0
    for one, other in combinations(names, 2):
        assert not overlap(one, other)
    for name in names:
        assert not any(overlap(name, point) for point in points)
        assert name["right"] <= page.evaluate("innerWidth")
    ticks = boxes(page, f"#claim-{claim} .yaxislayer-above .ytick text")
    for one, other in combinations(ticks, 2):
        assert not overlap(one, other)


@pytest.mark.parametrize("claim", LABELS)
def test_no_label_lies_on_another_or_on_a_point(still: Page, claim: str) -> None:
    assert_no_label_lies_on_another_or_on_a_point(still, claim)


def test_a_phone_shows_all_of_it_without_scrolling_sideways(address: str, opened: Opener) -> None:
    page = arrived(opened(address, 390, 844))
    page.screenshot(path=ARTEFACTS / "gallery-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for claim in LABELS:
        assert_no_label_lies_on_another_or_on_a_point(page, claim)


def test_a_power_law_says_the_slope_fitted_and_predicted(still: Page) -> None:
    claim = still.locator("#claim-crowded")
    expect(claim).to_contain_text("fitted slope−1.000 [−1.020, −0.980], n = 20")
    expect(claim).to_contain_text("predicted slope[−1.05, −0.95]")
    expect(claim.locator(".caption")).to_contain_text("20 seeds")
    expect(still.locator("#claim-level")).to_contain_text("theory allows")


def test_exports_are_one_line_and_what_is_opened_stands_below_it(still: Page) -> None:
    page = still
    row = page.locator("#claim-level .exports")
    parts = row.locator("> a, > button, summary")
    assert {"CSV", "Parquet", "SVG", "SQL", "Numbers"} <= {part.inner_text() for part in parts.all()}

    def middles() -> list[float]:
        return [box["y"] + box["height"] / 2 for part in parts.all() if (box := part.bounding_box())]

    assert max(middles()) - min(middles()) < 6
    expect(row.locator("pre")).to_be_hidden()
    row.get_by_text("SQL", exact=True).focus()
    page.keyboard.press("Enter")
    expect(row.locator("pre")).to_be_visible()
    row.get_by_text("Numbers", exact=True).click()
    expect(row.locator("table")).to_be_visible()
    assert max(middles()) - min(middles()) < 6
    for opened_part in (row.locator("pre"), row.locator("table")):
        box = opened_part.bounding_box()
        assert box is not None
        assert box["y"] > max(middles())
    assert row.locator("tbody tr").count() == 5  # the measured points


def test_the_slider_redraws_the_fields_at_that_width_by_keyboard(address: str, opened: Opener) -> None:
    page = arrived(opened(address))
    fields = region(page, "Fields")
    expect(fields.locator("#fields-said")).to_contain_text("width 8, solver adam, seed 0")
    wait_for_decision(page, 8, 0)
    thumb = fields.get_by_role("slider", name="width")
    thumb.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"fields\.p\.width=16"))
    expect(fields.locator("#fields-said")).to_contain_text("width 16, solver adam, seed 0")
    wait_for_decision(page, 16, 0)
    link = fields.locator(".plane .exports a").first.get_attribute("href")
    assert link is not None
    assert "p.width=16" in link
    page.keyboard.press("End")
    wait_for_decision(page, 32, 0)
    page.keyboard.press("Home")
    wait_for_decision(page, 4, 0)
    fields.get_by_role("radio", name="2", exact=True).focus()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"fields\.seed=2"))
    wait_for_decision(page, 4, 2)


def test_a_cell_without_fields_is_said_and_the_nearest_shown(address: str, opened: Opener) -> None:
    page = arrived(opened(address + "?fields.p.width=16&fields.p.solver=lbfgs"))
    said = region(page, "Fields").locator("#fields-said")
    expect(said).to_contain_text("No run of solver lbfgs, seed 0 with width 16 keeps its fields")
    wait_for_decision(page, 8, 0)
    region(page, "Fields").get_by_role("slider", name="width").focus()
    page.keyboard.press("ArrowRight")
    expect(said.locator(".notice-line")).to_have_count(0)
    wait_for_decision(page, 32, 0)


def test_what_was_chosen_before_a_figure_came_is_what_it_shows(address: str, opened: Opener) -> None:
    page = opened(address)
    fields = region(page, "Fields")
    fields.get_by_role("slider", name="width").focus()
    page.keyboard.press("End")
    arrived(page)
    wait_for_decision(page, 32, 0)


def kinds(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('.field-grid .js-plotly-plot')].map((plot) => plot.data[0]?.type)"
    )
    return found


def test_surfaces_are_drawn_in_three_dimensions_two_at_most(address: str, opened: Opener) -> None:
    page = arrived(opened(address))
    assert "surface" not in kinds(page)
    fields = region(page, "Fields")
    fields.get_by_role("radio", name="3-D").focus()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"fields\.surface=3d"))
    wait_until(
        page, "() => document.querySelectorAll('.field-grid .gl-container canvas').length >= 2", timeout=PATIENCE
    )
    assert kinds(page) == ["surface", "surface", "heatmap", "heatmap", "bar", "scatter"]
    page.reload()
    arrived(page)
    assert kinds(page).count("surface") == 2
    wait_until(page, "() => document.querySelector('.plane .gl-container canvas')?.width > 100", timeout=PATIENCE)
    page.screenshot(path=ARTEFACTS / "gallery-solid.png", full_page=True)
    fields.get_by_text("contours", exact=True).click()
    wait_until(page, "() => !document.querySelector('.field-grid .gl-container canvas')", timeout=PATIENCE)
    assert "surface" not in kinds(page)


def test_printing_asks_for_every_figure(address: str, opened: Opener) -> None:
    page = opened(address)
    page.wait_for_selector(".later", state="attached", timeout=PATIENCE)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('.later')].every((room) => room.dataset.asked)")
    arrived(page)
