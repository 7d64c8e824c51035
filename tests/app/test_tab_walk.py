"""Every page from the keyboard alone: Tab reaches all there is in the order of the page, shows where it is and is held
nowhere; and a choice made by keys leaves the focus on its control."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.app.conftest import PATIENCE, Opener, wait_until
from tests.app.test_accessibility import ADDRESSES, quiet

MOST = 400
"""Presses of Tab after which the focus is taken to be held somewhere."""
WATCH = """() => {
  const parts = (element) =>
    [element, element.parentElement, element.nextElementSibling, element.closest(".mantine-MultiSelect-input"),
      ...(element.labels || [])].filter(Boolean);
  const seen = ({ outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor, left }) =>
    [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor, left].join();
  const look = (element) => parts(element).map((part) => seen(getComputedStyle(part))).join(";");
  const named = (element) => element.outerHTML.slice(0, 160);
  const walked = [];
  document.addEventListener("focusin", ({ target }) => walked.push({ target, look: look(target) }));
  const grid = (element) => element.closest(".ag-root-wrapper"); // its cells are one stop, walked by the arrow keys
  const awaited = () =>
    [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
      (element) =>
        element.tabIndex >= 0 && !element.disabled && !grid(element) && !element.closest("dialog:not([open])") &&
        !(element.type === "radio" && !element.checked) && element.checkVisibility({ visibilityProperty: true }),
    );
  window.walk = {
    presses: () => walked.length,
    rounded: () =>
      document.activeElement === document.body || walked.some((step, k) => k && step.target === walked[0].target),
    missed: () => awaited().filter((element) => !walked.some((step) => step.target === element)).map(named),
    unseen: () =>
      walked.filter((step) => step.target.isConnected && !grid(step.target) && look(step.target) === step.look)
        .filter((step) => step.target !== document.activeElement).map((step) => named(step.target)),
    backwards: () =>
      walked.filter((step, k) => k && step.target !== walked[0].target && !grid(step.target) &&
        walked[k - 1].target.compareDocumentPosition(step.target) & Node.DOCUMENT_POSITION_PRECEDING)
        .map((step) => named(step.target)),
  };
}"""


def walked(page: Page) -> dict[str, Any]:
    """What is wrong with a walk by Tab from the top of the page to where it begins anew."""
    quiet(page).evaluate(WATCH)
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if page.evaluate("walk.rounded()"):
            break
    else:
        return {"held": page.evaluate("document.activeElement.outerHTML.slice(0, 160)")}
    return {what: page.evaluate(f"walk.{what}()") for what in ("missed", "unseen", "backwards")}


FINE: dict[str, list[str]] = {"missed": [], "unseen": [], "backwards": []}


@pytest.mark.parametrize("address", ADDRESSES)
def test_tab_reaches_all_of_a_page_in_order_and_shows_where_it_is(dashboard: str, opened: Opener, address: str) -> None:
    assert walked(opened(dashboard + address)) == FINE


@pytest.mark.parametrize("address", ["/width-convergence", "/robustness"])
def test_tab_reaches_all_of_a_page_of_power_laws_and_attacks(
    scaled_dashboard: str, opened: Opener, address: str
) -> None:
    assert walked(opened(scaled_dashboard + address)) == FINE


def choose_by_keys(page: Page) -> list[str]:
    """Another value for each select of the page in turn; the names of those that lost the focus by it."""
    lost = []
    selects = page.locator("#page .mantine-Select-input:visible")
    for k in range(quiet(page).locator("#page .mantine-Select-input:visible").count()):
        if k >= selects.count():
            break  # another choice took it away
        name = selects.nth(k).get_attribute("id")
        selects.nth(k).focus()
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        quiet(page)
        try:  # a page laid out anew gives the focus back in the frame after
            wait_until(page, "(name) => document.activeElement.id === name", arg=name, timeout=PATIENCE)
        except NotInTime:
            lost.append(str(name))
    return lost


@pytest.mark.parametrize("address", ["/experiment/fluctuation", "/learning-curves", "/runs"])
def test_a_choice_made_by_keys_keeps_the_focus(dashboard: str, opened: Opener, address: str) -> None:
    page = opened(dashboard + address)
    expect(page.locator("#page .mantine-Select-input:visible").first).to_be_visible()
    assert choose_by_keys(page) == []


@pytest.mark.parametrize("address", ["/width-convergence", "/robustness"])
def test_a_choice_among_power_laws_and_attacks_keeps_the_focus(
    scaled_dashboard: str, opened: Opener, address: str
) -> None:
    page = opened(scaled_dashboard + address)
    expect(page.locator("#page .mantine-Select-input:visible").first).to_be_visible()
    assert choose_by_keys(page) == []


def test_the_table_of_runs_is_walked_and_ticked_by_keys(dashboard: str, opened: Opener) -> None:
    page = opened(dashboard + "/runs?experiment=fluctuation")
    quiet(page).locator(".ag-center-cols-container .ag-cell").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("#runs-chosen")).to_contain_text("1 run")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('.ag-cell') !== null")
    page.keyboard.press("Tab")
    expect(page.locator("#runs-foot").get_by_role("link", name="CSV")).to_be_focused()
    quiet(page).locator(".ag-center-cols-container .ag-cell[col-id=id]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/run/*")
