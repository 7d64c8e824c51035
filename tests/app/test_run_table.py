"""The table of runs: its columns and rows, the filter of a cell, and its export, which is the table as it stands."""

from __future__ import annotations

import io
import urllib.request
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import expect

from app.components.run_table import (
    cell_query,
    column_definitions,
    offered_columns,
    row,
    shown_columns,
    sort_of,
    usual_columns,
)
from app.pages.runs import PAGE
from app.reader import Reader
from app.views import NothingToDrawError
from storage.queries import RunFilter, experiments, found_runs, rows_of
from tests.app.conftest import Opener
from tests.app.laboratory import FLUCTUATION, HOSTILE, SEEDS, fluctuation_runs, hostile_runs
from tests.app.test_runs_page import rows_there

DESCRIBED = {each.name: each for each in (FLUCTUATION, HOSTILE)}


def exported(dashboard: str, query: dict[str, str], kind: str = "csv") -> pd.DataFrame:
    with urllib.request.urlopen(f"{dashboard}/export/runs.{kind}?{urlencode(query)}") as answer:
        body = io.BytesIO(answer.read())
    return pd.read_csv(body) if kind == "csv" else pd.read_parquet(body)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_export_is_the_table_as_it_stands(dashboard: str, read: Reader, kind: str) -> None:
    query = {
        "experiment": "fluctuation",
        "where": "width in (8, 64) and not seed = 3",
        "columns": "param.activation|metric.variance",
        "sort": "-metric.variance",
    }
    table = exported(dashboard, query, kind)
    assert list(table.columns) == ["run", "width", "activation", "seed", "variance"]
    ids = read(found_runs, RunFilter(experiment="fluctuation", where=query["where"]), sort_of(query["sort"]))
    assert table["run"].tolist() == ids.tolist()
    made = {k + 1: run for k, run in enumerate(fluctuation_runs())}
    assert table["variance"].tolist() == [made[run_id].metrics["variance"] for run_id in ids.tolist()]
    rows = read.store.frame(PAGE.views["runs"](read, query).sql)
    assert rows["variance"].tolist() == table["variance"].tolist()
    assert rows["run"].tolist() == table["run"].tolist()


def test_an_export_of_a_filter_that_cannot_be_read_says_why(read: Reader) -> None:
    with pytest.raises(NothingToDrawError, match="did you mean width"):
        PAGE.views["runs"](read, {"where": "widht = 3"})


def test_the_links_under_the_table_export_what_it_shows(dashboard: str, opened: Opener) -> None:
    page = rows_there(opened(dashboard + "/runs?" + urlencode({"where": "width = 8", "sort": "-metric.variance"})))
    link = page.locator("#runs-foot a", has_text="CSV").get_attribute("href")
    assert link is not None
    with urllib.request.urlopen(dashboard + link) as answer:
        table = pd.read_csv(io.BytesIO(answer.read()))
    assert len(table) == 24
    assert table["variance"].is_monotonic_decreasing
    page.locator("#runs-foot summary").click()
    expect(page.locator("#runs-foot pre")).to_contain_text("SELECT run.id AS run")
    address = page.get_by_role("link", name="Open in the console").get_attribute("href") or ""
    assert address.startswith("/sql?sql=SELECT+run.id")


def test_columns_are_those_that_the_experiment_has() -> None:
    assert list(offered_columns(DESCRIBED, "fluctuation"))[:6] == [
        "param.width", "param.activation", "seed", "status", "metric.variance", "metric.margin",
    ]  # fmt: skip
    everywhere = offered_columns(DESCRIBED, None)
    assert {"param.width", "param.arm", "metric.value", "cell", "experiment"} <= set(everywhere)
    assert shown_columns(None, (), DESCRIBED, None) == usual_columns(DESCRIBED, None)
    assert shown_columns("seed|nonsense", ("width",), DESCRIBED, None) == ["seed", "param.width"]
    heads = column_definitions(["seed", "metric.value"], sort_of("-metric.value|seed"), DESCRIBED, None)
    assert [(head["field"], head.get("sort"), head.get("sortIndex")) for head in heads] == [
        ("id", None, None),
        ("seed", "asc", 1),
        ("metric.value", "desc", 0),
    ]


def test_the_filter_of_a_cell_finds_its_runs_and_no_others(read: Reader) -> None:
    runs = read(rows_of, tuple(range(1, 149)))
    assert len(runs) == len(fluctuation_runs()) + len(hostile_runs())
    for query, experiment, params in {
        (cell_query(run.experiment, run.params), run.experiment, str(run.params)) for run in runs
    }:
        passing = read(rows_of, tuple(read(found_runs, RunFilter(where=query)).tolist()))
        assert {(run.experiment, str(run.params)) for run in passing} == {(experiment, params)}
        assert len(passing) == (SEEDS if experiment == "fluctuation" else 2)


def test_a_row_says_every_parameter_and_metric(read: Reader) -> None:
    (run,) = read(rows_of, (1,))
    told = row(run)
    assert told["id"] == "1"
    assert told["param.width"] == "8"
    assert told["cell"] == "width 8, activation relu"
    assert {f"metric.{info.name}" for info in FLUCTUATION.metrics} <= set(told)
    assert all(isinstance(text, str) for text in told.values())
    assert set(offered_columns({each.name: each for each in read(experiments)}, "fluctuation")) <= set(told)
