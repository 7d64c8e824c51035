"""A browser's walk through the dashboard: what it asks of the server, how soon a page is usable, what it weighs."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, Request, TimeoutError, sync_playwright

from tests.app.conftest import CHROMIUM, PATIENCE, QUIET

PAGES = (
    "/",
    "/experiment/gaussian_limit",
    "/experiment/adversarial_moons",
    "/experiment/loss_landscape",
    "/experiment/learning_curves",
    "/learning-curves",
    "/width-convergence",
    "/robustness",
    "/runs",
    "/runs?experiment=gaussian_limit",
    "/run/1",
    "/compare?runs=1,2,3",
    "/batches",
    "/sql",
    "/guide",
)
CHOICES_A_PAGE = 6
SOON = 5000
"""Milliseconds in which a choice is taken, where nothing turns the page meanwhile."""
STATIC = ("/assets/", "/_dash-component-suites/", "/_favicon", "/_reload-hash")


@dataclass(frozen=True)
class Asked:
    """A request of a page; `body` is None for GET."""

    name: str
    path: str
    body: str | None


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = next(path for name in CHROMIUM if (path := shutil.which(name)))
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        running = playwright.chromium.launch(executable_path=found, args=[*QUIET, *root])
        yield running
        running.close()


def recorded(address: str) -> list[Asked]:
    """Every different request that a walk through all pages makes."""
    found: dict[tuple[str, str | None], Asked] = {}
    at = ["/"]

    def note(request: Request) -> None:
        path = request.url.removeprefix(address)
        if not path.startswith("/") or path.startswith(STATIC) or request.resource_type == "document":
            return
        body = request.post_data if request.method == "POST" else None
        found.setdefault((path, body), Asked(f"{at[0]}: {_named(path, body)}", path, body))

    with browser() as running:
        context = running.new_context(viewport={"width": 1400, "height": 900})
        context.on("request", note)
        for path in PAGES:
            at[0] = path
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(address + path)
            page.wait_for_selector("#page h1")
            _look_around(page)
            page.close()
    return list(found.values())


def _named(path: str, body: str | None) -> str:
    """What a callback writes and what changed, in short."""
    if body is None:
        return path
    asked = json.loads(body)
    return f"{', '.join(asked.get('changedPropIds', []))} → {asked.get('output', path)}"[:150]


def _look_around(page: Page) -> None:
    """Scroll to the end, then take another value in some of the choices."""
    page.wait_for_load_state("networkidle")
    for _ in range(30):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(60)
    page.wait_for_load_state("networkidle")
    selects = page.locator(".controls .mantine-Select-input")
    for position in range(min(CHOICES_A_PAGE, selects.count())):
        for patience in (SOON, SOON, PATIENCE):
            try:
                if _take_another(page, selects.nth(position), patience):
                    break
            except TimeoutError:  # the answer to the choice before laid the page out anew under the open list
                continue


def _take_another(page: Page, select: Locator, patience: float) -> bool:
    """Take the second value of the list, and say whether it was taken, or none is there; raises TimeoutError after so
    many milliseconds."""
    select.click(timeout=patience)
    options = page.locator("[role='option']:visible")
    options.first.wait_for(timeout=patience)
    if options.count() < 2:
        page.keyboard.press("Escape")
        return True
    wanted = options.nth(1).inner_text(timeout=patience)
    options.nth(1).click(timeout=patience)
    page.wait_for_load_state("networkidle")
    return select.input_value(timeout=patience) == wanted


def first_page_seconds(address: str) -> float:
    """From the address to the first page with its content, in a browser that has nothing kept."""
    with browser() as running:
        page = running.new_page(viewport={"width": 1400, "height": 900})
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("#page a[href^='/experiment/']", timeout=PATIENCE)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
        return time.perf_counter() - start


def bytes_of_pages(address: str) -> dict[str, int]:
    """What each page takes to come over the wire in a browser that has nothing kept."""
    weights = {}
    with browser() as running:
        for path in PAGES:
            context = running.new_context(viewport={"width": 1400, "height": 900})
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            total = [0]

            def add(event: dict[str, float], total: list[int] = total) -> None:
                total[0] += int(event["encodedDataLength"])

            session.on("Network.loadingFinished", add)
            page.goto(address + path)
            page.wait_for_selector("#page h1")
            page.wait_for_load_state("networkidle")
            weights[path] = total[0]
            context.close()
    return weights
