"""axe-core on every page in both themes, from a phone to a large screen: no violation of WCAG 2.2 A and AA."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from app import serving, write_report
from app.pages import all_pages
from experiments.catalog import describe, find
from storage import open_store
from storage.records import ExperimentRecord, VerdictRecord
from storage.store import open_writer
from tests.app.conftest import Opener, wait_until

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_LAYOUT = {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}
"""What else a window of another size can change, once every rule holds in two."""
PHONE, DESK, LARGE = (390, 844), (1400, 900), (2560, 1440)
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
STILL = """*, ::before, ::after { content-visibility: visible !important; transition: none !important; }"""
"""axe measures all of a page at once. What is left out while it is out of the window has room kept for it by a guess,
and would lie over its neighbours in numbers though never on a screen; a colour on its way is of neither theme."""


def quiet(page: Page, size: tuple[int, int] | None = None, theme: str | None = None) -> Page:
    """The page in a window of this size and a system of this theme, once nothing more comes."""
    if size is not None:
        page.set_viewport_size({"width": size[0], "height": size[1]})
    if theme is not None:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    page.wait_for_load_state("networkidle")
    wait_until(page, "() => document.querySelector('#page[aria-busy=true], .figure .waiting') === null")
    page.add_style_tag(content=STILL)
    return page


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    found: dict[str, Any] = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


def test_every_page_has_an_address_to_be_tried_at() -> None:
    assert not [address for address in ADDRESSES if "<" in address]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_violation_of_wcag(dashboard: str, opened: Opener, address: str) -> None:
    page = opened(dashboard + address, *DESK)
    assert violations(quiet(page)) == []
    assert violations(quiet(page, PHONE, theme="dark")) == []
    assert too_wide(page) == 0
    assert violations(quiet(page, LARGE), OF_LAYOUT) == []


@pytest.fixture(scope="module")
def laboratory() -> list[ExperimentRecord]:
    """Every experiment of the laboratory, as the store keeps it."""
    return [describe(entry) for entry in find().values()]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, laboratory: list[ExperimentRecord]) -> Iterator[str]:
    """A dashboard over the real experiments, each claim judged by hand and without runs; the experiment `all_texts` has
    the texts of all, so that one page shows them."""
    path = str(tmp_path_factory.mktemp("texts") / "results.db")
    every = dataclasses.replace(
        laboratory[0],
        name="all_texts",
        title="All texts",
        snippets=(),
        text="\n\n".join(text for each in laboratory for text in texts(each)),
        claims=(),
    )
    writer = open_writer(path)
    try:
        writer.describe([*laboratory, every])
        writer.save_verdicts([verdict(each, claim.name) for each in [*laboratory, every] for claim in each.claims])
    finally:
        writer.close()
    with serving(path, port=0) as address:
        yield address.rstrip("/")


def texts(experiment: ExperimentRecord) -> list[str]:
    """Its own text and those of its claims."""
    return [experiment.text] + [
        text for claim in experiment.claims for text in (claim.statement, claim.source, claim.tolerance, claim.reason)
    ]


def verdict(experiment: ExperimentRecord, claim: str) -> VerdictRecord:
    return VerdictRecord(
        experiment=experiment.name, claim=claim, profile="standard", seeds=20, revision=experiment.revision,
        status="supported", because="the interval lies inside what theory allows", basis=f"{experiment.name} {claim}",
        estimate=-1.0012e-15, low=-1.0203e-15, high=-0.9821e-15, predicted_low=-1.05e-15, predicted_high=-0.95e-15,
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/experiment/all_texts"])
def test_the_texts_of_the_laboratory_fit_every_window(judged: str, opened: Opener, path: str) -> None:
    """Long formulas are what a made-up text does not have: none lies over a link or moves sideways out of reach."""
    page = opened(judged + path, *PHONE)
    assert violations(quiet(page), OF_LAYOUT) == []
    for size in ((320, 640), PHONE, LARGE):
        assert too_wide(quiet(page, size)) == 0
    assert violations(page, OF_LAYOUT) == []


def test_violations_would_be_found(dashboard: str, opened: Opener) -> None:
    page = quiet(opened(dashboard + "/batches"))
    page.evaluate("document.querySelector('#page h1').style.color = '#bbb'")
    page.evaluate(
        "document.querySelector('#page h1').insertAdjacentHTML('afterend', `<p class='long'>${'long'.repeat(999)}</p>`)"
    )
    page.add_style_tag(content=".long { overflow-x: auto; }")
    assert {said.split(":")[0] for said in violations(page)} == {"color-contrast", "scrollable-region-focusable"}
    assert [said.split(":")[0] for said in violations(page, OF_LAYOUT)] == ["scrollable-region-focusable"]


def test_the_dialog_of_keys_and_the_sentence_of_trouble(dashboard: str, opened: Opener) -> None:
    page = quiet(opened(dashboard + "/batches"))
    page.evaluate("document.querySelector('#trouble').hidden = false")
    page.evaluate("document.querySelector('#trouble span').textContent = 'Something went wrong.'")
    for theme in ("light", "dark"):
        assert violations(quiet(page, theme=theme)) == []
        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Keys")).to_be_focused()


def test_an_empty_store_and_a_page_that_is_not_there(tmp_path: Path, opened: Opener) -> None:
    with serving(str(tmp_path / "none.db"), port=0) as address:
        for path in ("", "no/such/page"):
            page = opened(address + path)
            assert violations(quiet(page)) == []
            assert violations(quiet(page, PHONE, theme="dark")) == []


def test_a_report(filled: str, tmp_path: Path, windows: dict[str, BrowserContext]) -> None:
    write_report(open_store(filled), tmp_path / "lab.html", ["fluctuation"])
    for window in windows.values():
        page = window.new_page()
        page.goto((tmp_path / "lab.html").as_uri())
        page.locator(".plot").first.scroll_into_view_if_needed()
        page.wait_for_selector(".plot[data-drawn]")
        assert violations(page) == []
        page.close()
