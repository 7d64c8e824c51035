"""The SQL page: a query from the URL or the keyboard, its pages, chart and files; and what it refuses."""

from __future__ import annotations

import base64
import csv
import io
import re
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from app import answers, serving
from app.console import chart
from app.console.examples import EXAMPLES, examples
from app.console.files import csv_text, parquet_bytes
from app.reader import Reader
from app.views import NothingToDrawError
from storage import open_store
from storage.console.asking import VARIABLE
from storage.console.question import Answer, Question
from storage.queries import experiments
from storage.queries.relations import relations
from storage.records import MetricInfo, ParamInfo
from storage.store import open_writer
from tests.app.conftest import ARTEFACTS, Opener
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
    page.wait_for_function("() => document.querySelector('[aria-label=Chart] .js-plotly-plot')?.data?.length === 2")
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


def test_a_query_is_cancelled_from_the_page(dashboard: str, opened: Opener) -> None:
    page = opened(address(dashboard, LONG))
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_enabled()
    expect(page.locator("#sql-running")).to_have_text("Running …")
    cancel.click()
    expect(page.locator(".sql-result [role=alert]")).to_have_text("The query was cancelled.")
    expect(cancel).to_be_disabled()


@pytest.mark.parametrize("as_name", [False, True])
def test_markup_in_values_and_names_is_text(dashboard: str, opened: Opener, as_name: bool) -> None:
    quoted = '"' + MARKUP.replace('"', '""') + '"'
    sql = f"SELECT arm, arm AS {quoted if as_name else 'b'}, n, value FROM runs_hostile"
    page = opened(address(dashboard, sql))
    expect(page.locator(".sql-table td").nth(1)).to_have_text(MARKUP)
    page.wait_for_function("() => document.querySelector('[aria-label=Chart] .js-plotly-plot')?.data?.length")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#page img, .sql-table script, .sql-table b").count() == 0


def test_choices_of_the_chart_stand_in_the_url_and_are_found_again(dashboard: str, opened: Opener) -> None:
    page = opened(address(dashboard, MEANS, **{"chart.kind": "line", "chart.axes": "loglog", "chart.colour": "none"}))
    plot = "document.querySelector('[aria-label=Chart] .js-plotly-plot')"
    page.wait_for_function(f"() => {plot}?.data?.length === 1 && {plot}.layout.xaxis.type === 'log'")
    section = page.get_by_role("region", name="Chart", exact=True)
    section.get_by_role("combobox", name="colour").or_(section.get_by_label("colour")).first.click()
    page.get_by_role("option", name="activation", exact=True).click()
    page.wait_for_function(f"() => {plot}.data.length === 2")
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


# The chart and the files


def numbers_in(typed: dict[str, str]) -> list[float]:
    return list(np.frombuffer(base64.b64decode(typed["bdata"]), dtype=typed["dtype"]).tolist())


def test_the_chart_draws_every_row_of_the_result_and_exports_them(read: Reader) -> None:
    drawn = chart.draw(read, {"sql": MEANS})
    stored = read.store.runs("fluctuation").groupby(["activation", "width"]).variance.mean()
    assert [trace["name"] for trace in drawn.figure["data"]] == ["relu", "tanh"]
    for trace in drawn.figure["data"]:
        assert numbers_in(trace["x"]) == stored[trace["name"]].index.tolist()
        assert numbers_in(trace["y"]) == pytest.approx(stored[trace["name"]].tolist(), rel=1e-14)
    assert list(drawn.numbers.columns) == ["width", "variance", "activation"]
    assert len(drawn.numbers) == 12
    assert drawn.sql == MEANS


def test_rows_without_a_number_are_left_out_and_counted(read: Reader) -> None:
    sql = "WITH a (x, y) AS (VALUES (1, 2.0), (2, NULL), (NULL, 3), (0, 4)) SELECT * FROM a"
    drawn = chart.draw(read, {"sql": sql, "kind": "line"})
    assert numbers_in(drawn.figure["data"][0]["x"]) == [0, 1]
    assert drawn.caption.endswith("2 rows. 2 rows without a number there are left out.")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1 AS one", "two columns"),
        ("SELECT 'a' AS a, 'b' AS b", "two columns"),
        ("SELECT a.y, b.y AS z FROM curve_point a, curve_point b", "group or limit"),
        ("DELETE FROM run", "only reads"),
    ],
)
def test_what_cannot_be_drawn_is_said(read: Reader, sql: str, said: str) -> None:
    with pytest.raises(NothingToDrawError, match=said):
        chart.draw(read, {"sql": sql})


def answer(columns: tuple[str, ...], *rows: tuple[Any, ...]) -> Answer:
    return Answer(columns=columns, rows=rows, ended=True, counted=len(rows), total=len(rows), seconds=0.0)


def test_csv_holds_each_value_exactly_formulas_included() -> None:
    values = (0.1, 1e-320, 9007199254740993, None, "=1+1", '"a",\nb', b"\x00\xff", "@x")
    (head, row) = csv.reader(io.StringIO(csv_text(answer(("a",) * 8, values))))
    assert head[:2] == ["a", "a (2)"]
    assert float(row[0]) == 0.1
    assert float(row[1]) == 1e-320
    assert row[2:] == ["9007199254740993", "", "=1+1", '"a",\nb', "00ff", "@x"]


def test_parquet_keeps_types_and_writes_mixed_columns_as_text() -> None:
    made = answer(("i", "f", "m", "n", "b"), (1, 0.5, 1, None, b"x"), (2**60, 2, "x", None, None))
    table = pq.read_table(io.BytesIO(parquet_bytes(made)))
    assert [str(field.type) for field in table.schema] == ["int64", "double", "string", "string", "binary"]
    assert table.to_pydict() == {
        "i": [1, 2**60],
        "f": [0.5, 2.0],
        "m": ["1", "x"],
        "n": [None, None],
        "b": [b"x", None],
    }
    assert pq.read_table(io.BytesIO(parquet_bytes(answer(("a",))))).num_rows == 0


def fetched(url: str) -> tuple[int, bytes, Any]:
    try:
        with urllib.request.urlopen(url, timeout=60) as found:
            return found.status, found.read(), found.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_the_whole_result_is_a_file_beyond_the_page(dashboard: str) -> None:
    query = urlencode({"sql": "SELECT run_id, step, y FROM curve_point ORDER BY run_id, curve, step"})
    status, body, headers = fetched(f"{dashboard}/export/sql.csv?{query}")
    assert status == 200
    assert headers["Content-Disposition"] == 'attachment; filename="result.csv"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(body.decode())))
    assert len(rows) == 12_883
    table = pq.read_table(io.BytesIO(fetched(f"{dashboard}/export/sql.parquet?{query}")[1]))
    assert table["y"].to_pylist() == [float(row[2]) for row in rows[1:]]


def test_a_file_that_would_be_too_long_is_refused_in_a_sentence(
    dashboard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "EXPORT", Question(sql="", rows=100))
    status, body, _ = fetched(f"{dashboard}/export/sql.csv?sql=SELECT+*+FROM+run")
    assert status == 413
    assert body.decode().count("\n") == 1
    assert fetched(f"{dashboard}/export/sql.csv?sql=DELETE+FROM+run")[0] == 400
    assert fetched(f"{dashboard}/export/sql.exe?sql=SELECT+1")[0] == 404


def test_a_result_is_asked_once_for_its_table_and_its_chart(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = read.answers.console.ask

    def noted(question: Question, ticket: str = "") -> Answer:
        asked.append(question.sql)
        return ask(question, ticket)

    monkeypatch.setattr(read.answers.console, "ask", noted)
    read.answers.page(MEANS, 0)
    chart.draw(read, {"sql": MEANS})
    assert asked == [MEANS]
    read.answers.page(MEANS, 0, anew=True)
    assert asked == [MEANS, MEANS]
