"""A long table is sent as it is read: no more of it is held than a part."""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

from app import create_app
from app.http.files import attachment
from app.pages.runs import PAGE
from app.reader import Reader
from storage import open_store

ROWS, COLUMNS = 1000, 5
RUN_TABLE = sys.modules["storage.queries.run_table"]
WHOLE = {"columns": "experiment|seed|status|error|seconds|param.width|param.activation|metric.variance|started_at"}


@pytest.fixture
def client(filled: str) -> Iterator[FlaskClient]:
    store = open_store(filled)
    yield create_app(store).server.test_client()
    store.close()


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(RUN_TABLE, "PART", 10)
    return 10


def table_parts(parts: int) -> Iterator[pd.DataFrame]:
    rng = np.random.default_rng(0)
    for part in range(parts):
        yield pd.DataFrame(rng.standard_normal((ROWS, COLUMNS)), columns=list("abcde")).assign(part=part)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_eight_times_as_long_takes_no_more_memory(kind: str) -> None:
    list(attachment(table_parts(2), kind, "table").response)  # pyarrow is loaded
    sent, held = zip(*(memory(kind, parts) for parts in (10, 80)), strict=True)
    assert sent[1] > 7 * sent[0]  # random numbers do not shrink
    assert held[1] < 1.2 * held[0]


def memory(kind: str, parts: int) -> tuple[int, int]:
    """Bytes that are sent, and the most that Python and Arrow hold at a time while they are."""
    import pyarrow as pa

    sent = arrow = 0
    tracemalloc.start()
    for chunk in attachment(table_parts(parts), kind, "table").response:
        sent += len(chunk)
        arrow = max(arrow, pa.total_allocated_bytes())
    _, python = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return sent, python + arrow


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_in_parts_reads_as_it_was(kind: str) -> None:
    body = io.BytesIO(b"".join(attachment(table_parts(7), kind, "table").response))  # type: ignore[arg-type]  # bytes
    table = pd.read_csv(body) if kind == "csv" else pd.read_parquet(body)
    pd.testing.assert_frame_equal(table, pd.concat(table_parts(7), ignore_index=True), check_exact=True)


def test_runs_are_read_part_by_part_as_they_are_sent(
    client: FlaskClient, few_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    from storage.frames import framed

    def counted(rows: list[object], columns: list[str]) -> pd.DataFrame:
        read.append(len(rows))
        return framed(rows, columns)

    monkeypatch.setattr(RUN_TABLE, "framed", counted)
    chunks = client.get("/export/runs.csv", query_string=WHOLE, buffered=False).iter_encoded()
    assert next(chunks).count(b"\n") == few_at_once + 1
    assert read == [few_at_once]
    rest = b"".join(chunks)
    assert max(read) == few_at_once
    assert sum(read) == few_at_once + rest.count(b"\n") > 100


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_parts_together_are_the_table(client: FlaskClient, few_at_once: int, filled: str, kind: str) -> None:
    answer = client.get(f"/export/runs.{kind}", query_string=WHOLE)
    table = pd.read_csv(io.BytesIO(answer.data)) if kind == "csv" else pd.read_parquet(io.BytesIO(answer.data))
    with open_store(filled) as store:
        read = Reader(store)
        whole = PAGE.views["runs"](read, WHOLE).numbers
        parts = list(PAGE.streams["runs"](read, WHOLE))
    assert len(parts) == -(-len(whole) // few_at_once)
    assert len({tuple(map(str, part.dtypes)) for part in parts}) == 1
    if kind == "csv":
        whole = pd.read_csv(io.StringIO(whole.to_csv(index=False)))
    assert list(table.columns) == list(whole.columns)
    for name in whole.columns:
        same = (table[name] == whole[name]) | (table[name].isna() & whole[name].isna())
        assert same.fillna(False).all(), name


def test_no_run_is_a_table_without_rows_and_what_cannot_be_read_is_said(client: FlaskClient) -> None:
    none = client.get("/export/runs.csv", query_string={"where": "seed = 100000", "columns": "seed"})
    assert none.text == "run,seed\n"
    nothing = client.get("/export/runs.parquet", query_string={"where": "seed = 100000", "columns": "seed"})
    assert list(pd.read_parquet(io.BytesIO(nothing.data)).columns) == ["run", "seed"]
    wrong = client.get("/export/runs.csv", query_string={"where": "widht = 3"})
    assert wrong.status_code == 404
    assert "did you mean width" in wrong.text


def test_a_table_without_a_figure_has_no_report_that_would_hold_it_whole(client: FlaskClient) -> None:
    answer = client.get("/export/runs.html")
    assert answer.status_code == 404
    assert "export it as CSV or Parquet" in answer.text
