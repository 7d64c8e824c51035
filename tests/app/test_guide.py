"""The page of the guide's code: each example with how it ends, what is wrong, and the verdicts on what replaced it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from app import serving
from app.pages.guide import ending
from storage.records import SnippetInfo
from storage.store import open_writer
from tests.app.conftest import ARTEFACTS, Opener
from tests.app.laboratory import FLUCTUATION, MARKUP, verdict_records


def snippet(number: int, outcome: str, fault: str = "No seed.") -> SnippetInfo:
    return SnippetInfo(
        number=number, chapter=11, heading=f"Heading {number}", outcome=outcome, fault=fault, measured="It is `0.5`."
    )


SNIPPETS = (
    snippet(2, "Runs, and draws 23 circles."),
    snippet(1, "Stops with NameError: name 'np' is not defined. With `import numpy as np` it runs."),
    snippet(3, "ValueError: shapes", fault=MARKUP),
)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = str(tmp_path_factory.mktemp("guide") / "results.db")
    with open_writer(path) as writer:
        writer.describe([replace(FLUCTUATION, snippets=SNIPPETS)])
        writer.save_verdicts([verdict for verdict in verdict_records() if verdict.experiment == "fluctuation"])
    with serving(path, port=0) as address:
        yield f"{address}guide"


def test_every_example_stands_with_its_verdicts(guide: str, opened: Opener) -> None:
    page = opened(guide)
    shown = page.locator(".snippet")
    expect(shown).to_have_count(3)
    assert [heading.inner_text() for heading in shown.locator("h2").all()] == ["Heading 1", "Heading 2", "Heading 3"]
    expect(page.locator(".page-head")).to_contain_text("3 code examples; typed in as printed, 2 stop with an error")
    first = page.locator("#snippet-1")
    expect(first.locator("code").first).to_have_text("import numpy as np")
    expect(first.get_by_role("link", name=FLUCTUATION.title)).to_have_attribute("href", "/experiment/fluctuation")
    expect(first.locator(".tally")).to_contain_text("refuted 1")
    first.get_by_text("4 claims").click()
    expect(first.get_by_role("link", name="level")).to_have_attribute("href", "/experiment/fluctuation#claim-level")
    expect(first.locator("li .mark")).to_have_text(["supported", "refuted", "undecided", "not judged"])
    expect(page.locator("#snippet-3")).to_contain_text(MARKUP)
    assert page.evaluate("window.hacked") is None


def test_how_they_end_filters_them_and_stands_in_the_url(guide: str, opened: Opener) -> None:
    page = opened(guide)
    page.get_by_role("combobox", name="as written").or_(page.get_by_label("as written")).first.click()
    page.get_by_role("option", name="stops with NameError").click()
    page.wait_for_url("**/guide?outcome=NameError")
    expect(page.locator(".snippet h2")).to_have_text(["Heading 1"])
    expect(page.locator("#page")).to_contain_text("1 of 3 shown.")
    expect(opened(f"{guide}?outcome=runs").locator(".snippet h2")).to_have_text(["Heading 2"])
    ordered = opened(f"{guide}?order=outcome&outcome=nonsense").locator(".snippet h2")
    expect(ordered).to_have_text(["Heading 1", "Heading 3", "Heading 2"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_no_wider_than_a_phone(guide: str, opened: Opener, theme: str) -> None:
    page = opened(guide, 390, 844, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"guide-phone-{theme}.png", full_page=True)


def test_what_the_guide_cites_stands_with_what_is_known_of_it(guide: str, opened: Opener) -> None:
    entries = opened(guide).locator("#references li")
    expect(entries).to_have_count(4)
    for entry, number, standing in zip(
        entries.all(),
        ("1712.04741", "1807.11124", "2105.04026", "2407.18384"),
        ("Verified.", "Unverified.", "Verified.", "Not in the guide."),
        strict=True,
    ):
        expect(entry).to_contain_text(f"arXiv {number}. {standing}")
        expect(entry.get_by_role("link")).to_have_count(0 if standing == "Unverified." else 1)


def test_a_store_without_examples_says_so(dashboard: str, opened: Opener) -> None:
    expect(opened(f"{dashboard}/guide").locator("#page")).to_contain_text("The store holds no example yet.")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("Runs, and prints ValueError.", "runs"),
        ("NameError: name 'np' is not defined", "NameError"),
        ("Stops with NameError: …", "NameError"),
        ("Stops with UserWarning.", "UserWarning"),
        ("", "runs"),
    ],
)
def test_how_an_example_ends_is_read_from_its_outcome(outcome: str, expected: str) -> None:
    assert ending(snippet(1, outcome)) == expected
