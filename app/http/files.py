"""Answers that are files to save, and the sentence where there is none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    import pandas as pd

TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def attachment(numbers: pd.DataFrame, kind: str, name: str) -> Response:
    """The table as a file to save; CSV writes each number so that reading it gives the same bits."""
    if kind == "csv":
        body = numbers.to_csv(index=False).encode()
    else:
        buffer = io.BytesIO()
        numbers.to_parquet(buffer, index=False)
        body = buffer.getvalue()
    disposition = f'attachment; filename="{name}.{kind}"'
    return Response(body, mimetype=TYPES[kind], headers={"Content-Disposition": disposition})


def refusal(reason: str) -> Response:
    return Response(reason + "\n", status=404, mimetype="text/plain")
