"""The result of a query as a chart and as a file: every row and every bit of it, or a sentence that says why not."""

from __future__ import annotations

import base64
import csv
import io
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyarrow.parquet as pq
import pytest

from app import answers
from app.console import chart
from app.console.files import csv_text, parquet_bytes
from app.reader import Reader
from app.views import NothingToDrawError
from storage.console.question import Answer, Question

MEANS = "SELECT width, activation, avg(variance) AS variance FROM runs_fluctuation GROUP BY 1, 2 ORDER BY 1, 2"
LONG = "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT max(x) FROM a"


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
        with urllib.request.urlopen(url, timeout=300) as found:
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
