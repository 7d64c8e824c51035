"""The SQL page: a query from the URL or the keyboard, its pages and its examples; and what it refuses."""

from __future__ import annotations

import re
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from app import answers, serving
from app.console.examples import EXAMPLES, examples
from storage import open_store
from storage.console import asking
from storage.console.asking import VARIABLE, Console
from storage.queries import experiments
from storage.queries.relations import relations
from storage.records import MetricInfo, ParamInfo
from storage.store import open_writer
from tests.app.conftest import ARTEFACTS, PATIENCE, Opener, wait_until
from tests.app.laboratory import FLUCTUATION, MARKUP, fill

MEANS = "SELECT width, activation, avg(variance) AS variance FROM runs_fluctuation GROUP BY 1, 2 ORDER BY 1, 2"
LONG = "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT max(x) FROM a"


def address(dashboard: str, sql: str, **more: str) -> str:
    return f"{dashboard}/sql?{urlencode({'sql': sql, **more})}"


# The page


def test_a_query_in_the_url_is_answered_on_arrival(dashboard: str, opened: Opener) -> None:
    page = opened(address(dashboard, MEANS))
    expect(page.locator(".sql-said")).to_contain_text(re.compile(r"^12 rows in \d"))
    expect(page.locator(".sql-table th")).to_have_text(["row", "width", "activation", "variance"])
    first = page.locator(".sql-table tbody tr").first.locator("td")
    expect(first.nth(1)).to_have_text("8")
    wait_until(page, "() => document.querySelector('[aria-label=Chart] .js-plotly-plot')?.data?.length === 2")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "sql.png", full_page=True)


def test_the_keyboard_runs_a_query_and_back_returns_to_the_one_before(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/sql")
    field = page.get_by_label("Query", exact=True)
    field.fill("SELECT 41 + 1 AS answer")
    field.press("Control+Enter")
    expect(page.locator(".sql-table td").nth(1)).to_have_text("42")
    page.wait_for_url("**/sql?sql=SELECT+41*")
    page.get_by_label("Query", exact=True).fill("SELECT 'two' AS answer")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".sql-table td").nth(1)).to_have_text("two")
    page.go_back()
    expect(page.get_by_label("Query", exact=True)).to_have_value("SELECT 41 + 1 AS answer")
    expect(page.locator(".sql-table td").nth(1)).to_have_text("42")


def test_the_same_query_is_asked_again(tmp_path: Path, opened: Opener) -> None:
    path = str(tmp_path / "results.db")
    fill(path)
    with serving(path, port=0) as served:
        page = opened(f"{served}sql?sql=SELECT+random()+AS+r")
        cell = page.locator(".sql-table td").nth(1)
        before = cell.inner_text()
        page.get_by_role("button", name="Run").click()
        expect(cell).not_to_have_text(before)


def test_a_press_on_a_name_writes_it_and_a_search_narrows_the_names(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/sql")
    page.get_by_label("Query", exact=True).fill("SELECT  FROM runs_fluctuation")
    page.evaluate("document.getElementById('sql-text').setSelectionRange(7, 7)")
    page.get_by_label("Find a column or view").fill("distance to the boundary")
    expect(page.locator(".sql-relation:visible")).to_have_count(1)
    page.get_by_role("button", name="margin", exact=True).click()
    expect(page.get_by_label("Query", exact=True)).to_have_value("SELECT margin FROM runs_fluctuation")
    expect(page.get_by_label("Query", exact=True)).to_be_focused()


def test_long_results_have_pages_with_links(dashboard: str, opened: Opener) -> None:
    page = opened(address(dashboard, "SELECT run_id, step, y FROM curve_point ORDER BY run_id, curve, step"))
    expect(page.locator(".sql-said")).to_contain_text("Rows 1 to 200 of 12,882")
    expect(page.locator(".sql-table tbody tr")).to_have_count(200)
    page.get_by_role("link", name="next rows").click()
    page.wait_for_url("**from=200")
    expect(page.locator(".sql-said")).to_contain_text("Rows 201 to 400 of 12,882")
    page.reload()
    expect(page.locator(".sql-said")).to_contain_text("Rows 201 to 400 of 12,882")
    page.get_by_role("link", name="previous rows").click()
    expect(page.locator(".sql-said")).to_contain_text("Rows 1 to 200")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM run", "The console only reads"),
        ("SELECT unheard_of FROM run", "No such column: unheard_of."),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        (f"SELECT {MARKUP}", "syntax error"),
    ],
)
def test_a_mistake_is_said_in_one_sentence(dashboard: str, opened: Opener, sql: str, said: str) -> None:
    page = opened(address(dashboard, sql))
    expect(page.locator(".sql-result [role=alert]")).to_contain_text(said)
    assert page.evaluate("window.hacked") is None
    expect(page.locator(".sql-table")).to_have_count(0)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query has more time than a press on a slow machine takes."""
    monkeypatch.setattr(answers, "WHOLE", replace(answers.WHOLE, seconds=600.0))


@pytest.mark.usefixtures("unhurried")
def test_a_query_is_cancelled_from_the_page(dashboard: str, opened: Opener) -> None:
    page = opened(address(dashboard, LONG))
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_enabled()
    expect(page.locator("#sql-running")).to_have_text("Running …")
    cancel.click()
    expect(page.locator(".sql-result [role=alert]")).to_have_text("The query was cancelled.")
    expect(cancel).to_be_disabled()


@pytest.mark.usefixtures("unhurried")
def test_a_query_is_cancelled_while_its_process_still_starts(
    dashboard: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed = threading.Event()

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        assert pressed.wait(PATIENCE / 1000)
        return subprocess.Popen(*arguments, **options)

    def cancel(console: Console, ticket: str) -> None:
        console_cancel(console, ticket)
        pressed.set()

    console_cancel = Console.cancel
    monkeypatch.setattr(asking, "Popen", start)
    monkeypatch.setattr(Console, "cancel", cancel)
    page = opened(address(dashboard, LONG))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".sql-result [role=alert]")).to_have_text("The query was cancelled.")


@pytest.mark.parametrize("as_name", [False, True])
def test_markup_in_values_and_names_is_text(dashboard: str, opened: Opener, as_name: bool) -> None:
    quoted = '"' + MARKUP.replace('"', '""') + '"'
    sql = f"SELECT arm, arm AS {quoted if as_name else 'b'}, n, value FROM runs_hostile"
    page = opened(address(dashboard, sql))
    expect(page.locator(".sql-table td").nth(1)).to_have_text(MARKUP)
    wait_until(page, "() => document.querySelector('[aria-label=Chart] .js-plotly-plot')?.data?.length")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img, .sql-table script, .sql-table b").count() == 0


def test_choices_of_the_chart_stand_in_the_url_and_are_found_again(dashboard: str, opened: Opener) -> None:
    page = opened(address(dashboard, MEANS, **{"chart.kind": "line", "chart.axes": "loglog", "chart.colour": "none"}))
    plot = "document.querySelector('[aria-label=Chart] .js-plotly-plot')"
    wait_until(page, f"() => {plot}?.data?.length === 1 && {plot}.layout.xaxis.type === 'log'")
    section = page.get_by_role("region", name="Chart", exact=True)
    section.get_by_role("combobox", name="colour").or_(section.get_by_label("colour")).first.click()
    page.get_by_role("option", name="activation", exact=True).click()
    wait_until(page, f"() => {plot}.data.length === 2")
    page.wait_for_url(lambda url: "chart.colour" not in url and "chart.axes=loglog" in url)


def test_an_example_is_a_press_away(dashboard: str, opened: Opener) -> None:
    page = opened(f"{dashboard}/sql")
    page.get_by_role("link", name="Where the time goes").click()
    expect(page.locator(".sql-table tbody tr").first).to_contain_text("fluctuation")
    assert "chart.kind=bars" in page.url


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_no_wider_than_a_phone(dashboard: str, opened: Opener, theme: str) -> None:
    page = opened(address(dashboard, "SELECT * FROM run"), 390, 844, theme)
    expect(page.locator(".sql-table tbody tr")).to_have_count(148)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=ARTEFACTS / f"sql-phone-{theme}.png", full_page=True)


def test_a_server_without_a_reading_role_says_how_to_make_one(
    postgresql_url: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with open_writer(postgresql_url) as writer:
        writer.describe([FLUCTUATION])
    with serving(postgresql_url, port=0) as served:
        page = opened(f"{served}sql")
        expect(page.locator("#page")).to_contain_text(VARIABLE)
        expect(page.locator("pre")).to_contain_text("GRANT SELECT ON ALL TABLES IN SCHEMA")
        expect(page.get_by_label("Query", exact=True)).to_have_count(0)


# What is there to query


def gaussian_limit() -> Any:
    """Of the experiment that the examples ask, what they ask of it."""
    return replace(
        FLUCTUATION,
        name="gaussian_limit",
        params=(
            ParamInfo(name="width", type="int", text="", is_size=True),
            ParamInfo(name="layers", type="int", text=""),
            ParamInfo(name="activation", type="str", text=""),
            ParamInfo(name="readout", type="str", text=""),
        ),
        metrics=(MetricInfo(name="excess_kurtosis", text=""),),
    )


def test_every_example_runs_on_both_databases(fresh_store: str) -> None:
    with open_writer(fresh_store) as writer:
        writer.describe([FLUCTUATION, gaussian_limit(), replace(FLUCTUATION, name="xor_training")])
    with open_store(fresh_store) as store, store.connection() as connection:
        known = [relation.name for relation in relations(connection)]
        assert examples(known) == list(EXAMPLES)
        assert len(examples([])) < len(EXAMPLES)
        for example in EXAMPLES:
            columns = list(store.frame(example.sql).columns)
            for key, value in example.chart.items():
                if key in ("x", "y", "colour"):
                    assert set(value.split("|")) <= set(columns), example.need


def test_every_table_and_view_that_is_named_has_the_columns_that_are_named(fresh_store: str) -> None:
    with open_writer(fresh_store) as writer:
        writer.describe([FLUCTUATION])
    with open_store(fresh_store) as store, store.connection() as connection:
        for relation in relations(connection):
            frame = store.frame(f"SELECT * FROM {relation.name}")
            assert list(frame.columns) == [column.name for column in relation.columns], relation.name
        assert {each.name for each in experiments(connection)} == {"fluctuation"}
