"""The read-only SQL console: what there is to query, a query, its result as table, chart and files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from app.components.choices import controls, of_panel, settled
from app.components.figures import figure_view
from app.components.fixed import fixed
from app.console import chart
from app.console.examples import examples
from app.console.files import add_files
from app.console.table import pager, result_table, rows_said
from app.pages import Page
from app.reader import Reader
from app.views import Shown
from storage.console.asking import AT_ONCE, VARIABLE
from storage.console.question import QueryError, Question
from storage.console.roles import recipe
from storage.errors import StoreError
from storage.queries.relations import Relation, relations

if TYPE_CHECKING:
    from dash.development.base_component import Component

KINDS = (("runs", "Runs of each experiment"), ("view", "Views of all experiments"), ("table", "Tables"))


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    head = html.Header(
        [
            html.H1("SQL"),
            html.P(
                f"Any one SELECT on the store. Nothing can be changed from here; a query has "
                f"{Question(sql='').seconds:g} s, and {AT_ONCE} run at a time.",
                className="quiet",
            ),
        ],
        className="page-head",
    )
    off = read.answers.console.off()
    if off is not None:
        return html.Div([head, _how_to_turn_on(read, off)])
    sql = query.get("sql", "")
    asked = {**query, "sql": sql, "from": _start(query), "ticket": secrets.token_urlsafe(12), "again": 0}
    return html.Div(
        [
            head,
            html.Div(
                [
                    html.Div([_editor(sql), html.Div(id="sql-result", className="sql-result")], className="sql-main"),
                    html.Aside(
                        [_examples(read), read.kept(_schema, (), lambda: _schema(read))],
                        className="sql-aside",
                        **{"aria-label": "What there is to query"},
                    ),
                ],
                className="sql-page",
            ),
            dcc.Store(id="sql-asked", data=asked),
        ]
    )


def _start(query: Mapping[str, str]) -> int:
    text = query.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _how_to_turn_on(read: Reader, off: str) -> Component:
    statements = read.now(recipe)
    return html.Section(
        [
            html.P(off),
            html.P("A superuser of the server makes such a role, and the views to come are granted to it too:"),
            html.Pre(statements, tabIndex="0", className="sql-code"),
            html.P(
                [
                    "Then serve with ",
                    html.Code(f"{VARIABLE}=postgresql://ROLE:PASSWORD@HOST/DATABASE"),
                    " in the environment. A role that can do more than read is refused.",
                ]
            ),
        ],
        className="prose-like",
    )


def _editor(sql: str) -> Component:
    return html.Div(
        [
            dmc.Textarea(
                id="sql-text",
                label="Query",
                value=sql,
                autosize=True,
                minRows=6,
                maxRows=24,
                spellCheck=False,
                placeholder="SELECT …",
                classNames={"input": "sql-code"},
            ),
            html.Div(
                [
                    dmc.Button("Run", id="sql-run", size="xs", n_clicks=0),
                    dmc.Button("Cancel", id="sql-cancel", size="xs", n_clicks=0, variant="default", disabled=True),
                    html.Span("Ctrl or Cmd and Enter runs it.", className="quiet"),
                    html.Span(id="sql-running", className="quiet", role="status"),
                ],
                className="sql-buttons",
            ),
        ]
    )


def _examples(read: Reader) -> Component:
    known = {relation.name for relation in read(relations)}
    links = [
        html.Li(
            dcc.Link(
                example.need,
                href="/sql?"
                + urlencode({"sql": example.sql, **{f"{chart.PANEL}.{key}": at for key, at in example.chart.items()}}),
            )
        )
        for example in examples(known)
    ]
    return html.Section([html.H2("Examples"), html.Ul(links, className="plain")])


def _schema(read: Reader) -> Component:
    """Every table and view; a press on a name writes it into the query."""
    found = read(relations)
    parts: list[Component] = []
    for kind, title in KINDS:
        named = [relation for relation in found if relation.kind == kind]
        if named:
            parts += [html.H3(title), html.Ul([html.Li(_relation(each)) for each in named], className="plain")]
    find = html.Div(dmc.TextInput(id="sql-find", label="Find a column or view", size="xs"), **{"data-search": "yes"})
    return html.Section([html.H2("Tables and views"), find, fixed(*parts)])


def _relation(relation: Relation) -> Component:
    columns = [
        html.Li(
            [
                _name(column.name),
                " ",
                html.Span(column.type.lower(), className="sql-type"),
                *([" ", html.Span(column.text, className="quiet")] if column.text else []),
            ]
        )
        for column in relation.columns
    ]
    told = [_name(relation.name), " ", html.Span(relation.text, className="quiet")]
    return html.Details(
        [html.Summary(relation.name), html.P(told), html.Ul(columns, className="plain")], className="sql-relation"
    )


def _name(name: str) -> Component:
    return html.Button(name, type="button", className="sql-name", title=f"Write {name} into the query")


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("sql-result", "children"),
        Input("sql-asked", "data"),
        running=[
            (Output("sql-cancel", "disabled"), False, True),
            (Output("sql-running", "children"), "Running …", ""),
        ],
    )
    def result(asked: dict[str, Any]) -> list[Component]:
        return answered(read, asked) if asked["sql"].strip() else []

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("sql-cancel", "n_clicks"),
        Input("sql-cancel", "n_clicks"),
        State("sql-asked", "data"),
        prevent_initial_call=True,
    )
    def cancel(presses: int, asked: dict[str, Any]) -> int:
        read.answers.console.cancel(_ticket(asked))
        return presses

    app.clientside_callback(
        ClientsideFunction("lab_sql", "run"),
        Output("url", "search", allow_duplicate=True),
        Output("sql-asked", "data"),
        Input("sql-run", "n_clicks"),
        State("sql-text", "value"),
        State("sql-asked", "data"),
        prevent_initial_call=True,
    )
    add_files(app.server, read)


def _ticket(asked: Mapping[str, Any]) -> str:
    """Names one asking: the same query asked again is another."""
    return f"{asked['ticket']}.{asked['again']}"


def answered(read: Reader, asked: Mapping[str, Any]) -> list[Component]:
    """Table, files and chart of the answer, or the one sentence that says why there is none."""
    sql, start = str(asked["sql"]), int(asked["from"])
    try:
        answer = read.answers.page(sql, start, _ticket(asked), anew=bool(asked["again"]))
    except (QueryError, StoreError) as error:
        return [html.P(str(error), className="bad", role="alert")]
    files = [
        html.A(name, href=f"/export/sql.{kind}?" + urlencode({"sql": sql}), download=True)
        for name, kind in (("CSV", "csv"), ("Parquet", "parquet"))
    ]
    shown: list[Component] = [
        html.Div(
            [html.P(rows_said(answer, start), className="sql-said", role="status"), pager(answer, start, sql)],
            className="sql-head",
        ),
        result_table(answer, start),
        html.P(
            [
                *files,
                html.Span(
                    "The whole result, each value exactly. A spreadsheet may take a text that begins with "
                    "= + - or @ for a formula: import such columns as text.",
                    className="quiet",
                ),
            ],
            className="exports",
        ),
    ]
    return [*shown, *_chart(read, sql, asked)] if answer.rows else shown


def _chart(read: Reader, sql: str, asked: Mapping[str, Any]) -> list[Component]:
    whole = read.answers.first(sql)
    offered = chart.offers(whole)
    if not offered:
        return [html.P(chart.said_without(whole), className="quiet")]
    chosen = settled(offered, of_panel({key: str(value) for key, value in asked.items()}, chart.PANEL))
    made = chart.drawn_from(whole, sql, chosen)
    shown = Shown(view=chart.VIEW, panel=chart.PANEL, drawn=made, fixed={"sql": sql}, chosen=chosen)
    return [
        html.Section(
            [
                html.H2("Chart"),
                controls(chart.PANEL, offered, chosen),
                figure_view(shown, height=420, label="Chart of the result"),
            ],
            **{"aria-label": "Chart"},
        )
    ]


PAGE = Page(
    path="/sql", live=True, nav="SQL", order=95, layout=layout, register=register, views={chart.VIEW: chart.draw}
)
