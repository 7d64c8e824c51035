"""The table of runs: filtered, sorted and counted by the store, a page of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from app.components.choices import SEVERAL, Offer, controls, settled
from app.components.kept import every, keep
from app.components.run_choice import chosen_runs
from app.components.run_filter import column_chooser, filter_box
from app.components.run_grid import run_grid
from app.components.run_table import (
    Described,
    column_definitions,
    filter_of,
    row,
    shown_columns,
    sort_of,
)
from app.components.tables import export_links
from app.pages import Page
from app.reader import Reader
from app.text.wording import count
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import (
    LanguageError,
    RunFilter,
    SortKey,
    batches,
    experiments,
    found_counts,
    found_runs,
    names_asked,
    rows_of,
    run_table,
    run_table_parts,
    run_table_sql,
    total_runs,
)

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component


def layout(read: Reader, query: Query) -> Component:
    described = described_by(read)
    asked = settled(_offers(read, described), query)
    fixed = {name: value for name, value in asked.items() if value != "all"}
    runs = filter_of({**fixed, "where": query.get("where", "")}, described)
    problem = problem_of(read, runs)
    applied = {**fixed, "where": "" if problem else runs.where}
    columns = shown_columns(query.get("columns"), (), described, runs.experiment)
    sort = query.get("sort", "")
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Runs"),
                    html.P(_counted(read, filter_of(applied, described), problem), className="quiet", id="runs-count"),
                ],
                className="page-head",
            ),
            filter_box(runs.where, problem),
            html.Div(
                [
                    controls("", _offers(read, described), asked),
                    column_chooser(columns, described, runs.experiment),
                ],
                className="runs-controls",
            ),
            dcc.Store(id="runs-fixed", data=fixed),
            dcc.Store(id="runs-asked", data=applied),
            dcc.Store(id="runs-sort", data=sort),
            html.Div(chosen_runs(()), id="runs-chosen", className="runs-chosen", **{"aria-live": "polite"}),
            run_grid(_definitions(read, columns, applied, sort)),
            html.Div(_foot(read, columns, applied, sort), id="runs-foot", className="runs-foot"),
        ]
    )


def described_by(read: Reader) -> Described:
    return {each.name: each for each in read(experiments)}


def _offers(read: Reader, described: Described) -> list[Offer]:
    some = [(str(each.id), f"#{each.id}") for each in read.now(batches)]
    return [
        Offer(
            key="experiment",
            label="experiment",
            options=[("all", "all"), *((name, described[name].title) for name in described)],
            default="all",
            turns=True,
        ),
        Offer(
            key="status",
            label="status",
            options=[(word, word) for word in ("all", "ok", "failed")],
            default="all",
            turns=True,
        ),
        Offer(key="batch", label="batch", options=[("all", "all"), *some], default="all", turns=True),
    ]


def problem_of(read: Reader, runs: RunFilter) -> str:
    """What is wrong with the filter, in one sentence; "" where it can be answered."""
    try:
        read(found_counts, runs)
    except LanguageError as error:
        return str(error)
    return ""


def _counted(read: Reader, runs: RunFilter, problem: str) -> str:
    """1,234 of 16,220 runs, 20 seeds, 61 cells, 3 failed; of the last filter without a problem."""
    found, total = read(found_counts, runs), read(total_runs)
    told = count(total, "run") if found.runs == total else f"{found.runs:,} of {count(total, 'run')}"
    parts = [told, count(found.seeds, "seed"), count(found.cells, "cell")]
    if found.failed:
        parts.append(f"{found.failed:,} failed")
    return ", ".join(parts) + ("; the filter as it stands is not applied" if problem else "")


def _definitions(read: Reader, columns: Sequence[str], applied: Query, sort: str) -> list[dict[str, Any]]:
    """Of the chosen columns, and of those that the filter and the order name."""
    runs, shown, order = _table(read, {**applied, "columns": SEVERAL.join(columns), "sort": sort})
    return column_definitions(shown, order, described_by(read), runs.experiment)


def _table(read: Reader, query: Query) -> tuple[RunFilter, tuple[str, ...], tuple[SortKey, ...]]:
    """Runs, columns and order that a query asks for. Raises LanguageError."""
    described = described_by(read)
    runs, order = filter_of(query, described), sort_of(query.get("sort", ""))
    named = [*names_asked(runs.where), *(key.column for key in order)]
    return runs, tuple(shown_columns(query.get("columns"), named, described, runs.experiment)), order


def _foot(read: Reader, columns: Sequence[str], applied: Query, sort: str) -> list[Component]:
    query = {**applied, "columns": SEVERAL.join(columns), "sort": sort}
    written = {name: value for name, value in query.items() if value}
    return export_links("runs", written, read(run_table_sql, *_table(read, query)))


def draw(read: Reader, query: Query) -> Drawn:
    """The view `runs`: experiment, status, batch, where, columns and sort as in the URL; a table without a figure."""
    try:
        asked = _table(read, query)
        numbers = read.now(run_table, *asked)
    except LanguageError as error:
        raise NothingToDrawError(str(error)) from None
    return Drawn(figure={"data": [], "layout": {}}, table=numbers, sql=read(run_table_sql, *asked))


def stream(read: Reader, query: Query) -> Iterator[pd.DataFrame]:
    """The numbers of the view `runs`, as the store gives them."""
    try:
        asked = _table(read, query)
        with read.store.connection() as connection:
            yield from run_table_parts(connection, *asked)
    except LanguageError as error:
        raise NothingToDrawError(str(error)) from None


def register(app: Dash, read: Reader) -> None:
    keep(app, "runs")
    where, columns = every("runs"), every("runs-columns")

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("runs-grid", "getRowsResponse"), Input("runs-grid", "getRowsRequest"), State("runs-asked", "data")
    )
    def rows(request: dict[str, Any] | None, applied: dict[str, str]) -> Any:
        if request is None:
            return no_update
        sort = sort_of(SEVERAL.join(_said(key) for key in request.get("sortModel") or ()))
        ids = read(found_runs, filter_of(applied, described_by(read)), sort)
        wanted = ids[int(request["startRow"]) : int(request["endRow"])].tolist()
        return {"rowData": [row(each) for each in read(rows_of, tuple(wanted))], "rowCount": len(ids)}

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output(where, "error"),
        Output("runs-asked", "data"),
        Output("runs-count", "children"),
        Output("runs-grid", "columnDefs"),
        Output("runs-foot", "children"),
        Input(where, "value"),
        Input(columns, "value"),
        Input("runs-sort", "data"),
        State("runs-fixed", "data"),
        State("runs-asked", "data"),
        prevent_initial_call=True,
    )
    def asked(
        wheres: list[str], chosen: list[list[str]], sort: str, fixed: dict[str, str], before: dict[str, str]
    ) -> Any:
        """A filter that cannot be answered is said to be so at its box, and the table stays as it is."""
        described = described_by(read)
        wanted = {**fixed, "where": (wheres[0] or "").strip()}
        runs = filter_of(wanted, described)
        problem = problem_of(read, runs)
        applied = before if problem else wanted
        sorted_only = ctx.triggered_id == "runs-sort"
        return (
            [problem],
            no_update if applied == before else applied,
            _counted(read, filter_of(applied, described), problem),
            no_update if sorted_only else _definitions(read, chosen[0], applied, sort),
            _foot(read, chosen[0], applied, sort),
        )

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("runs-chosen", "children"), Input("runs-grid", "selectedRows"), prevent_initial_call=True
    )
    def selected(chosen: list[dict[str, str]] | None) -> Any:
        return chosen_runs(read(rows_of, tuple(sorted(int(each["id"]) for each in chosen or ()))))

    app.clientside_callback(
        ClientsideFunction("runs", "columns"),
        Input(columns, "value"),
        State(columns, "id"),
        State("runs-offered", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("runs", "cleared"),
        Output("runs-grid", "deselectAll"),
        Input("runs-clear", "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("runs", "sorted"),
        Output("runs-sort", "data"),
        Input("runs-grid", "getRowsRequest"),
        State("runs-sort", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("runs", "asked_anew"), Input("runs-asked", "data"), prevent_initial_call=True
    )


def _said(key: dict[str, str]) -> str:
    return f"{'-' if key['sort'] == 'desc' else ''}{key['colId']}"


PAGE = Page(
    path="/runs",
    nav="Runs",
    order=40,
    layout=layout,
    register=register,
    views={"runs": draw},
    streams={"runs": stream},
)
