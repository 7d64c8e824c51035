"""The overview in a real browser: the matrix, the pictures, the filter and its URL, and what all of it weighs."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from app.figures.thumbnail import HEIGHT, WIDTH, thumbnail
from app.reader import Reader
from app.text.markup import nodes, written
from storage.queries import evidence, verdicts
from storage.records import EvidenceRecord
from tests.app.conftest import Opener

MOST_BYTES = 1_600_000


def shown(page: Page) -> list[str]:
    """The claims that pass the filter."""
    return [
        claim.get_attribute("data-claim") or "" for claim in page.locator(".chapter-row [data-claim]:visible").all()
    ]


def test_the_matrix_has_every_claim_with_its_verdict_and_a_way_to_it(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    cells = page.get_by_role("region", name="Experiments and claims").get_by_role("listitem").get_by_role("link")
    told = [cell.get_attribute("aria-label") for cell in cells.all()]
    assert told == ["slope: supported", "level: refuted", "bounded: undecided", "later: not judged", "claim: undecided"]
    assert cells.nth(1).get_attribute("title") == "level: refuted"
    assert [cell.locator(".shape").count() for cell in cells.all()] == [1] * 5
    cells.nth(1).click()
    page.wait_for_url("**/experiment/fluctuation#claim-level")
    expect(page.locator("#claim-level")).to_be_in_viewport()


def test_the_matrix_fits_a_phone(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/", 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = page.evaluate(
        "[...document.querySelectorAll('.matrix .mark')].map((mark) => mark.getBoundingClientRect().width)"
    )
    assert min(sizes) >= 24


def test_statements_are_typeset(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    statement = page.locator("[data-claim='fluctuation.slope'] .statement")
    expect(statement.locator("math")).to_have_count(1)
    expect(statement).to_have_text("The variance falls as 1/n.")


def test_each_experiment_has_a_picture_of_its_evidence(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    picture = page.get_by_role("img", name="variance against width: refuted")
    expect(picture).to_be_visible()
    expect(page.locator("svg.thumbnail")).to_have_count(2)


@pytest.mark.parametrize(
    ("typed", "claims"),
    [
        ("wide layer", ["slope", "level", "bounded", "later"]),  # the title
        ("training loss", ["slope", "level", "bounded", "later"]),  # the experiment's text
        ("LEVEL", ["level"]),  # a claim's name
        ("margin stays", ["bounded"]),  # a statement
        ("fluctuation.slope", ["slope"]),
        ("no such words", []),
    ],
)
def test_the_search_reads_titles_texts_names_and_statements(
    dashboard: str, opened: Opener, typed: str, claims: list[str]
) -> None:
    page = opened(dashboard + "/")
    page.get_by_role("searchbox").fill(typed)
    assert shown(page) == [f"fluctuation.{claim}" for claim in claims]
    said = f"{len(claims)} of 5 claims in 1 of 2 experiments" if claims else "No claim passes the filter."
    expect(page.locator("#filter-found")).to_have_text(said)


def test_the_filter_stands_in_the_url_and_comes_back_from_it(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    page.get_by_role("checkbox", name="undecided").check()
    assert shown(page) == ["fluctuation.bounded", "hostile.claim"]
    page.get_by_role("combobox", name="Chapter").select_option("11")
    assert shown(page) == ["fluctuation.bounded"]
    assert page.evaluate("location.search") == "?verdict=undecided&chapter=11"
    page.reload()
    page.wait_for_selector("#filter")
    assert shown(page) == ["fluctuation.bounded"]
    expect(page.get_by_role("checkbox", name="undecided")).to_be_checked()
    page.locator("[data-claim='fluctuation.bounded'] .mark").last.click()
    page.wait_for_url("**/experiment/fluctuation#claim-bounded")
    page.go_back()
    expect(page.locator("#filter-found")).to_have_text("1 of 5 claims in 1 of 2 experiments")
    page.get_by_role("checkbox", name="undecided").uncheck()
    page.get_by_role("combobox", name="Chapter").select_option("")
    assert page.evaluate("location.search") == ""
    assert len(shown(page)) == 5


def test_nonsense_in_the_url_filters_nothing(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/?chapter=99&verdict=nonsense")
    assert len(shown(page)) == 5


def test_what_the_filter_hides_is_faint_in_the_matrix(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/?verdict=refuted")
    expect(page.locator(".matrix .faded")).to_have_count(4)


def test_text_of_the_store_is_text(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/")
    expect(page.locator(".chapter-row [data-experiment=hostile] h3")).to_contain_text("<script>")
    assert page.evaluate("[...document.images].length") == 0
    assert page.evaluate("window.hacked") is None


def test_a_thumbnail_has_a_mark_for_every_measured_point(read: Reader) -> None:
    judged = next(verdict for verdict in read(verdicts) if verdict.claim == "level")
    points = read(evidence, (judged.id,))[judged.id]
    picture = written([thumbnail(points, "level")])
    dots = [tuple(map(float, dot)) for dot in re.findall(r"M([\d.]+) ([\d.]+)h0", picture)]
    measured = [point for point in points if point.series != "theory"]
    assert len(dots) == len(measured) == 12
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in dots)
    relu = [dot for dot, point in zip(dots, measured, strict=True) if point.series == "relu"]
    steps = [after[0] - before[0] for before, after in pairwise(relu)]
    assert max(steps) - min(steps) <= 0.2  # widths double: equal steps on a log axis, to the rounding of pixels
    assert [y for _, y in relu] == sorted(y for _, y in relu)  # it falls as 1/n, and pixels count downwards


def test_a_thumbnail_of_one_point_or_of_none_is_no_error() -> None:
    one = EvidenceRecord(series="measured", step=0, x=1.0, y=0.0)
    assert "h0" in written([thumbnail((one,), "one")])
    assert "h0" not in written([thumbnail((), "none")])


def test_nodes_are_written_with_all_text_escaped() -> None:
    hostile = '<script>"&'
    assert written(nodes([["p", {"title": hostile}, hostile]])) == (
        '<p title="&lt;script&gt;&quot;&amp;">&lt;script&gt;"&amp;</p>'
    )


def test_the_first_page_weighs_less_than_its_limit(dashboard: str, browser: Browser) -> None:
    """All that comes over the wire, headers included, for someone who was never here."""
    for path in ("/", "/runs", "/batches"):
        with browser.new_context() as window:
            page = window.new_page()
            wire = window.new_cdp_session(page)
            wire.send("Network.enable")
            came: list[float] = []
            wire.on("Network.loadingFinished", lambda event, came=came: came.append(event["encodedDataLength"]))
            page.goto(dashboard + path)
            page.wait_for_selector("#page h1")
            page.wait_for_load_state("networkidle")
            assert 100_000 < sum(came) < MOST_BYTES


def test_files_that_never_change_are_kept_by_the_browser(dashboard: str, browser: Browser) -> None:
    with browser.new_context() as window:
        page = window.new_page()
        kept: dict[str, str] = {}
        encodings: set[str] = set()

        def note(address: str, headers: dict[str, str]) -> None:
            if ".js" in address or ".css" in address:
                kept[address] = headers.get("cache-control", "")
                encodings.add(headers.get("content-encoding", "none"))

        page.on("response", lambda response: note(response.url, response.headers))
        page.goto(dashboard + "/")
        page.wait_for_load_state("networkidle")
        named = {address: said for address, said in kept.items() if re.search(r"\?m=|\.v\d", address)}
        assert named
        assert all("max-age=31536000" in said for said in named.values())
        assert encodings & {"zstd", "br"}
