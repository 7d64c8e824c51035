"""Metrics against width, or whatever an experiment's size is: how fast, and how fast theory says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, ctx, html
from dash.exceptions import PreventUpdate

from app.components.choices import chosen, controls, settled
from app.components.figures import figure_view
from app.components.states import notice
from app.http.repeated import repeatable
from app.pages import Page
from app.panels import convergence, rates
from app.panels.trends import offers
from app.reader import Reader
from app.views import NothingToDrawError, Shown, drawn

if TYPE_CHECKING:
    from dash.development.base_component import Component

ONLY = ""
"""The panel whose choices stand in the URL by their keys alone."""


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    offered = offers(read, query)
    if not offered:
        return notice("Width convergence", "No experiment of the store has a metric along a size.")
    values = settled(offered, query)
    made = drawn(read, convergence.draw, values)
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Width convergence"),
                    html.P(
                        "Metrics against width, or whatever an experiment's size is, with the slope fitted to them "
                        "beside the slope that theory predicts.",
                        className="quiet",
                    ),
                ],
                className="page-head",
            ),
            controls(ONLY, offered, values),
            figure_view(
                Shown(view=convergence.VIEW, panel=ONLY, drawn=made, fixed={}, chosen=values),
                height=560,
                label="Metrics against size, measured and in theory, and their ratio",
            ),
            html.Section(
                [html.H2("Rates"), html.Div(rates.layout(read, values), id="rates", className="rates")],
                **{"aria-label": "Rates"},
            ),
            rates.every_law(read),
        ]
    )


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("rates", "children"),
        Input({"type": "choice", "panel": ONLY, "key": ALL, "default": ALL}, "value"),
        Input({"type": "turn", "panel": ONLY, "key": ALL, "default": ALL}, "value"),
        prevent_initial_call=True,
    )
    def redraw(_choices: list[Any], _turns: list[Any]) -> list[Component]:
        try:
            laid = rates.layout(read, {**chosen(ctx.inputs_list[0]), **chosen(ctx.inputs_list[1])})
        except NothingToDrawError:
            raise PreventUpdate from None  # the store no longer holds what the page showed
        repeatable()
        return laid


PAGE = Page(
    path="/width-convergence",
    nav="Convergence",
    order=20,
    layout=layout,
    register=register,
    views={**convergence.VIEWS, **rates.VIEWS},
)
