"""Reading for the dashboard means the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, create_engine, text

from storage import open_store, queries
from storage.address import store_url
from storage.queries import RunFilter, SortKey
from storage.store import open_writer
from tests.app.laboratory import BATCH, FLUCTUATION, HOSTILE, SEEDS, fill, fluctuation_runs, hostile_runs


@pytest.fixture(scope="module")
def url(each_database: str) -> str:
    fill(each_database)
    return each_database


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    store = open_store(url)
    with store.connection() as opened:
        yield opened
    store.close()


def test_experiments_come_back_as_they_were_described(connection: Connection) -> None:
    assert queries.experiments(connection) == (FLUCTUATION, HOSTILE)


def test_the_verdict_of_the_larger_profile_comes_first(connection: Connection) -> None:
    slope = [verdict for verdict in queries.verdicts(connection, "fluctuation") if verdict.claim == "slope"]
    assert [(verdict.profile, verdict.status) for verdict in slope] == [
        ("standard", "supported"),
        ("quick", "undecided"),
    ]
    points = queries.evidence(connection, [verdict.id for verdict in slope])
    assert [len(points[verdict.id]) for verdict in slope] == [56, 0]


def test_runs_are_counted(connection: Connection) -> None:
    counted = queries.run_count(connection, "fluctuation")
    assert (counted.ok, counted.failed, counted.cells, counted.seeds) == (143, 1, 12, SEEDS)


def test_metric_values_are_those_of_the_runs(connection: Connection) -> None:
    stored = queries.metric_values(connection, "fluctuation", "margin").to_numpy()
    assert stored.tolist() == [run.metrics["margin"] for run in fluctuation_runs() if run.metrics]


@pytest.mark.parametrize("fixed", [(("width", 16),), (("width", 16), ("activation", "tanh"))])
def test_curves_are_those_of_the_runs_with_the_fixed_values(
    connection: Connection, fixed: tuple[tuple[str, int | str], ...]
) -> None:
    found = queries.curves(connection, "fluctuation", "loss", fixed)
    expected = [run for run in fluctuation_runs() if dict(fixed).items() <= dict(run.params).items()]
    assert len(found) == len(expected)
    for (x, y), run in zip(found.values(), expected, strict=True):
        assert (x == run.curves[0].x).all()
        assert (y == run.curves[0].y).all()


def test_fields_come_back_as_they_were(connection: Connection) -> None:
    kept = queries.fields_kept(connection, "fluctuation")
    assert set(kept["kind"]) == {"surface", "points", "arrows", "polygons", "histogram", "network"}
    (boundary,) = queries.fields_of_run(connection, int(kept["run_id"].iloc[0]), "boundary")
    assert (boundary.arrays["z"] == fluctuation_runs()[0].fields[0].arrays["z"]).all()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["param.width", "param.activation", "metric.variance", "seed", "seconds"])
def test_pages_of_runs_put_together_are_all_of_them_in_order(
    connection: Connection, column: str, descending: bool
) -> None:
    runs = RunFilter(experiment="fluctuation")
    ids = queries.found_runs(connection, runs, (SortKey(column, descending),)).tolist()
    found = [row for start in range(0, 144, 50) for row in queries.rows_of(connection, ids[start : start + 50])]
    assert len({row.id for row in found}) == len(ids) == 144
    kind, _, name = column.partition(".")
    keys: list[Any] = [
        row.params[name] if kind == "param" else row.metrics.get(name) if kind == "metric" else getattr(row, column)
        for row in found
    ]
    assert all(key is not None for key in keys[:-1])
    ordered = [key for key in keys if key is not None]
    assert all(a >= b if descending else a <= b for a, b in pairwise(ordered))


def test_runs_are_filtered(connection: Connection) -> None:
    ids = queries.found_runs(connection, RunFilter(status="failed", batch=1)).tolist()
    (failed,) = queries.rows_of(connection, ids)
    assert (failed.params["width"], failed.status) == (256, "failed")
    assert len(queries.found_runs(connection, RunFilter(experiment="hostile"))) == len(hostile_runs())
    assert queries.found_runs(connection, RunFilter(batch=99)).tolist() == []


def test_an_unknown_sort_column_is_no_sql(connection: Connection) -> None:
    ids = queries.found_runs(connection, RunFilter(), (SortKey("id; DROP TABLE run"), SortKey("metric.'x'")))
    assert ids.tolist() == sorted(ids.tolist(), reverse=True)


def test_a_run_is_found_by_id_and_by_key(connection: Connection) -> None:
    first = queries.run(connection, "1")
    assert first is not None
    assert queries.run(connection, first.key) == first
    assert first.metrics == dict(fluctuation_runs()[0].metrics)
    (loss, _spectrum) = queries.curves_of_run(connection, 1)
    assert (loss.y == fluctuation_runs()[0].curves[0].y).all()
    for name in ("0", "99999", "9" * 30, "no such key", "²"):
        assert queries.run(connection, name) is None


def test_a_batch_without_a_heartbeat_for_30_seconds_is_interrupted(fresh_store: str) -> None:
    writer = open_writer(fresh_store)
    for _ in range(3):
        writer.start_batch(BATCH)
    writer.close()
    engine = create_engine(store_url(fresh_store))
    with engine.begin() as connection:  # batch 2 was killed 31 s ago; batch 3 lived 25 s ago
        for batch, seconds in ((2, 31), (3, 25)):
            age = {
                "sqlite": f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-{seconds} seconds')",
                "postgresql": f"now() - interval '{seconds} seconds'",
            }[engine.dialect.name]
            connection.execute(text(f"UPDATE batch SET heartbeat_at = {age} WHERE id = {batch}"))
    engine.dispose()
    store = open_store(fresh_store)
    with store.connection() as connection:
        assert [(batch.id, batch.state) for batch in queries.batches(connection)] == [
            (3, "running"),
            (2, "interrupted"),
            (1, "running"),
        ]
        one = queries.batch(connection, 2)
        assert one is not None
        assert one.packages == BATCH.packages
        assert queries.batch(connection, 9) is None
    store.close()


def test_a_missing_store_reads_as_empty(tmp_path: object) -> None:
    with open_store(f"{tmp_path}/nothing.db").connection() as connection:
        assert queries.experiments(connection) == ()
        assert queries.batches(connection) == ()
        assert queries.verdicts(connection) == ()
        assert queries.run_count(connection, "fluctuation") == queries.RunCount()
        assert queries.found_runs(connection, RunFilter()).tolist() == []
        assert queries.found_counts(connection, RunFilter()) == queries.Found(runs=0, failed=0, seeds=0, cells=0)
        assert np.size(queries.metric_values(connection, "x", "y")) == 0
