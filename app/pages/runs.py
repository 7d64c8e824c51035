"""The table of runs, a page of rows at a time from the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html

from app.pages import Page
from app.reader import Reader
from app.wording import count, exact, params_text, value_text
from storage.queries import RunFilter, RunRow, SortKey, batches, experiments, found_runs, rows_of
from storage.records import ExperimentRecord, MetricInfo, ParamInfo
from storage.wording import duration, number

if TYPE_CHECKING:
    from dash.development.base_component import Component

ROWS = 100
THEME = """themeQuartz.withParams({
  backgroundColor: 'var(--paper)', foregroundColor: 'var(--ink)', accentColor: 'var(--accent)',
  borderColor: 'var(--rule)', headerBackgroundColor: 'var(--paper)', headerTextColor: 'var(--muted)',
  chromeBackgroundColor: 'var(--paper)', rowHoverColor: 'var(--shade)', oddRowBackgroundColor: 'var(--paper)',
  fontFamily: 'var(--sans)', fontSize: 13, headerFontSize: 12, headerFontWeight: 500, spacing: 5,
  wrapperBorder: false, wrapperBorderRadius: 0, columnBorder: false, cellHorizontalPadding: 10
})"""


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    described = {each.name: each for each in read(experiments)}
    runs = filter_of(query, described)
    experiment = described.get(runs.experiment or "")
    total = len(read(found_runs, runs))
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Runs"),
                    html.P(count(total, "run"), className="quiet", id="runs-count"),
                ],
                className="page-head",
            ),
            html.Div(
                [
                    _filter("experiment", runs.experiment, [(name, described[name].title) for name in described]),
                    _filter("status", runs.status, [("ok", "ok"), ("failed", "failed")]),
                    _filter(
                        "batch", str(runs.batch or ""), [(str(each.id), f"#{each.id}") for each in read.now(batches)]
                    ),
                ],
                className="controls",
            ),
            dcc.Store(id="runs-filter", data=dict(query)),
            dag.AgGrid(
                id="runs-grid",
                columnDefs=columns(experiment),
                rowModelType="infinite",
                getRowId="params.data.id",
                defaultColDef={"resizable": True, "sortable": True, "suppressHeaderMenuButton": True},
                dashGridOptions={
                    "theme": {"function": THEME},
                    "cacheBlockSize": ROWS,
                    "maxBlocksInCache": 20,
                    "suppressFieldDotNotation": True,
                    "suppressCellFocus": False,
                    "ensureDomOrder": True,
                    "localeText": {"noRowsToShow": "No run passes the filter."},
                },
                style={"height": "calc(100vh - 15rem)", "minHeight": "20rem", "width": "100%"},
            ),
        ]
    )


def filter_of(query: Mapping[str, str], described: Mapping[str, ExperimentRecord]) -> RunFilter:
    """What the URL asks for; what there is not is left out."""
    experiment, status, batch = query.get("experiment"), query.get("status"), query.get("batch", "")
    return RunFilter(
        experiment=experiment if experiment in described else None,
        status=status if status in ("ok", "failed") else None,
        batch=int(batch) if batch.isdecimal() and len(batch) < 10 else None,
    )


def _filter(name: str, value: str | None, options: list[tuple[str, str]]) -> Component:
    return dmc.Select(
        id=f"runs-{name}",
        label=name,
        data=[{"value": option, "label": text} for option, text in options],
        value=value or None,
        placeholder="all",
        clearable=True,
        searchable=len(options) > 12,
        size="xs",
        w=f"clamp(8rem, {max((len(text) for _, text in options), default=0) + 8}ch, 24rem)",
    )


def columns(experiment: ExperimentRecord | None) -> list[dict[str, Any]]:
    """Of all runs the cell in words; of one experiment a column for every parameter and metric."""
    right = {"type": "rightAligned"}
    known: dict[str, dict[str, Any]] = {
        "experiment": {"width": 190},
        "seed": {"width": 80, **right},
        "status": {"width": 100, "cellRenderer": "Status"},
        "seconds": {"headerName": "took", "width": 100, **right},
        "batch_id": {"headerName": "batch", "width": 80, **right},
        "started_at": {"headerName": "started (UTC)", "width": 170},
        "revision": {"width": 90, **right},
    }

    def column(name: str) -> dict[str, Any]:
        return {"field": name, "headerName": name, **known[name]}

    def measured(kind: str, info: ParamInfo | MetricInfo) -> dict[str, Any]:
        width = max(90, 34 + 7.2 * len(info.name))
        numeric = not isinstance(info, ParamInfo) or info.type in ("int", "float")
        shown = {"field": f"{kind}.{info.name}", "headerName": info.name, "headerTooltip": info.text, "width": width}
        return shown | (right if numeric else {})

    run = {"field": "id", "headerName": "run", "cellRenderer": "RunLink", "width": 90, **right}
    rest = [column(name) for name in ("seconds", "batch_id", "started_at", "revision")]
    if experiment is None:
        cell = {"field": "cell", "headerName": "cell", "sortable": False, "minWidth": 240, "flex": 1}
        return [run, column("experiment"), cell, column("seed"), column("status"), *rest]
    params = [measured("param", info) for info in experiment.params]
    metrics = [measured("metric", info) for info in experiment.metrics]
    return [run, *params, column("seed"), column("status"), *metrics, *rest]


def row(run: RunRow) -> dict[str, str]:
    """What the grid shows of a run, all of it text; the id also names the row."""
    return {
        "id": str(run.id),
        "experiment": run.experiment,
        "cell": params_text(run.params),
        "seed": str(run.seed),
        "status": run.status,
        "seconds": duration(run.seconds),
        "batch_id": str(run.batch_id),
        "started_at": exact(run.started_at).removesuffix(" UTC"),
        "revision": str(run.revision),
        **{f"param.{name}": value_text(value) for name, value in run.params.items()},
        **{f"metric.{name}": number(value) for name, value in run.metrics.items()},
    }


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("runs-grid", "getRowsResponse"), Input("runs-grid", "getRowsRequest"), State("runs-filter", "data")
    )
    def rows(request: dict[str, Any] | None, query: dict[str, str]) -> dict[str, Any] | None:
        if request is None:
            return None
        sort = tuple(SortKey(key["colId"], key["sort"] == "desc") for key in request.get("sortModel") or ())
        start = int(request["startRow"])
        runs = filter_of(query, {each.name: each for each in read(experiments)})
        ids = read(found_runs, runs, sort)
        found = read(rows_of, tuple(ids[start : int(request["endRow"])].tolist()))
        return {"rowData": [row(each) for each in found], "rowCount": len(ids)}

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("url", "search"),
        Input("runs-experiment", "value"),
        Input("runs-status", "value"),
        Input("runs-batch", "value"),
        prevent_initial_call=True,
    )
    def filtered(experiment: str | None, status: str | None, batch: str | None) -> str:
        kept = {"experiment": experiment, "status": status, "batch": batch}
        asked = urlencode({name: value for name, value in kept.items() if value})
        return f"?{asked}" if asked else ""


PAGE = Page(path="/runs", nav="Runs", order=20, layout=layout, register=register)
