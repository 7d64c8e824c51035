"""The lab from the keyboard: search, items, theme, pages and help; never while something is typed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app import serving
from app.server import Server
from tests.app.conftest import Opener


@pytest.fixture
def unwatched(browser: Browser) -> Iterator[Page]:
    """A page whose console may hold errors: these tests make them."""
    with browser.new_context() as window:
        yield window.new_page()


def at(page: Page) -> str:
    """What the focused item is."""
    return str(page.evaluate("document.activeElement.dataset.experiment || document.activeElement.id"))


def test_slash_goes_to_the_search_and_escape_leaves_it(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("j/k?d")
    expect(page.get_by_role("searchbox")).to_have_value("j/k?d")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.get_attribute("html", "data-mantine-color-scheme") == "light"
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


@pytest.mark.parametrize(("path", "label"), [("/runs", "filter"), ("/sql", "Find a column or view")])
def test_slash_goes_to_the_box_of_the_page(dashboard: str, opened: Opener, path: str, label: str) -> None:
    page = opened(dashboard + path)
    page.keyboard.press("/")
    expect(page.get_by_label(label)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label(label)).not_to_be_focused()


def test_j_and_k_walk_over_experiments_and_claims(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    walked = []
    for key in "jjjk":
        page.keyboard.press(key)
        walked.append(at(page))
    assert walked == ["fluctuation", "hostile", "hostile", "fluctuation"]
    page.goto(dashboard + "/experiment/fluctuation")
    page.wait_for_selector(".claim")
    walked = []
    for key in "jjk":
        page.keyboard.press(key)
        walked.append(at(page))
    assert walked == ["claim-slope", "claim-level", "claim-slope"]


def test_what_the_filter_hides_is_not_walked_over(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/?verdict=refuted")
    for _ in range(2):
        page.keyboard.press("j")
        assert at(page) == "fluctuation"


def test_d_changes_the_theme(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/batches")
    page.keyboard.press("d")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.keyboard.press("d")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")
    page.evaluate("localStorage.clear()")


def test_the_question_mark_shows_all_keys(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/batches")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    for meaning in ("search or filter", "dark or light", "Batches"):
        expect(dialog).to_contain_text(meaning)
    page.keyboard.press("j")  # nothing behind the dialog moves
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_keys_can_be_turned_off(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    page.evaluate("localStorage.clear()")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_g_and_a_letter_turn_the_page(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.keyboard.press("?")
    rows = page.locator(".key-pages > div").all_inner_texts()
    letter = next(row.split()[1] for row in rows if row.endswith("Batches"))
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press(letter)
    page.wait_for_url("**/batches")


def test_a_new_page_has_the_focus_on_its_heading(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.get_by_role("navigation").get_by_role("link", name="Batches").click()
    expect(page.get_by_role("heading", level=1, name="Batches")).to_be_focused()


def test_the_skip_link_is_first_and_leads_to_the_page(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/batches")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the page")).to_be_focused()
    expect(page.get_by_role("link", name="To the page")).to_be_in_viewport()


def test_focus_is_visible(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/batches")
    for _ in range(4):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none"


def test_a_server_that_is_gone_is_said_and_that_it_is_back(filled: str, unwatched: Page) -> None:
    """The page is not silent when its server stops, and a press of the button loads it anew."""
    page = unwatched
    with serving(filled, port=0) as address:
        page.goto(address + "batches")
        page.wait_for_selector("#page h1")
        expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#trouble")).to_be_visible()
    expect(page.locator("#trouble")).to_contain_text("does not answer")
    port = int(re.findall(r":(\d+)/", address)[0])
    again = Server(filled, "127.0.0.1", port)
    thread = threading.Thread(target=again.run, daemon=True)
    thread.start()
    try:
        page.get_by_role("button", name="Try again").click()
        page.wait_for_selector("#page h1")
        expect(page.locator("#trouble")).to_be_hidden()
    finally:
        again.stop()
        thread.join()


def test_a_callback_that_fails_is_said(dashboard: str, unwatched: Page) -> None:
    page = unwatched
    page.goto(dashboard + "/batches")
    page.wait_for_selector("#page h1")
    page.route("**/_dash-update-component*", lambda route: route.fulfill(status=500, body="no"))
    expect(page.locator("#trouble")).to_contain_text("the server met an error")


def test_a_bar_shows_while_an_answer_is_awaited(dashboard: str, unwatched: Page) -> None:
    page = unwatched
    page.goto(dashboard + "/runs")
    page.wait_for_selector("#page h1")
    waiting: list[Route] = []
    page.route("**/_dash-update-component*", lambda route: waiting.append(route))
    page.get_by_role("navigation").get_by_role("link", name="Batches").click()
    expect(page.locator("html")).to_have_attribute("data-busy", "")
    expect(page.locator("#page")).to_have_attribute("aria-busy", "true")
    for route in waiting:  # those that come meanwhile stand in the list too
        route.continue_()
    page.unroute("**/_dash-update-component*")
    expect(page.get_by_role("heading", level=1, name="Batches")).to_be_visible()
    expect(page.locator("#page")).to_have_attribute("aria-busy", "false")
