"""A filled store, a dashboard over it, and a real browser that reports what pages do behind their face."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from app import serving
from app.reader import Reader
from storage import open_store
from tests.app import scaling
from tests.app.curve_laboratory import fill_curves
from tests.app.laboratory import fill

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARTEFACTS = Path(__file__).parent.parent / "artefacts"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that no test changes."""
    path = str(tmp_path_factory.mktemp("lab") / "results.db")
    fill(path)
    return path


@pytest.fixture
def read(filled: str) -> Reader:
    return Reader(open_store(filled))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader of a store of curves that no test changes."""
    path = str(tmp_path_factory.mktemp("curves") / "results.db")
    fill_curves(path)
    return Reader(open_store(path))


@pytest.fixture(scope="session")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of power laws and of attacks that no test changes."""
    path = str(tmp_path_factory.mktemp("scaling") / "results.db")
    scaling.fill(path)
    return path


@pytest.fixture(scope="session")
def scaled_reader(scaled: str) -> Reader:
    return Reader(open_store(scaled))


@pytest.fixture(scope="session")
def scaled_dashboard(scaled: str) -> Iterator[str]:
    with serving(scaled, port=0) as address:
        yield address.rstrip("/")


@pytest.fixture(scope="session")
def dashboard(filled: str) -> Iterator[str]:
    """The address of a dashboard over the filled store, without a slash at its end."""
    with serving(filled, port=0) as address:
        yield address.rstrip("/")


class Chromium(NamedTuple):
    """What starts a browser."""

    kind: BrowserType
    program: str
    arguments: list[str]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A system Chromium; without one the test is skipped, or fails where CI is true."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        reason = f"none of {', '.join(CHROMIUM)} is in PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield Chromium(playwright.chromium, found, [*QUIET, *root])


@pytest.fixture(scope="session")
def browser(chromium: Chromium) -> Iterator[Browser]:
    """One whose windows know nothing of each other."""
    running = chromium.kind.launch(executable_path=chromium.program, args=chromium.arguments)
    yield running
    running.close()


PATIENCE = 60_000
"""Milliseconds that a page may take on a machine that others use too; how fast it is stands in the benchmarks."""

Opener = Callable[..., Page]


def wait_until(page: Page, holds: str, arg: object = None, timeout: float = PATIENCE) -> None:
    """Until the function of `arg`, in JavaScript, is true; it is not where it reads of what is not there yet."""
    page.wait_for_function(
        f"(arg) => {{ try {{ return ({holds})(arg); }} catch {{ return false; }} }}", arg=arg, timeout=timeout
    )


@pytest.fixture(scope="session")
def windows(chromium: Chromium) -> Iterator[dict[str, BrowserContext]]:
    """One browser a theme for all tests, which keeps scripts compiled: a page then takes half of the processor's time.

    Only one with a profile does, here a temporary one.
    """
    program, arguments = chromium.program, chromium.arguments
    made: dict[str, BrowserContext] = {
        theme: chromium.kind.launch_persistent_context("", executable_path=program, args=arguments, color_scheme=theme)
        for theme in THEMES
    }
    yield made
    for window in made.values():
        window.close()


@pytest.fixture
def opened(windows: dict[str, BrowserContext]) -> Iterator[Opener]:
    """`opened(address, width, height, theme)`: the page, once it has its heading.

    At the end of the test: no console error, no error in a script, and no request off the host by any page.
    """
    wrong: list[str] = []
    pages: list[Page] = []

    def open_page(address: str, width: int = 1400, height: int = 900, theme: str = "light") -> Page:
        page = windows[theme].new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        host = "/".join(address.split("/")[:3])
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith((host, "data:", "blob:")) else wrong.append(request.url),
        )
        page.goto(address)
        page.wait_for_selector("#page h1", timeout=PATIENCE)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert wrong == []
