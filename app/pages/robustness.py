"""Robust accuracy against the size of the perturbation, how far points are from the boundary, and the boundary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html
from dash.exceptions import PreventUpdate

from app.components.choices import SEVERAL, chosen, controls, of_panel, settled
from app.components.figures import figure_view
from app.components.states import notice
from app.figures.robustness import HEIGHT
from app.http.repeated import repeatable
from app.pages import Page
from app.panels import nearest, radii, robustness
from app.panels.attacks import chosen_experiments, offers
from app.reader import Reader
from app.views import NothingToDrawError, Query, Shown, drawn

if TYPE_CHECKING:
    from dash.development.base_component import Component

ONLY = ""
"""The panel whose choices stand in the URL by their keys alone."""
CLICKED = ("model", "seed", "norm", "point")
"""What a click on a figure chooses of the boundary."""


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    offered = offers(read, query)
    if not offered:
        return notice("Robustness", "No experiment of the store has curves of robust accuracy.")
    values = settled(offered, query)
    made = drawn(read, robustness.draw, values)
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Robustness"),
                    html.P(robustness.order_said(read, values), id="order", role="status"),
                ],
                className="page-head",
            ),
            controls(ONLY, offered, values),
            figure_view(
                Shown(view=robustness.VIEW, panel=ONLY, drawn=made, fixed={}, chosen=values),
                height=HEIGHT,
                label="Robust accuracy against the size of the perturbation, for each model and method",
            ),
            html.Div(
                [
                    html.Section(
                        [html.H2("Distances to the boundary"), html.Div(_radii(read, values), id="radii")],
                        **{"aria-label": "Distances to the boundary"},
                    ),
                    _boundary(read, query),
                ],
                className="side-by-side",
            ),
        ]
    )


def _radii(read: Reader, values: Query) -> Component:
    try:
        made = drawn(read, radii.draw, values)
    except NothingToDrawError as reason:
        return html.P(str(reason), className="quiet")
    shown = Shown(view=radii.VIEW, panel=radii.VIEW, drawn=made, fixed=dict(values))
    return figure_view(shown, height=520, label="Distribution of the points' distances to the decision boundary")


def _boundary(read: Reader, query: Query) -> Component | None:
    """One run's decision boundary with its own choices; None where no run keeps one."""
    names, _ = chosen_experiments(read, query)
    offered = nearest.at_offers(read, names)
    if not offered:
        return None
    values, fixed = settled(offered, of_panel(query, nearest.AT)), {"experiment": SEVERAL.join(names)}
    try:
        made = drawn(read, nearest.draw_boundary, {**fixed, **values})
    except NothingToDrawError as reason:
        picture: Component = html.P(str(reason), className="quiet")
    else:
        picture = figure_view(
            Shown(view=nearest.BOUNDARY, panel=nearest.AT, drawn=made, fixed=fixed, chosen=values),
            height=520,
            label="The decision boundary of a run, its regions, points and the way from each to the boundary",
        )
    return html.Section(
        [html.H2("On the decision boundary", id="boundary"), controls(nearest.AT, offered, values), picture],
        **{"aria-label": "On the decision boundary"},
    )


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("order", "children"),
        Output("radii", "children"),
        Input({"type": "choice", "panel": ONLY, "key": ALL, "default": ALL}, "value"),
        State({"type": "turn", "panel": ONLY, "key": ALL, "default": ALL}, "value"),
        State("order", "id"),
        prevent_initial_call=True,
    )
    def redraw(_choices: list[Any], _turns: list[Any], _here: str) -> tuple[list[Component | str], Component]:
        query = {**chosen(ctx.inputs_list[0]), **chosen(ctx.states_list[0])}
        try:
            said = robustness.order_said(read, query), _radii(read, query)
        except NothingToDrawError:
            raise PreventUpdate from None  # the store no longer holds what the page showed
        repeatable()
        return said

    app.clientside_callback(
        ClientsideFunction("robustness", "at"),
        *(Output({"type": "choice", "panel": nearest.AT, "key": key, "default": ALL}, "value") for key in CLICKED),
        Input({"type": "figure", "panel": ALL}, "clickData"),  # of those that are there: some models have no distances
        State({"type": "figure", "panel": ALL}, "figure"),
        State({"type": "choice", "panel": nearest.AT, "key": "model", "default": ALL}, "data"),
        prevent_initial_call=True,
    )


PAGE = Page(
    path="/robustness",
    nav="Robustness",
    order=30,
    layout=layout,
    register=register,
    views={**robustness.VIEWS, **radii.VIEWS, **nearest.VIEWS},
)
