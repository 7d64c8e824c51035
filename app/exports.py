"""What a view draws, as files: the numbers of its figure as CSV and Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Response, request

from app.views import Draw, NothingToDrawError, drawn
from storage.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd
    from flask import Flask

    from app.reader import Reader

TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def add_exports(server: Flask, read: Reader, draws: Mapping[str, Draw]) -> None:
    """Serve /export/VIEW.csv and /export/VIEW.parquet, with the view's query as the URL's."""

    def export(view: str, kind: str) -> Response:
        if view not in draws or kind not in TYPES:
            return refusal(f"There is no export {view}.{kind}.")
        try:
            numbers = drawn(read, draws[view], request.args.to_dict()).numbers
        except (NothingToDrawError, StoreError) as error:
            return refusal(str(error))
        return attachment(numbers, kind, view)

    server.add_url_rule("/export/<view>.<kind>", "export", export)


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
