"""axe-core on every page in both themes: no violation of WCAG 2.2 A and AA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from app import serving, write_report
from app.pages import all_pages
from storage import open_store
from tests.app.conftest import Opener

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EXAMPLES = {
    "/": ["/", "/?q=no+such+words", "/?verdict=refuted"],
    "/experiment/<name>": ["/experiment/fluctuation", "/experiment/hostile", "/experiment/none"],
    "/run/<name>": ["/run/1", "/run/144", "/run/none"],
    "/runs": ["/runs", "/runs?experiment=fluctuation"],
    "/compare": ["/compare", "/compare?runs=1,2"],
    "/sql": ["/sql", "/sql?sql=SELECT+status,+count(*)+AS+runs+FROM+run+GROUP+BY+status"],
}
"""Addresses of the pages that have several faces; every other page's is its path."""
ADDRESSES = [address for page in all_pages() for address in EXAMPLES.get(page.path, [page.path])]


def quiet(page: Page) -> Page:
    """The page once nothing more comes."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => document.querySelector('#page[aria-busy=true], .figure .waiting') === null")
    page.wait_for_timeout(300)  # transitions of colours end
    return page


def violations(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def test_every_page_has_an_address_to_be_tried_at() -> None:
    assert not [address for address in ADDRESSES if "<" in address]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_violation_of_wcag(dashboard: str, opened: Opener, address: str, theme: str) -> None:
    assert violations(quiet(opened(dashboard + address, theme=theme))) == []


def test_a_violation_would_be_found(dashboard: str, opened: Opener) -> None:
    page = quiet(opened(dashboard + "/batches"))
    page.evaluate("document.querySelector('#page h1').style.color = '#bbb'")
    assert [said.split(":")[0] for said in violations(page)] == ["color-contrast"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dialog_of_keys_and_the_sentence_of_trouble(dashboard: str, opened: Opener, theme: str) -> None:
    page = quiet(opened(dashboard + "/batches", theme=theme))
    page.evaluate("document.querySelector('#trouble').hidden = false")
    page.evaluate("document.querySelector('#trouble span').textContent = 'Something went wrong.'")
    assert violations(page) == []
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_an_empty_store_and_a_page_that_is_not_there(tmp_path: Path, opened: Opener) -> None:
    with serving(str(tmp_path / "none.db"), port=0) as address:
        for path in ("", "no/such/page"):
            assert violations(quiet(opened(address + path))) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_report(filled: str, tmp_path: Path, windows: dict[str, BrowserContext], theme: str) -> None:
    write_report(open_store(filled), tmp_path / "lab.html", ["fluctuation"])
    page = windows[theme].new_page()
    page.goto((tmp_path / "lab.html").as_uri())
    page.locator(".plot").first.scroll_into_view_if_needed()
    page.wait_for_selector(".plot[data-drawn]")
    assert violations(page) == []
    page.close()
