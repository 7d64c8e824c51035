"""Every page in a real browser: what it shows, in both themes, from deep links, while others write, with nothing."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app import serving
from app.figures.look import DARK, SERIES
from app.pages import all_pages
from storage.store import open_writer
from tests.app.conftest import ARTEFACTS, Opener, wait_until
from tests.app.laboratory import FLUCTUATION, key

PAGES = {
    "claims": "/",
    "experiment": "/experiment/fluctuation",
    "runs": "/runs",
    "runs-of-one": "/runs?experiment=fluctuation",
    "run": "/run/1",
    "failed-run": "/run/144",
    "batches": "/batches",
}
SIZES = {"laptop": (1400, 900), "phone": (390, 844), "screen": (2560, 1440)}


def settled(page: Page) -> Page:
    """The page with its figures painted and its rows there."""
    wait_until(
        page,
        "() => document.querySelector('#page h1') && [...document.querySelectorAll('.figure')].every((figure) =>"
        " figure.querySelector('.js-plotly-plot')?.data?.length)"
        " && (!document.querySelector('#runs-grid') || document.querySelector('.ag-row a'))",
        timeout=60_000,
    )
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_both_themes(dashboard: str, opened: Opener, name: str, theme: str) -> None:
    page = settled(opened(dashboard + PAGES[name], theme=theme))
    expect(page.locator("#page h1")).to_have_count(1)
    assert page.get_attribute("html", "data-mantine-color-scheme") == theme
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert (ink == "rgb(28, 29, 33)") == (theme == "light")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{theme}.png", full_page=True)


@pytest.mark.parametrize(
    ("name", "size"),
    [("claims", "phone"), ("experiment", "phone"), ("run", "phone"), ("batches", "phone"), ("experiment", "screen")],
)
def test_no_page_is_wider_than_its_window(dashboard: str, opened: Opener, name: str, size: str) -> None:
    page = settled(opened(dashboard + PAGES[name], *SIZES[size]))
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    page.screenshot(path=ARTEFACTS / f"{name}-{size}.png", full_page=True)


def test_the_overview_says_every_verdict_with_word_shape_and_number(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    claims = page.locator(".claims li")
    expect(claims).to_have_count(5)
    slope = claims.nth(0)
    expect(slope.locator(".mark.supported .shape")).to_be_visible()
    expect(slope.locator(".mark")).to_have_text("supported")
    expect(slope.locator(".measured")).to_have_text("−1.001 [−1.020, −0.982], n = 12")
    expect(slope.locator(".allowed")).to_have_text("theory [−1.05, −0.95]")
    expect(slope.locator(".statement")).to_have_text("The variance falls as 1/n.")
    because = "slope: the interval lies inside what theory allows"
    expect(slope.get_by_role("link")).to_have_attribute("title", because)
    assert [mark.inner_text() for mark in claims.locator(".mark").all()] == [
        "supported",
        "refuted",
        "undecided",
        "not judged",
        "undecided",
    ]


def test_a_claim_links_to_its_evidence_and_back_returns(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.locator(".claims .mark.refuted").click()
    page.wait_for_url("**/experiment/fluctuation#claim-level")
    expect(page.locator("#claim-level header .mark")).to_have_text("refuted")
    expect(page.locator("#claim-level")).to_be_in_viewport()
    expect(page).to_have_title(re.compile("Fluctuation of a wide layer"))
    page.go_back()
    expect(page.locator("#page h1")).to_have_text("Claims and verdicts")
    page.go_forward()
    expect(page.locator("#page h1")).to_have_text("Fluctuation of a wide layer")


def test_an_experiment_page_typesets_its_text_and_links_its_runs(dashboard: str, opened: Opener) -> None:
    page = settled(opened(dashboard + "/experiment/fluctuation"))
    expect(page.locator(".abstract math").first).to_be_visible()
    expect(page.locator(".abstract strong")).to_have_text("one")
    expect(page.locator(".claim")).to_have_count(4)
    expect(page.locator("#claim-slope")).to_contain_text("standard, 12 seeds")
    expect(page.locator("#claim-slope")).to_contain_text("quick, 8 seeds")
    expect(page.get_by_role("link", name="143 runs")).to_have_attribute("href", "/runs?experiment=fluctuation")


def test_figures_follow_the_theme_when_it_is_switched(dashboard: str, opened: Opener) -> None:
    page = settled(opened(dashboard + "/experiment/fluctuation"))
    color = "() => document.querySelector('#claim-slope .js-plotly-plot').data.at(-1).marker.color"
    assert page.evaluate(color) == SERIES[0]
    page.get_by_label("Light or dark theme").click()
    wait_until(page, f"() => ({color})() === '{DARK[SERIES[0]]}'")
    page.reload()
    settled(page)
    assert page.evaluate(color) == DARK[SERIES[0]]  # the choice is kept
    page.evaluate("localStorage.clear()")


def choose(page: Page, panel: str, label: str, option: str) -> None:
    section = page.get_by_role("region", name=panel, exact=True)
    section.get_by_role("combobox", name=label, exact=True).or_(section.get_by_label(label, exact=True)).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def test_choices_redraw_the_figure_and_stand_in_the_url(dashboard: str, opened: Opener) -> None:
    page = settled(opened(dashboard + "/experiment/fluctuation"))
    choose(page, "Metric against size", "metric", "margin")
    page.wait_for_url("**/experiment/fluctuation?size.metric=margin")
    expect(page.get_by_role("region", name="Metric against size").locator(".caption")).to_contain_text(
        "Least distance to the boundary"
    )
    title = (
        "() => document.querySelector('[aria-label=\"Metric against size\"] .js-plotly-plot').layout.yaxis.title.text"
    )
    wait_until(page, f"() => ({title})() === 'margin [input units]'")
    choose(page, "Metric against size", "metric", "variance")
    page.wait_for_url(re.compile("/experiment/fluctuation$"))


def test_a_deep_link_opens_what_it_says(dashboard: str, opened: Opener) -> None:
    query = urllib.parse.urlencode(
        {"size.metric": "margin", "curves.curve": "spectrum", "curves.p.activation": "tanh", "fields.seed": "2"}
    )
    page = settled(opened(f"{dashboard}/experiment/fluctuation?{query}"))
    expect(page.get_by_role("region", name="Metric against size").locator(".caption")).to_contain_text("Least distance")
    expect(page.get_by_role("region", name="Curves", exact=True).locator(".caption")).to_contain_text("71 runs")
    assert page.evaluate("location.search").count("=") == 4


def test_nonsense_in_the_url_is_ignored(dashboard: str, opened: Opener) -> None:
    page = settled(
        opened(f"{dashboard}/experiment/fluctuation?size.metric=nonsense&curves.p.width=-1&x=%ff&fields.seed=99")
    )
    expect(page.get_by_role("region", name="Metric against size").locator(".caption")).to_contain_text(
        "Variance of the output"
    )


def test_leaving_a_group_out_is_computed_anew_with_its_n(dashboard: str, opened: Opener) -> None:
    page = settled(opened(f"{dashboard}/experiment/fluctuation?size.p.activation=tanh"))
    expect(page.get_by_role("region", name="Metric against size").locator(".caption")).to_contain_text("71 of 71 runs")


def test_a_run_says_how_to_reproduce_it(dashboard: str, opened: Opener, filled: str) -> None:
    run_key = key("fluctuation", {"width": 8, "activation": "relu"}, 0)
    page = settled(opened(f"{dashboard}/run/{run_key}"))
    expect(page.locator("#page h1")).to_have_text("Run 1")
    expect(page.locator(".command code")).to_have_text(f"python run_all.py --verify {run_key} --store {filled}")
    expect(page.get_by_text("numpy 2.4.6")).to_be_visible()


def test_a_failed_run_shows_its_traceback(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/run/144")
    expect(page.locator(".traceback")).to_contain_text("FloatingPointError: diverged at step 3")
    expect(page.locator(".page-head .mark.failed")).to_have_text("failed")


@pytest.mark.parametrize(
    "path", ["/", "/experiment/hostile", "/run/145", "/run/144", "/runs", "/runs?experiment=hostile"]
)
def test_text_from_the_store_is_text(dashboard: str, opened: Opener, path: str) -> None:
    page = opened(dashboard + path)
    expect(page.locator("#page")).to_contain_text("<script>")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img, #page script, #page h1 b, .claims b, td b").count() == 0
    for link in page.locator("a[href^='javascript:']").all():
        assert link.get_attribute("href") == "javascript:void(0)"


@pytest.mark.parametrize(
    ("path", "title", "said"),
    [
        ("/experiment/fluctuatoin", "No such experiment", "Did you mean fluctuation?"),
        ("/experiment/<b>", "No such experiment", "'<b>'"),
        ("/run/99999", "No such run", "99999"),
        ("/nowhere", "Not found", "/nowhere"),
        ("/run/1/2", "Not found", "/run/1/2"),
    ],
)
def test_what_is_not_there_gets_a_clear_page(dashboard: str, opened: Opener, path: str, title: str, said: str) -> None:
    page = opened(dashboard + path)
    expect(page.locator("#page h1")).to_have_text(title)
    expect(page.locator("#page")).to_contain_text(said)


@pytest.mark.parametrize("path", ["/", "/experiment/fluctuation", "/runs", "/run/1", "/batches"])
def test_a_missing_store_is_shown_with_the_command_that_fills_it(tmp_path: Path, opened: Opener, path: str) -> None:
    missing = tmp_path / "missing.db"
    with serving(str(missing), port=0) as address:
        page = opened(address.rstrip("/") + path)
        expect(page.locator("#page")).to_contain_text(f"There is no store {missing} yet.")
        expect(page.locator(".command code")).to_have_text(f"python run_all.py --store {missing}")
    assert list(tmp_path.iterdir()) == []


def test_of_a_store_in_a_folder_that_is_not_there_the_page_says_to_make_it(tmp_path: Path, opened: Opener) -> None:
    with serving(str(tmp_path / "none" / "results.db"), port=0) as address:
        expect(opened(address).locator("#page")).to_contain_text("or make its folder, and then this command")


def test_an_empty_store_and_then_a_described_one_without_runs(tmp_path: Path, opened: Opener) -> None:
    store = str(tmp_path / "results.db")
    writer = open_writer(store)
    with serving(store, port=0) as address:
        page = opened(address)
        expect(page.locator("#page")).to_contain_text("holds no experiment yet")
        writer.describe([FLUCTUATION])
        page.reload()
        expect(page.locator(".claims .mark.not-judged")).to_have_count(4)
        page.get_by_role("article").get_by_role("link", name="Fluctuation of a wide layer").click()
        expect(page.locator("#page")).to_contain_text("No run at this revision yet.")
        page.get_by_text("Batches").click()
        expect(page.locator("#page")).to_contain_text("No batch has run on this store yet.")
    writer.close()


def test_a_page_is_one_file() -> None:
    files = {file.stem for file in (Path(__file__).parent.parent.parent / "app" / "pages").glob("[a-z]*.py")}
    assert len(all_pages()) == len(files)


def test_the_navigation_is_reached_by_keyboard(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#page h1")).to_have_text("Learning curves")
    expect(page.locator(".nav-link[aria-current='page']")).to_have_text("Learning curves")
