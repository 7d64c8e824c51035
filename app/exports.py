"""What the pages show, as files: the numbers of a figure as CSV and Parquet, a view or the lab as a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import Response, request

from app.http.files import TYPES, attachment, refusal
from app.report.lab import lab_report, view_report
from app.views import Draw, NothingToDrawError, Stream, drawn
from storage.errors import StoreError

if TYPE_CHECKING:
    from flask import Flask

    from app.reader import Reader

HTML = "text/html; charset=utf-8"


def add_exports(server: Flask, read: Reader, draws: Mapping[str, Draw], streams: Mapping[str, Stream]) -> None:
    """Serve /export/VIEW.csv, VIEW.parquet and VIEW.html, with the view's query as the URL's, and /report.html.

    A view of `streams` is sent as it is read, and has no report, which would hold it whole.
    """

    def export(view: str, kind: str) -> Response:
        if view not in draws or kind not in TYPES:
            return refusal(f"There is no export {view}.{kind}.")
        try:
            query = request.args.to_dict()
            parts = streams[view](read, query) if view in streams else iter([drawn(read, draws[view], query).numbers])
            return attachment(parts, kind, view)
        except (NothingToDrawError, StoreError) as error:
            return refusal(str(error))

    def view(view: str) -> Response:
        if view not in draws:
            return refusal(f"There is no export {view}.html.")
        if view in streams:
            return refusal(f"{view} is a table without a figure, of any length: export it as CSV or Parquet.")
        return reported(view, lambda: view_report(read, draws[view], view, request.args.to_dict()))

    def lab() -> Response:
        only = request.args.getlist("only")
        return reported("-".join(only[:3]) or "lab", lambda: lab_report(read, draws, only))

    server.add_url_rule("/export/<view>.<kind>", "export", export)
    server.add_url_rule("/export/<view>.html", "view-report", view)
    server.add_url_rule("/report.html", "report", lab)


def reported(name: str, made: Callable[[], str]) -> Response:
    """A report as a file to save; its own policy, not the pages', says what it may do."""
    try:
        body = made()
    except (NothingToDrawError, StoreError) as error:
        return refusal(str(error))
    return Response(body, mimetype=HTML, headers={"Content-Disposition": f'attachment; filename="{name}.html"'})
