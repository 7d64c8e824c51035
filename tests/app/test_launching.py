"""Batches started, stopped and finished from their page; failures first; and what may not be started from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import make_url

from app import Allowed, serving
from app.launching.launcher import Launcher
from app.launching.plan import Plan, PlanError, checked, plan_of
from storage import open_store
from storage.store import open_writer
from tests.app.conftest import ARTEFACTS, Opener
from tests.app.laboratory import BATCH, FLUCTUATION
from tests.command import TOYS, eventually, run_all

KNOWN = ("averages", "troubles")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that knows the toys, with one seed of one of them."""
    folder = tmp_path_factory.mktemp("launching")
    done = run_all(
        folder, "--suite", str(TOYS), "--only", "averages", "--profile", "quick", "--seeds", "1", "--store", "r.db"
    )
    assert done.returncode == 0, done.stderr
    return str(folder / "r.db")


@pytest.fixture(scope="module")
def allowing(store: str) -> Iterator[str]:
    with serving(store, port=0, allowed=Allowed(run=True, suites=(TOYS,))) as address:
        yield f"{address}batches"


def fill_in(page: Page, profile: str, seeds: str) -> None:
    form = page.get_by_role("region", name="Start a batch")
    form.get_by_role("combobox", name="profile").or_(form.get_by_label("profile")).first.click()
    page.get_by_role("option", name=profile, exact=True).click()
    form.get_by_role("combobox", name="experiments").or_(form.get_by_label("experiments")).first.click()
    page.get_by_role("option", name="averages", exact=True).click()
    page.keyboard.press("Escape")
    form.get_by_label("seeds").fill(seeds)
    form.get_by_label("workers").fill("1")


def test_a_batch_is_started_stopped_and_finished_from_its_page(store: str, allowing: str, opened: Opener) -> None:
    page = opened(allowing)
    fill_in(page, "standard", "60")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#launched .mark.running")).to_be_visible()
    expect(page.locator("#launched .command code")).to_contain_text("--profile standard --only averages --seeds 60")
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
    expect(page.locator("#batch-2 .batch-numbers")).to_contain_text(re.compile(r"[1-9]\d* of 3\d\d runs"))
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "batches-running.png")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#launched")).to_contain_text("It was stopped; what had finished is stored.")
    expect(page.locator("#launched pre")).to_contain_text("The same command finishes the batch.")
    expect(page.locator("#batch-2 .mark.interrupted")).to_be_visible()
    with open_store(store) as opened_store:
        stored = opened_store.batches().set_index("id").loc[2]
        assert 0 < stored.done < stored.planned
    page.locator("#batch-2").get_by_role("button", name="Finish it here").click()
    expect(page.locator("#batch-3 .mark.finished")).to_be_visible()
    with open_store(store) as opened_store:
        batches = opened_store.batches().set_index("id")
        assert batches.planned[3] == batches.planned[2] - batches.done[2]
        assert batches.done[3] == batches.planned[3]
    expect(page.locator("#launched")).to_contain_text(re.compile("It ended well"))
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_an_empty_store_is_filled_from_its_page(tmp_path: Path, opened: Opener) -> None:
    with serving(str(tmp_path / "none.db"), port=0, allowed=Allowed(run=True)) as address:
        page = opened(f"{address}batches")
        expect(page.get_by_role("button", name="Start")).to_be_enabled()
        expect(page.locator("#page")).to_contain_text("No batch has run on this store yet.")
    assert list(tmp_path.iterdir()) == []


def test_failures_stand_first_with_their_last_word_and_their_traceback(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/batches")
    failure = page.locator(".failure")
    expect(failure).to_have_count(1)
    expect(failure.locator("summary")).to_contain_text("fluctuation, width 256, activation tanh, seed 11")
    expect(failure.locator(".failure-word")).to_contain_text("FloatingPointError: diverged at step 3 <img")
    expect(failure.locator(".traceback")).to_be_hidden()
    failure.locator("summary").click()
    expect(failure.locator(".traceback")).to_contain_text("Traceback (most recent call last):")
    with page.expect_response(lambda answer: "batches-again" in (answer.request.post_data or "")):
        pass
    expect(failure.locator(".traceback")).to_be_visible()  # what was opened stays open while the page looks again
    expect(failure.get_by_role("link", name="Run 144")).to_have_attribute("href", "/run/144")
    assert page.evaluate("window.hacked") is None
    expect(page.get_by_role("button", name="Start")).to_have_count(0)


def test_a_batch_that_another_server_started_cannot_be_stopped_here(tmp_path: Path, opened: Opener) -> None:
    path = str(tmp_path / "results.db")
    with open_writer(path) as writer:
        writer.describe([FLUCTUATION])
        writer.start_batch(BATCH)
        with serving(path, port=0, allowed=Allowed(run=True)) as address:
            page = opened(f"{address}batches")
            expect(page.locator("#batch-1 .mark.running")).to_be_visible()
            expect(page.get_by_role("button", name="Stop")).to_have_count(0)
            expect(page.locator("#page")).to_contain_text("another server cannot stop it")


def test_one_batch_at_a_time_and_its_end_is_known(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "none.db")) as store, closing(Launcher(store)) as launcher:
        assert launcher.launched() is None
        launcher.stop()  # nothing to stop
        launcher.start(Plan(profile="quick", only=("nothing_of_that_name",)))
        with pytest.raises(PlanError, match="is running"):
            launcher.start(Plan(profile="quick"))
        assert eventually(lambda: (found := launcher.launched()) is not None and found.status is not None, 60)
        found = launcher.launched()
        assert found is not None
        assert found.status == 2
        assert found.ending == "It could not begin."
        assert "There is no experiment nothing_of_that_name" in found.output


def test_a_password_stands_in_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []

    class Process:
        def __init__(self, command: list[str], *, env: dict[str, str], **_: object) -> None:
            started.append((command, env))

        def poll(self) -> int:
            return 0

    class Server:
        url = make_url("postgresql+psycopg://lab:secret@host/lab")

    monkeypatch.setattr("app.launching.launcher.subprocess.Popen", Process)
    with closing(Launcher(Server())) as launcher:  # type: ignore[arg-type]  # only its url is asked
        launcher.start(Plan(profile="quick"))
    ((command, environment),) = started
    assert not any("secret" in word for word in command)
    assert environment["THEORY_LAB_STORE"] == "postgresql+psycopg://lab:secret@host/lab"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(profile="huge"), "profile"),
        (Plan(profile="--help"), "profile"),
        (Plan(profile="quick", only=("nothing",)), "nothing"),
        (Plan(profile="quick", only=("--rerun",)), "--rerun"),
        (Plan(profile="quick", only=("-x",)), "-x"),
        (Plan(profile="quick", only=("a; rm",)), "rm"),
        (Plan(profile="quick", seeds=0), "Seeds"),
        (Plan(profile="quick", seeds=10**9), "Seeds"),
        (Plan(profile="quick", workers=0), "Workers"),
        (Plan(profile="quick", workers=10_000), "Workers"),
    ],
)
def test_nothing_but_known_words_is_started(plan: Plan, said: str) -> None:
    with pytest.raises(PlanError, match=re.escape(said)):
        checked(plan, (*KNOWN, "--rerun", "-x", "a; rm"))  # even where a foreign store holds such names


@pytest.mark.parametrize(
    ("command", "plan"),
    [
        ("python run_all.py", Plan(profile="standard")),
        ("python run_all.py --profile quick --store x.db --serve", Plan(profile="quick")),
        (
            f"python run_all.py --only averages troubles --seeds 5 --workers 1 --suite {TOYS}",
            Plan(profile="standard", only=("averages", "troubles"), seeds=5, workers=1),
        ),
    ],
)
def test_the_command_of_a_batch_is_read_as_a_plan(command: str, plan: Plan) -> None:
    assert plan_of(command, (TOYS,), KNOWN) == plan


@pytest.mark.parametrize(
    "command",
    [
        "",
        "rm -rf /",
        "python other.py",
        "python -c pass run_all.py",
        "python run_all.py --suite /tmp/evil",
        "python run_all.py --rerun",
        "python run_all.py --scheduler tcp://evil.example:1",
        "python run_all.py --report /tmp/x.html",
        "python run_all.py --data /etc/passwd",
        "python run_all.py --only nothing",
        "python run_all.py --seeds many",
        "python run_all.py --seeds 1000000000",
        "python run_all.py --profile huge",
        "python run_all.py; rm -rf /",
        "python run_all.py 'unclosed",
        "python run_all.py extra",
    ],
)
def test_a_command_in_the_store_starts_nothing_else(command: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan_of(command, (TOYS,), KNOWN)
    assert str(caught.value).endswith((".", ")."))
