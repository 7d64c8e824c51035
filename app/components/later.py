"""Figures that come when they are near: a page is laid out at once, and draws what its reader is about to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from app.components.choices import chosen
from app.components.figures import figure_view
from app.figures.look import figure
from app.http.repeated import repeatable
from app.views import Draw, Drawn, NothingToDrawError, Query, Shown, drawn
from storage.errors import StoreError

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from app.reader import Reader

FOOT = 48
"""Pixels kept for the caption and the line under a figure."""


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """A figure still to come: what a Shown says, without what is drawn; `missing` stands in its place if nothing is."""

    view: str
    panel: str
    fixed: Query
    chosen: Query = field(default_factory=dict)
    follows: str = ""
    height: int = 280
    label: str = ""
    missing: str = ""


def figure_later(awaited: Awaited) -> Component:
    """Room for the figure; later.js asks for it when it is near the window, or nothing else is to be done."""
    return html.Div(
        [
            dcc.Store(id=_id("later-query", awaited.panel), data=dict(vars(awaited))),
            dcc.Store(id=_id("later-near", awaited.panel)),
            html.Div(
                html.Figure(
                    html.Div(className="waiting", style={"minHeight": f"{awaited.height + FOOT}px"}),
                    className="figure",
                    **{"aria-label": awaited.label, "aria-busy": "true"},
                ),
                id=_id("later", awaited.panel),
                className="later",
            ),
        ]
    )


def _id(kind: str, panel: object) -> dict[str, Any]:
    return {"type": kind, "panel": panel}


def register(app: Dash, read: Reader, draws: Mapping[str, Draw]) -> None:
    """Every figure of every page that waits is drawn from its choices as they are when it is near."""
    every: Any = {"type": "choice", "panel": ALL, "key": ALL, "default": ALL}

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output(_id("later", MATCH), "children"),
        Input(_id("later-near", MATCH), "data"),
        State(_id("later-query", MATCH), "data"),
        State(every, "value"),
        State(every, "id"),
        prevent_initial_call=True,
    )
    def arrive(
        near: int | None, asked: dict[str, Any] | None, values: Sequence[object], ids: Sequence[dict[str, str]]
    ) -> Component:
        if not near or asked is None:
            raise PreventUpdate
        return arrived(read, draws, Awaited(**asked), values, ids)

    app.clientside_callback(
        ClientsideFunction("later", "came"), Input(_id("later", ALL), "children"), prevent_initial_call=True
    )


def arrived(
    read: Reader, draws: Mapping[str, Draw], awaited: Awaited, values: Sequence[object], ids: Sequence[dict[str, str]]
) -> Component:
    """The figure for the choices on the page; a sentence where there is nothing to draw."""
    panel = awaited.follows or awaited.panel
    now = chosen(
        [{"id": name, "value": value} for name, value in zip(ids, values, strict=True) if name["panel"] == panel]
    )
    query = {**awaited.chosen, **now}
    try:
        made = drawn(read, draws[awaited.view], {**awaited.fixed, **query})
    except (NothingToDrawError, StoreError) as reason:
        if not awaited.follows:
            return html.P(awaited.missing or str(reason), className="quiet")
        made = nothing_drawn(str(reason))  # other choices may show something here
    else:
        repeatable()
    shown = Shown(
        view=awaited.view,
        panel=awaited.panel,
        drawn=made,
        fixed=awaited.fixed,
        chosen=query,
        follows=awaited.follows,
    )
    return figure_view(shown, height=awaited.height, label=awaited.label)


def nothing_drawn(reason: str) -> Drawn:
    """An empty figure that says why."""
    import pandas as pd

    hidden = {"visible": False}
    return Drawn(figure=figure([], xaxis=hidden, yaxis=hidden), table=pd.DataFrame(), caption=reason)
