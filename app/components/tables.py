"""What stands under a table: its exports, and the SQL that gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from dash import dcc, html

from app.components.figures import export_address

if TYPE_CHECKING:
    from dash.development.base_component import Component


def export_links(view: str, query: Mapping[str, str], sql: str) -> list[Component]:
    line: list[Component] = [
        html.A(name, href=export_address(view, kind, query), download=True)
        for name, kind in (("CSV", "csv"), ("Parquet", "parquet"))
    ]
    if sql:
        console = dcc.Link("Open in the console", href="/sql?" + urlencode({"sql": sql}))
        line.append(html.Details([html.Summary("SQL"), html.Div([html.Pre(sql, tabIndex="0"), console])]))
    return [html.Div(line, className="exports")]
