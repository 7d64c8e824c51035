"""The whole result of a query as a file: /export/sql.csv and /export/sql.parquet.

CSV holds each value exactly, for programs that read data; so text that begins with = + - or @ stays as it is, and a
spreadsheet that takes such text for a formula has to be told to import it as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Response, request

from app.answers import EXPORT
from app.console.chart import unique
from app.http.files import TYPES, refusal
from storage.console.question import MEBIBYTE, Answer, Cell, QueryError
from storage.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa
    from flask import Flask

    from app.reader import Reader


def add_files(server: Flask, read: Reader) -> None:
    """Serve the result of ?sql= whole, or a sentence that says why not."""

    def whole(kind: str) -> Response:
        if kind not in TYPES:
            return refusal(f"There is no export sql.{kind}.")
        try:
            answer = read.answers.export(request.args.get("sql", ""))
        except (QueryError, StoreError) as error:
            return said(str(error), 400)
        if not answer.ended:
            return said(
                f"The result has more than {EXPORT.rows:,} rows or {EXPORT.size // MEBIBYTE} MB, which is more than "
                f"one file takes here: ask for less, or read the store itself (storage.open_store, or psql).",
                413,
            )
        body = csv_text(answer).encode() if kind == "csv" else parquet_bytes(answer)
        return Response(
            body, mimetype=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="result.{kind}"'}
        )

    server.add_url_rule("/export/sql.<kind>", "sql-file", whole)


def said(sentence: str, status: int) -> Response:
    return Response(sentence + "\n", status=status, mimetype="text/plain")


def csv_text(answer: Answer) -> str:
    """Every value so that reading it gives the same bits; NULL is empty, bytes are hexadecimal."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(unique(answer.columns))
    writer.writerows([_written(value) for value in row] for row in answer.rows)
    return text.getvalue()


def _written(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    return repr(value) if isinstance(value, float) else str(value)


def parquet_bytes(answer: Answer) -> bytes:
    """Each column of one type; where a column mixes types, which SQLite allows, all its values as text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = list(zip(*answer.rows, strict=True)) or [()] * len(answer.columns)
    table = pa.table([column(each) for each in values], names=unique(answer.columns))
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def column(values: Sequence[Cell]) -> pa.Array:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        exact = all(not isinstance(value, int) or int(float(value)) == value for value in values)
        kinds = {float} if exact else kinds
    if len(kinds) > 1:
        return pa.array([None if value is None else _written(value) for value in values], type=pa.string())
    kind = next(iter(kinds), str)
    names = {bool: pa.bool_(), int: pa.int64(), str: pa.string(), bytes: pa.binary()}
    if kind is float:
        return pa.array([None if value is None else float(value) for value in values], type=pa.float64())
    return pa.array(values, type=names[kind])
