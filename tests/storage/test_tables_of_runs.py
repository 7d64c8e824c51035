"""Tables of the runs that pass a filter: their SQL, types and counts, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from storage.queries import RunFilter, SortKey, found_counts, found_runs, run_table, run_table_sql
from tests.storage.filtered import filled, of_made, runs


@pytest.fixture(scope="module")
def connection(each_database: str) -> Iterator[Connection]:
    with filled(each_database) as opened:
        yield opened


@pytest.mark.parametrize(
    "asked", ["", "width >= 8 and risk < 1", "arm like '%\\%' or arm contains '100%'", "arm = 'it''s'"]
)
def test_the_sql_of_a_table_gives_the_table(connection: Connection, asked: str) -> None:
    columns = (
        "experiment",
        "cell",
        "status",
        "started_at",
        "param.width",
        "param.arm",
        "param.shuffled",
        "metric.risk",
    )
    runs, sort = RunFilter(where=asked), (SortKey("metric.risk", descending=True),)
    table = run_table(connection, runs, columns, sort)
    sql = run_table_sql(connection, runs, columns, sort)
    rows = connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).all()
    assert [row[0] for row in rows] == table["run"].tolist() == found_runs(connection, runs, sort).tolist()
    assert [row[-1] for row in rows] == [None if risk != risk else risk for risk in table["risk"].tolist()]


def test_a_table_has_the_types_that_analysts_expect(connection: Connection) -> None:
    table = run_table(
        connection,
        RunFilter(experiment="made", where="revision = 1 and status = ok"),
        ("seed", "param.width", "param.rate", "param.arm", "param.shuffled", "metric.risk", "metric.time", "no such"),
        (SortKey("run"),),
    )
    assert list(table.columns) == ["run", "seed", "width", "rate", "arm", "shuffled", "risk", "time"]
    assert [table[name].dtype.kind for name in ("seed", "width", "rate", "shuffled", "risk")] == [
        "i",
        "i",
        "f",
        "b",
        "f",
    ]
    expected = [run for run in runs() if of_made(run) and run.status == "ok"]
    assert table["width"].tolist() == [run.params["width"] for run in expected]
    assert table["shuffled"].tolist() == [run.params["shuffled"] for run in expected]
    assert table["arm"].tolist() == [run.params["arm"] for run in expected]
    assert table["risk"].tolist() == [run.metrics["risk"] for run in expected]
    assert table["time"].isna().tolist() == ["time" not in run.metrics for run in expected]


def test_counts_are_those_of_the_runs_that_pass(connection: Connection) -> None:
    counted = found_counts(connection, RunFilter(where="seed >= 3"))
    expected = [run for run in runs() if run.seed >= 3]
    assert counted.runs == len(expected)
    assert counted.failed == 1
    assert counted.seeds == len({run.seed for run in expected})
    assert counted.cells == len({(run.experiment, run.revision, repr(run.params)) for run in expected})
