"""A figure on a page: in the colours of the theme, over its caption, its numbers, their SQL and the exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dash import dcc, html

from app.components.facts import table
from app.figures.look import TRANSPARENT
from app.text.wording import value_text
from app.views import Drawn, Shown
from storage.wording import number, with_interval

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": "hover",
    "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d"]],
    "scrollZoom": False,
}
_WAITING = {
    "data": [],
    "layout": {
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
    },
}
MOST_ROWS = 60
"""Rows of the table under a figure; the export has all."""


def figure_source(panel: object) -> dict[str, Any]:
    """The id whose `data` is the figure of this panel."""
    return {"type": "figure-source", "panel": panel}


def figure_foot(panel: object) -> dict[str, Any]:
    """The id whose `children` are what stands under the figure of this panel."""
    return {"type": "figure-foot", "panel": panel}


def figure_query(panel: object) -> dict[str, Any]:
    """The id whose `data` is the view of this panel and the fixed part of its query."""
    return {"type": "figure-query", "panel": panel}


def figure_view(shown: Shown, *, height: int = 280, label: str = "") -> Component:
    """`label` is what a screen reader says, else the caption; a height that the figure says goes before `height`."""
    return html.Figure(
        [
            dcc.Store(id=figure_source(shown.panel), data=shown.drawn.figure),
            dcc.Store(
                id=figure_query(shown.panel),
                data={"view": shown.view, "fixed": dict(shown.fixed), "follows": shown.follows},
            ),
            html.Div(
                dcc.Graph(
                    id={"type": "figure", "panel": shown.panel},
                    figure=_WAITING,
                    config=CONFIG,
                    responsive=True,
                    style={"height": f"{shown.drawn.height or height}px"},
                ),
                role="group",
                **{"aria-label": label or shown.drawn.caption or shown.view},
            ),
            html.Figcaption(foot(shown.view, shown.drawn, shown.query), id=figure_foot(shown.panel)),
        ],
        className="figure",
    )


def foot(view: str, drawn: Drawn, query: Mapping[str, str]) -> list[Component]:
    """The caption; then one line: the links that export numbers and picture, their SQL and table to be opened."""
    under: list[Component] = []
    if drawn.caption:
        under.append(html.P(drawn.caption, className="caption"))
    if not drawn.figure["data"] and not len(drawn.numbers.columns):
        return under  # nothing is drawn, and the caption says why
    line: list[Component] = [
        html.A(name, href=export_address(view, kind, query), download=True)
        for name, kind in (("CSV", "csv"), ("Parquet", "parquet"), ("Report", "html"))
    ]
    line.append(html.Button("SVG", type="button", className="save-svg", title="Save the picture as SVG"))
    if drawn.sql:
        console = dcc.Link("Open in the console", href="/sql?" + urlencode({"sql": drawn.sql}))
        line.append(html.Details([html.Summary("SQL"), html.Div([html.Pre(drawn.sql, tabIndex="0"), console])]))
    told = drawn.numbers if drawn.told is None else drawn.told
    if 0 < len(told) <= MOST_ROWS:
        line.append(html.Details([html.Summary("Numbers"), numbers_table(told, drawn.interval)]))
    return [*under, html.Div(line, className="exports")]


def export_address(view: str, kind: str, query: Mapping[str, str]) -> str:
    """Where the numbers of the view are, as `csv` or `parquet`, or its report as `html`."""
    return f"/export/{view}.{kind}?{urlencode(sorted(query.items()))}"


def numbers_table(numbers: pd.DataFrame, interval: str) -> Component:
    """The numbers as people read them: a value with columns low and high beside it is written with its interval."""
    with_ends = {"low", "high"} <= set(numbers.columns)
    value = (
        next((name for name in ("mean", "median", "iqm", "value", "y") if name in numbers.columns), None)
        if with_ends
        else None
    )
    columns = [name for name in numbers.columns if value is None or name not in ("low", "high")]
    rows = []
    for record in numbers.to_dict("records"):
        row = {str(name): _cell(entry) for name, entry in record.items()}
        if value is not None and record[value] == record[value]:
            low, high = (None if end is None or end != end else end for end in (record["low"], record["high"]))
            row[value] = with_interval(record[value], low, high)
        rows.append([row[name] for name in columns])
    numeric = [k for k, name in enumerate(columns) if numbers[name].dtype.kind in "iuf"]
    head = [f"{name} [{interval}]" if name == value else str(name) for name in columns]
    return table(head, rows, numeric=numeric, label="Numbers in the figure")


def _cell(value: object) -> str:
    from pandas import isna

    if isna(value):  # type: ignore[call-overload]  # one cell, whatever its type
        return ""
    return number(value) if isinstance(value, float) else value_text(value)
