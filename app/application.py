"""The application: shell, routes from URLs to pages, and the headers that keep every request on this host."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import dash_mantine_components as dmc
import orjson
from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.components import later, stepped
from app.components.choices import chosen
from app.components.figures import figure_foot, figure_query, figure_source, foot
from app.components.states import page_missing, store_empty, store_unreadable
from app.exports import add_exports
from app.figures.look import DARK, Figure
from app.http.compression import compress
from app.http.guard import Hosts, add_guard
from app.http.repeated import repeat, repeatable
from app.pages import Page, all_pages, streams, views
from app.reader import Reader
from app.views import Draw, NothingToDrawError, drawn
from storage.errors import StoreError
from storage.queries import experiments

if TYPE_CHECKING:
    from flask import Response

    from app.launching.launcher import Launcher
    from storage.reading import Store

NAME = "Deep Learning Theory Lab"
KEPT_SECONDS = 30
"""How long a page may be kept though the store has not changed."""
JSON = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
LAYOUT = 4 * 2**20
"""Bytes that a large page's layout takes; to weigh one would take as long as to make it."""
INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <script src="/assets/theme_first.js"></script>
        {%favicon%}
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>{%config%}{%scripts%}{%renderer%}</footer>
    </body>
</html>"""


def application(store: Store, hosts: Hosts | None = None, launcher: Launcher | None = None) -> Dash:
    read = Reader(store)
    pages = all_pages()
    app = Dash(
        __name__,
        title=NAME,
        update_title="",
        index_string=INDEX,
        assets_ignore="theme_first",
        suppress_callback_exceptions=True,
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = shell(pages)
    add_guard(app.server, hosts)
    if launcher is not None:
        app.server.extensions["launcher"] = launcher
    _register(app, read, pages)
    for page in pages:
        if page.register is not None:
            page.register(app, read)
    add_exports(app.server, read, views(pages), streams(pages))
    repeat(app.server, read)
    compress(app.server)
    _keep_to_this_host(app)
    return app


def shell(pages: tuple[Page, ...]) -> Component:
    """What every page stands in: name, navigation, theme; one Location, and nothing that knows the store."""
    links = [
        dcc.Link(page.nav, href=page.path, id={"type": "nav", "path": page.path}, className="nav-link")
        for page in pages
        if page.nav
    ]
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="dark-partners", data=DARK),
            dcc.Store(id="window-width"),
            html.A("To the page", href="#page", className="skip-link"),
            html.Div(className="busy", **{"aria-hidden": "true"}),
            html.Header(
                [
                    dcc.Link(NAME, href="/", className="lab-name"),
                    html.Nav(links, **{"aria-label": "Pages"}),
                    html.Button("?", type="button", id="show-keys", title="Keys", **{"aria-label": "Keys"}),
                    dmc.ColorSchemeToggle(
                        id="theme",
                        lightIcon=html.Span(className="icon-sun"),
                        darkIcon=html.Span(className="icon-moon"),
                        variant="subtle",
                        color="gray",
                        size="md",
                        **{"aria-label": "Light or dark theme"},
                    ),
                ],
                className="lab-header",
            ),
            html.Div([html.Span(), html.Button("Try again", type="button")], id="trouble", role="alert", hidden=True),
            html.Main(html.P("Loading …", className="quiet arriving"), id="page", className="page"),
            _keys(),
        ],
        defaultColorScheme="auto",
        theme={
            "primaryColor": "blue",
            "primaryShade": 8,
            "fontFamily": "var(--sans)",
            "fontFamilyMonospace": "var(--mono)",
        },
    )


def _keys() -> Component:
    """What the keyboard does; assets/keyboard.js does it, and adds the pages."""
    keys = {
        "/": "search or filter",
        "j": "next experiment, claim, run or snippet",
        "k": "the one before",
        "d": "dark or light",
        "?": "these keys",
    }
    listed = [html.Div([html.Dt(html.Kbd(key)), html.Dd(meaning)]) for key, meaning in keys.items()]
    return html.Dialog(
        html.Form(
            [
                html.H2("Keys", id="keys-title"),
                html.Dl(listed),
                html.Dl(className="key-pages"),
                html.Button("Close", type="submit", formMethod="dialog"),
            ],
        ),
        id="keys",
        **{"aria-labelledby": "keys-title"},
    )


def _register(app: Dash, read: Reader, pages: tuple[Page, ...]) -> None:
    app.callback(Output("page", "children"), Input("url", "pathname"), Input("url", "search"))(
        lambda path, query: route(read, pages, path or "/", query or "")
    )
    app.callback(
        Output(figure_source(MATCH), "data"),
        Output(figure_foot(MATCH), "children"),
        Input({"type": "choice", "panel": MATCH, "key": ALL, "default": ALL}, "value"),
        State(figure_query(MATCH), "data"),
        prevent_initial_call=True,
    )(lambda _values, shown: redraw(read, views(pages), shown))
    later.register(app, read, views(pages))
    stepped.register(app)
    app.clientside_callback(
        ClientsideFunction("lab", "show"),
        Output({"type": "figure", "panel": MATCH}, "figure"),
        Output({"type": "figure", "panel": MATCH}, "style"),
        Input({"type": "figure-source", "panel": MATCH}, "data"),
        Input("theme", "computedColorScheme"),
        Input("window-width", "data"),
        State("dark-partners", "data"),
    )
    app.clientside_callback(ClientsideFunction("lab", "arrive"), Input("page", "children"), State("url", "pathname"))
    app.clientside_callback(
        ClientsideFunction("lab", "remember"),
        Input({"type": "choice", "panel": ALL, "key": ALL, "default": ALL}, "value"),
        State({"type": "choice", "panel": ALL, "key": ALL, "default": ALL}, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("lab", "turn"),
        Output("url", "search"),
        Input({"type": "turn", "panel": ALL, "key": ALL, "default": ALL}, "value"),
        State({"type": "turn", "panel": ALL, "key": ALL, "default": ALL}, "id"),
        prevent_initial_call=True,
    )


def redraw(read: Reader, draws: Mapping[str, Draw], shown: Mapping[str, Any]) -> tuple[Figure, list[Component]]:
    """A panel's figure and foot for the choices as they are now."""
    query = {**shown["fixed"], **chosen(ctx.inputs_list[0])}
    try:
        made = drawn(read, draws[shown["view"]], query)
    except NothingToDrawError:
        raise PreventUpdate from None  # the store no longer holds what the page showed
    repeatable()
    return made.figure, foot(shown["view"], made, query)


def route(read: Reader, pages: tuple[Page, ...], path: str, query: str) -> Any:
    """The layout of the page at this path; a clear page where there is none, or nothing to read."""
    for page in pages:
        found = re.fullmatch(page.pattern, path.rstrip("/") or "/")
        if found is None:
            continue
        arguments = {name: unquote(value) for name, value in found.groupdict().items()}
        asked = dict(parse_qsl(query.removeprefix("?")))
        try:
            if page.needs_store and not read(experiments):
                return store_empty(read.store)
            return _laid_out(read, page, asked, arguments)
        except StoreError as error:
            return store_unreadable(str(error))
    return page_missing(unquote(path))


def _laid_out(read: Reader, page: Page, asked: Mapping[str, str], arguments: Mapping[str, str]) -> Any:
    """The page's layout in JSON's own types, which are sent at once: making it and putting it into JSON takes longest.

    It is kept while the store does not change, but not so long that "2 min ago" would be wrong by more.
    """

    def make() -> Any:
        laid_out = orjson.dumps(page.layout(read, asked, **arguments), default=_described, option=JSON)
        return orjson.loads(laid_out)

    if page.live:
        return make()
    known = (tuple(sorted(asked.items())), tuple(sorted(arguments.items())), time.monotonic() // KEPT_SECONDS)
    return read.kept(page, known, make, heavy=LAYOUT)


def _described(part: object) -> object:
    """What Dash sends of a component, whose children may be components again."""
    if isinstance(part, Component):
        return part.to_plotly_json()
    raise TypeError(f"{part!r} has no place on a page.")


def _keep_to_this_host(app: Dash) -> None:
    """Content-Security-Policy: scripts, styles, images and requests from this server alone, whatever a text says."""
    inline = " ".join(app.csp_hashes())
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {inline}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )

    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    app.server.after_request(protect)
